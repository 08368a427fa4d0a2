package adjoint.kernel;

import static adjoint.kernel.VectorConvolutionTiles.ROWS;
import static adjoint.kernel.VectorConvolutionTiles.VECTORS;
import static adjoint.kernel.VectorProductTiles.FLOAT;
import static adjoint.kernel.VectorProductTiles.LANES;

import java.lang.foreign.MemorySegment;

/// Convolutions of floats over one or two spatial axes on the Vector API, and their adjoints with respect to the input,
/// which are convolutions of y with the kernel turned around.
///
/// The kernel is packed once into panels of one or two vectors of target channels. A task takes some rows of one image,
/// copies what they read with the zeros around it ([PaddedPlane]), and multiplies it with all panels, tile by tile
/// ([VectorConvolutionTiles]).
final class VectorConvolution implements Kernel {
    private static final int F = Float.BYTES;

    /// The most terms of a sum that are added in registers: a panel of so many rows stays in the first cache.
    private static final int DEPTH = 256;

    /// Rows copied at once shall stay in the second cache.
    static final long BAND_BYTES = 192 << 10;

    private final View source;
    private final View kernel;
    private final View target;
    private final boolean adjoint;
    private final Workspaces workspaces;
    private final PaddedPlane plane;
    private final int images;
    private final int groups;
    private final int terms; // source channels in a group
    private final int columns; // target channels in a group
    private final int vectors; // that hold them
    private final long sourceImage; // bytes
    private final long targetImage;
    private final int rows; // window positions that a task takes
    private final int bands;
    private final Phase[] phases;
    private final long packedBytes;

    /// Target positions that see the same taps.
    private record Phase(
            ConvolutionAxis rows,
            ConvolutionAxis columns,
            int[] from,
            int[] to,
            int[] steps,
            long packed,
            int rowStep) {
        int depth() {
            return steps.length;
        }
    }

    /// The fastest kernel for the step: this one, one of its relatives, or the reference.
    static Kernel prepare(Step.Convolution step, Workspaces workspaces) {
        if (WinogradTiles.take(step)) {
            return step.target() == Step.Convolution.Operand.W
                    ? new WinogradKernelAdjoint(step, workspaces)
                    : new WinogradConvolution(step, workspaces);
        }
        var shape = ConvolutionShape.of(step);
        if (shape == null || !shape.fitsInts()) {
            return new ReferenceConvolution(step);
        }
        if (shape.isDepthwise()) {
            return new VectorDepthwise(step, shape);
        }
        return step.target() == Step.Convolution.Operand.W
                ? new VectorKernelAdjoint(step, shape, workspaces)
                : new VectorConvolution(step, shape, workspaces);
    }

    private VectorConvolution(Step.Convolution step, ConvolutionShape s, Workspaces workspaces) {
        this.adjoint = step.target() == Step.Convolution.Operand.X;
        this.source = adjoint ? step.y() : step.x();
        this.kernel = step.w();
        this.target = step.targets().getFirst();
        this.workspaces = workspaces;
        this.images = s.images();
        this.groups = s.groups();
        this.terms = adjoint ? s.k() : s.c();
        this.columns = adjoint ? s.c() : s.k();
        this.vectors = Math.ceilDiv(columns, LANES);
        ConvolutionAxis[] down = adjoint ? s.rowsBack() : s.rows();
        ConvolutionAxis[] along = adjoint ? s.columnsBack() : s.columns();
        int height = adjoint ? s.outHeight() : s.height();
        int width = adjoint ? s.outWidth() : s.width();
        int goalHeight = adjoint ? s.height() : s.outHeight();
        int goalWidth = adjoint ? s.width() : s.outWidth();
        this.plane = PaddedPlane.of(height, width, groups * terms, down, along);
        this.sourceImage = (long) height * width * groups * terms * F;
        this.targetImage = (long) goalHeight * goalWidth * groups * columns * F;
        int most = ConvolutionAxis.longest(down);
        int fitting = 1;
        while (fitting < most && plane.bytes(fitting + 1) <= BAND_BYTES) {
            fitting++;
        }
        this.bands = Math.ceilDiv(most, fitting);
        this.rows = Math.ceilDiv(most, Math.max(1, bands));
        this.phases = new Phase[down.length * along.length];
        long packed = 0;
        for (int i = 0; i < phases.length; i++) {
            phases[i] = phase(down[i / along.length], along[i % along.length], goalWidth, packed);
            packed += (long) groups * vectors * phases[i].depth() * LANES * F;
        }
        this.packedBytes = packed;
    }

    private Phase phase(ConvolutionAxis down, ConvolutionAxis along, int goalWidth, long packed) {
        int[] steps = new int[down.taps().length * along.taps().length * terms];
        int n = 0;
        for (int row : down.shifts()) {
            for (int column : along.shifts()) {
                for (int c = 0; c < terms; c++) {
                    steps[n++] = (int) plane.offset(row, column, 0) + c * F;
                }
            }
        }
        int positions = Math.min(rows, down.count());
        int[] from = new int[positions * along.count()];
        int[] to = new int[from.length];
        int goalPixel = groups * columns * F;
        for (int i = 0; i < from.length; i++) {
            int row = i / along.count();
            int column = i % along.count();
            from[i] = (row * down.stride() * plane.paddedWidth() + column * along.stride()) * groups * terms * F;
            to[i] = (row * down.step() * goalWidth + column * along.step()) * goalPixel;
        }
        return new Phase(down, along, from, to, steps, packed, down.step() * goalWidth * goalPixel);
    }

