package adjoint.onednn;

import adjoint.kernel.DType;
import adjoint.kernel.Kernel;
import adjoint.kernel.Memory;
import adjoint.kernel.Step;
import adjoint.kernel.Step.Convolution.Operand;
import adjoint.kernel.Team;
import adjoint.kernel.View;

import java.lang.ref.Reference;

/// [Step.Convolution] with one or two spatial axes on oneDNN's convolution primitives.
///
/// The user's images are read and written where they lie, channels last. The kernel `[r…, C, G K]` is copied into the layout
/// that the primitive prefers; the copy lies in the scratch memory.
///
/// The batch is cut into slices as the shape alone demands, and a slice is a task, on one thread. For the kernel's adjoint, each
/// slice makes a sum of its own in the scratch memory; they are added one after the other, so the bits are the same for any
/// team.
final class NativeConvolution implements Kernel {
    private static final int F = Float.BYTES;
    private static final int LINE = 64;

    /// Floating-point operations below which the calls cost more than they gain.
    private static final long FEWEST = 100_000;

    /// Floating-point operations that are worth a task of their own.
    private static final long TASK_FLOPS = 8_000_000;

    private static final int MOST_SLICES = 16;

    /// Bytes that the slices' kernel adjoints may take together, beyond two of them.
    private static final long PARTIAL_BYTES = 16 << 20;

    private final Step.Convolution step;
    private final Natives natives;
    private final Span x;
    private final Span w;
    private final Span y;
    private final int slices;
    private final int sliceImages;
    private final long xSliceBytes;
    private final long ySliceBytes;
    private final long kernelBytes;
    private final long callBytes;

    /// What must be freed: the primitive of a slice, that of the last one if it is shorter, and the copies of the kernel.
    private record Natives(Primitive slice, Primitive last, Primitive copy, Primitive add) implements Runnable {
        @Override
        public void run() {
            for (Primitive p : new Primitive[] {slice, last, copy, add}) {
                if (p != null) {
                    p.close();
                }
            }
        }
    }

    /// The convolution ready to run, or null if it is for others: too small, or not possible at all.
    static Kernel prepare(Dnnl dnnl, Step.Convolution step) {
        return step.flops() >= FEWEST ? of(dnnl, step) : null;
    }

    /// The convolution whatever its size, or null if it is impossible: of another type, empty, of three or more spatial axes, or
    /// with a cut or padding that oneDNN does not know.
    ///
    /// @throws IllegalArgumentException if the shapes do not fit each other
    static NativeConvolution of(Dnnl dnnl, Step.Convolution step) {
        int axes = step.stride().length;
        if (axes < 1 || axes > 2) {
            return null;
        }
        for (View view : new View[] {step.x(), step.w(), step.y()}) {
            if (view.type() != DType.FLOAT32 || !view.isDense() || view.size() == 0) {
                return null;
            }
        }
        var shapes = new ConvolutionShapes(step);
        return shapes.isPossible() ? new NativeConvolution(dnnl, step, shapes) : null;
    }

    private NativeConvolution(Dnnl dnnl, Step.Convolution step, ConvolutionShapes shapes) {
        this.step = step;
        x = new Span(step.x());
        w = new Span(step.w());
        y = new Span(step.y());
        int images = step.x().dims()[0];
        long most = Math.clamp(step.flops() / TASK_FLOPS, 1, MOST_SLICES);
        if (step.target() == Operand.W) {
            most = Math.clamp(PARTIAL_BYTES / (step.w().size() * F), Math.min(2, most), most);
        }
        sliceImages = Math.toIntExact(Math.ceilDiv(images, most));
        slices = Math.ceilDiv(images, sliceImages);
        int lastImages = images - (slices - 1) * sliceImages;
        xSliceBytes = step.x().size() / images * sliceImages * F;
        ySliceBytes = step.y().size() / images * sliceImages * F;

        int threads = dnnl.workAlone();
        try {
            natives = shapes.primitives(dnnl.objects(), sliceImages, lastImages, Natives::new);
        } finally {
            dnnl.workWith(threads);
        }
        kernelBytes = aligned(natives.slice.bytes(1));
        callBytes =
                Math.max(
                        natives.slice.scratchBytes(),
                        Math.max(
                                natives.last.scratchBytes(),
                                Math.max(natives.copy.scratchBytes(), natives.add.scratchBytes())));
        dnnl.cleaner().register(this, natives);
    }

    private static long aligned(long bytes) {
        return Math.ceilDiv(bytes, LINE) * LINE;
    }

    // The kernel's copy, or its adjoint for each slice; then what each call needs; and what aligning may take.
    @Override
    public long scratchBytes() {
        return (step.target() == Operand.W ? slices : 1) * kernelBytes + slices * callBytes + LINE;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        long xs = x.address(memory, step.target() == Operand.X);
        long ws = w.address(memory, step.target() == Operand.W);
        long ys = y.address(memory, step.target() == Operand.Y);
        long own = Span.scratch(memory, scratch, scratchBytes() - LINE, LINE);
        try {
            if (step.target() == Operand.W) {
                kernelAdjoint(xs, ws, ys, own, team);
            } else {
                natives.copy.execute(own + kernelBytes, ws, own, 0);
                team.run(
                        slices,
                        slice ->
                                primitive(slice)
                                        .execute(
                                                own + kernelBytes + slice * callBytes,
                                                xs + slice * xSliceBytes,
                                                own,
                                                ys + slice * ySliceBytes));
            }
        } finally {
            Reference.reachabilityFence(memory);
            Reference.reachabilityFence(this); // or else the natives could be freed under way
        }
    }

    private void kernelAdjoint(long xs, long ws, long ys, long own, Team team) {
        long calls = own + slices * kernelBytes;
        team.run(
                slices,
                slice ->
                        primitive(slice)
                                .execute(
                                        calls + slice * callBytes,
                                        xs + slice * xSliceBytes,
                                        own + slice * kernelBytes,
                                        ys + slice * ySliceBytes));
        natives.copy.execute(calls, own, ws, 0);
        for (int slice = 1; slice < slices; slice++) {
            natives.add.execute(calls, own + slice * kernelBytes, ws, 0);
        }
    }

    private Primitive primitive(int slice) {
        return slice == slices - 1 ? natives.last : natives.slice;
    }
}
