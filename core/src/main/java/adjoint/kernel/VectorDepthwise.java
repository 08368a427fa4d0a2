package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ORDER;
import static adjoint.kernel.VectorProductTiles.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

import java.lang.foreign.MemorySegment;

/// Depthwise convolutions of floats and their adjoints on the Vector API: each channel is convolved for itself, so that
/// vectors run over channels.
final class VectorDepthwise implements Kernel {
    private static final int F = Float.BYTES;
    private static final long TASK_FLOPS = 2_000_000;
    private static final int MOST_TASKS = 16;

    private final Step.Convolution step;
    private final ConvolutionShape shape;
    private final int channels;
    private final PartialSums sums;

    VectorDepthwise(Step.Convolution step, ConvolutionShape shape) {
        this.step = step;
        this.shape = shape;
        this.channels = shape.groups();
        long tasks = Math.clamp(step.flops() / TASK_FLOPS, 1, Math.min(MOST_TASKS, shape.images()));
        this.sums = new PartialSums(step.w(), Math.toIntExact(step.w().size()), (int) tasks);
    }

    @Override
    public long scratchBytes() {
        return step.target() == Step.Convolution.Operand.W ? sums.bytes() : 0;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        switch (step.target()) {
            case Y ->
                    team.run(
                            shape.images() * shape.outHeight(),
                            i -> row(memory, step.x(), step.y(), i, shape.rows(), shape.columns()));
            case X ->
                    team.run(
                            shape.images() * shape.height(),
                            i -> row(memory, step.y(), step.x(), i, shape.rowsBack(), shape.columnsBack()));
            case W -> {
                team.run(sums.parts(), part -> weights(memory, scratch, part));
                sums.add(memory, scratch, team);
            }
        }
    }

    // One row of pixels of the target.
    private void row(
            Memory memory, View source, View target, int task, ConvolutionAxis[] down, ConvolutionAxis[] along) {
        boolean back = step.target() == Step.Convolution.Operand.X;
        int height = back ? shape.outHeight() : shape.height();
        int width = back ? shape.outWidth() : shape.width();
        int goalHeight = back ? shape.height() : shape.outHeight();
        int goalWidth = back ? shape.width() : shape.outWidth();
        int image = task / goalHeight;
        int row = task % goalHeight;
        ConvolutionAxis r = down[row % down.length];
        int sourceRow = row / down.length * r.stride();
        int taps = shape.kernelHeight() * shape.kernelWidth();
        var from = new int[taps];
        var weight = new int[taps];
        for (int column = 0; column < goalWidth; column++) {
            ConvolutionAxis c = along[column % along.length];
            int sourceColumn = column / along.length * c.stride();
            int n = 0;
            for (int i = 0; i < r.taps().length; i++) {
                int y = sourceRow + r.shifts()[i];
                for (int j = 0; j < c.taps().length; j++) {
                    int x = sourceColumn + c.shifts()[j];
                    if (y >= 0 && y < height && x >= 0 && x < width) {
                        from[n] = (y * width + x) * channels * F;
                        weight[n++] = (r.taps()[i] * shape.kernelWidth() + c.taps()[j]) * channels * F;
                    }
                }
            }
            pixel(
                    n,
                    channels,
                    memory.slot(source.slot()),
                    source.offset() + (long) image * height * width * channels * F,
                    from,
                    memory.slot(step.w().slot()),
                    step.w().offset(),
                    weight,
                    memory.slot(target.slot()),
                    target.offset() + ((long) task * goalWidth + column) * channels * F);
        }
    }

    private static void pixel(
            int taps,
            int channels,
            MemorySegment a,
            long a0,
            int[] from,
            MemorySegment w,
            long w0,
            int[] weight,
            MemorySegment t,
            long t0) {
        for (int c = 0; c < channels; c += LANES) {
            var mask = SPECIES.indexInRange(c, channels);
            long at = (long) c * F;
            var sum = FloatVector.zero(SPECIES);
            for (int i = 0; i < taps; i++) {
                sum = load(a, a0 + from[i] + at, mask).fma(load(w, w0 + weight[i] + at, mask), sum);
            }
            sum.intoMemorySegment(t, t0 + at, ORDER, mask);
        }
    }

    private static FloatVector load(MemorySegment memory, long offset, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(SPECIES, memory, offset, ORDER, mask);
    }

    private void weights(Memory memory, long scratch, int part) {
        int fromImage = (int) ((long) shape.images() * part / sums.parts());
        int toImage = (int) ((long) shape.images() * (part + 1) / sums.parts());
        ConvolutionAxis down = shape.rows()[0];
        ConvolutionAxis along = shape.columns()[0];
        for (int n = fromImage; n < toImage; n++) {
            for (int tap = 0; tap < shape.kernelHeight() * shape.kernelWidth(); tap++) {
                int shiftDown = down.shifts()[tap / shape.kernelWidth()];
                int shift = along.shifts()[tap % shape.kernelWidth()];
                // The output columns whose window element lies inside.
                int first = Math.clamp(Math.ceilDiv(-(long) shift, along.stride()), 0, along.count());
                int end = Math.clamp(Math.ceilDiv((long) shape.width() - shift, along.stride()), first, along.count());
                int firstDown = Math.clamp(Math.ceilDiv(-(long) shiftDown, down.stride()), 0, down.count());
                int endDown =
                        Math.clamp(
                                Math.ceilDiv((long) shape.height() - shiftDown, down.stride()),
                                firstDown,
                                down.count());
                long x =
                        step.x().offset()
                                + (((long) n * shape.height() + firstDown * (long) down.stride() + shiftDown)
                                                        * shape.width()
                                                + first * (long) along.stride()
                                                + shift)
                                        * channels
                                        * F;
                long y =
                        step.y().offset()
                                + (((long) n * shape.outHeight() + firstDown) * shape.outWidth() + first)
                                        * channels
                                        * F;
                tap(
                        endDown - firstDown,
                        end - first,
                        channels,
                        memory.slot(step.x().slot()),
                        x,
                        down.stride() * shape.width() * channels * F,
                        along.stride() * channels * F,
                        memory.slot(step.y().slot()),
                        y,
                        shape.outWidth() * channels * F,
                        sums.memory(memory),
                        sums.offset(scratch, part) + (long) tap * channels * F,
                        n > fromImage);
            }
        }
    }

    // Σ over some rows and columns of pixels of x · y, for each channel.
    private static void tap(
            int rows,
            int columns,
            int channels,
            MemorySegment x,
            long x0,
            int rowX,
            int stepX,
            MemorySegment y,
            long y0,
            int rowY,
            MemorySegment t,
            long t0,
            boolean add) {
        int stepY = channels * F;
        for (int c = 0; c < channels; c += LANES) {
            var mask = SPECIES.indexInRange(c, channels);
            long at = (long) c * F;
            var sum = add ? load(t, t0 + at, mask) : FloatVector.zero(SPECIES);
            for (int i = 0; i < rows; i++) {
                long xRow = x0 + at + (long) i * rowX;
                long yRow = y0 + at + (long) i * rowY;
                for (int j = 0; j < columns; j++) {
                    sum = load(x, xRow + (long) j * stepX, mask).fma(load(y, yRow + (long) j * stepY, mask), sum);
                }
            }
            sum.intoMemorySegment(t, t0 + at, ORDER, mask);
        }
    }
}