    @Override
    public long scratchBytes() {
        return packedBytes;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        if (target.size() == 0) {
            return;
        }
        team.run(phases.length * groups, i -> pack(memory, scratch, phases[i / groups], i % groups));
        team.run(
                images * bands,
                task -> {
                    var workspace = workspaces.take(plane.bytes(rows) + (long) ROWS * VECTORS * LANES * F);
                    try {
                        band(memory, scratch, workspace, task / bands, task % bands);
                    } finally {
                        workspaces.give(workspace);
                    }
                });
    }

    // Row (tap, source channel) of a group's matrix holds the weights to all its target channels, in panels.
    private void pack(Memory memory, long scratch, Phase phase, int group) {
        MemorySegment from = memory.slot(kernel.slot());
        MemorySegment to = memory.slot(0);
        int kernelWidth = kernel.dims()[kernel.dims().length - 3];
        int c = kernel.dims()[kernel.dims().length - 2];
        int outputs = kernel.dims()[kernel.dims().length - 1];
        int row = 0;
        for (int down : phase.rows.taps()) {
            for (int along : phase.columns.taps()) {
                long tap = kernel.offset() + ((long) down * kernelWidth + along) * c * outputs * F;
                for (int term = 0; term < terms; term++, row++) {
                    // Of w[r, c, group K + k]: a row of k, or a column of c.
                    long first = adjoint ? group * (long) terms + term : (long) term * outputs + group * columns;
                    long step = adjoint ? outputs : 1;
                    for (int panel = 0; panel < vectors; panel += VECTORS) {
                        int width = Math.min(VECTORS, vectors - panel) * LANES;
                        long at = scratch + panel(phase, group, panel) + (long) row * width * F;
                        for (int j = 0; j < width; j++) {
                            int column = panel * LANES + j;
                            float weight = column < columns ? from.get(FLOAT, tap + (first + column * step) * F) : 0;
                            to.set(FLOAT, at + (long) j * F, weight);
                        }
                    }
                }
            }
        }
    }

    private long panel(Phase phase, int group, int firstVector) {
        return phase.packed + ((long) group * vectors + firstVector) * phase.depth() * LANES * F;
    }

    private void band(Memory memory, long scratch, MemorySegment workspace, int image, int band) {
        int first = band * rows;
        int positions = Math.min(rows, phases[0].rows.count() - first); // no phase has more than the first
        long from = source.offset() + image * sourceImage;
        plane.copy(memory.slot(source.slot()), from, first, positions, workspace, 0);
        for (Phase phase : phases) {
            int pixels = Math.min(rows, phase.rows.count() - first) * phase.columns.count();
            if (pixels <= 0) {
                continue;
            }
            long goal =
                    target.offset()
                            + image * targetImage
                            + (long) first * phase.rowStep
                            + ((long) phase.rows.first() * phase.rowStep / phase.rows.step())
                            + (long) phase.columns.first() * groups * columns * F;
            for (int group = 0; group < groups; group++) {
                multiply(memory, scratch, workspace, phase, group, pixels, goal + (long) group * columns * F);
            }
        }
    }

    private void multiply(
            Memory memory, long scratch, MemorySegment workspace, Phase phase, int group, int pixels, long goal) {
        MemorySegment packed = memory.slot(0);
        MemorySegment to = memory.slot(target.slot());
        long from = (long) group * terms * F;
        int depth = phase.depth();
        int blocks = Math.max(1, Math.ceilDiv(depth, DEPTH));
        for (int panel = 0; panel < vectors; panel += VECTORS) {
            int width = Math.min(VECTORS, vectors - panel);
            int valid = Math.min(width * LANES, columns - panel * LANES);
            int stepB = width * LANES * F;
            long at = goal + (long) panel * LANES * F;
            for (int block = 0; block < blocks; block++) {
                int start = (int) ((long) depth * block / blocks);
                int terms = (int) ((long) depth * (block + 1) / blocks) - start;
                long b = scratch + panel(phase, group, panel) + (long) start * stepB;
                if (valid == width * LANES) {
                    for (int i = 0; i < pixels; i += ROWS) {
                        VectorConvolutionTiles.tile(
                                width,
                                terms,
                                workspace,
                                from,
                                phase.from,
                                phase.steps,
                                start,
                                packed,
                                b,
                                stepB,
                                to,
                                at,
                                phase.to,
                                i,
                                Math.min(i + ROWS, pixels) - 1,
                                block > 0);
                    }
                } else {
                    VectorTail.tiles(
                            width,
                            terms,
                            workspace,
                            from,
                            phase.from,
                            phase.steps,
                            start,
                            packed,
                            b,
                            stepB,
                            to,
                            at,
                            phase.to,
                            pixels,
                            valid,
                            block > 0,
                            workspace,
                            plane.bytes(rows));
                }
            }
        }
    }
}
