package adjoint.onednn;

import adjoint.kernel.Step;
import adjoint.kernel.Step.Convolution.Operand;
import adjoint.kernel.View;

import java.util.Arrays;

/// A convolution in oneDNN's terms: its descriptors list channels before space, whatever lies how in memory.
final class ConvolutionShapes {
    private final Step.Convolution step;
    private final int axes;
    private final int[] x;
    private final int[] w;
    private final int[] y;
    private final long[] after;

    /// @throws IllegalArgumentException if the shapes do not fit each other
    ConvolutionShapes(Step.Convolution step) {
        this.step = step;
        axes = step.stride().length;
        x = step.x().dims();
        w = step.w().dims();
        y = step.y().dims();
        after = new long[axes];
        boolean fits =
                x.length == axes + 2
                        && w.length == axes + 2
                        && y.length == axes + 2
                        && step.before().length == axes
                        && step.dilation().length == axes
                        && step.groups() > 0
                        && x[0] == y[0]
                        && (long) step.groups() * w[axes] == x[axes + 1]
                        && w[axes + 1] == y[axes + 1]
                        && y[axes + 1] % step.groups() == 0;
        if (!fits) {
            throw new IllegalArgumentException(what() + ": these shapes do not fit each other");
        }
        for (int i = 0; i < axes; i++) {
            // Zeros that must stand behind x so that the windows end where it does.
            long reach = (y[i + 1] - 1L) * step.stride()[i] + (w[i] - 1L) * step.dilation()[i] + 1;
            after[i] = reach - x[i + 1] - step.before()[i];
        }
    }

    /// Whether oneDNN knows this padding: it cuts nothing off, but for what a stride leaves over at the end.
    boolean isPossible() {
        for (int i = 0; i < axes; i++) {
            if (step.stride()[i] < 1
                    || step.dilation()[i] < 1
                    || step.before()[i] < 0
                    || after[i] + step.stride()[i] <= 0) {
                return false;
            }
        }
        return true;
    }

    /// For messages.
    String what() {
        return "the convolution %s of x %s, w %s, y %s, %d groups"
                .formatted(
                        step.target(),
                        Arrays.toString(step.x().dims()),
                        Arrays.toString(step.w().dims()),
                        Arrays.toString(step.y().dims()),
                        step.groups());
    }

    /// What a convolution is made of.
    @FunctionalInterface
    interface Assembly<T> {
        /// @param slice of most images
        /// @param last of the last images; the same if there are as many
        /// @param copy of the kernel: into the primitives' layout, or out of it if it is the target
        /// @param add as copy, but adds to what is there
        T of(Primitive slice, Primitive last, Primitive copy, Primitive add);
    }

    /// Makes the primitives. Operands come in the order x, w, y.
    <T> T primitives(DnnlObjects dnnl, int images, int lastImages, Assembly<T> assembly) {
        var made = new Primitive[4];
        long user = describeKernel(dnnl);
        long any = dnnl.describeAny(kernelDims());
        try {
            made[0] = primitive(dnnl, images, any);
            long chosen = made[0].descriptor(1);
            made[1] = images == lastImages ? made[0] : primitive(dnnl, lastImages, chosen);
            boolean out = step.target() == Operand.W;
            made[2] = copy(dnnl, out ? chosen : user, out ? user : chosen, false);
            made[3] = out ? copy(dnnl, chosen, user, true) : made[2];
            return assembly.of(made[0], made[1], made[2], made[3]);
        } catch (RuntimeException | Error e) {
            for (Primitive p : made) {
                if (p != null) {
                    p.close();
                }
            }
            throw e;
        } finally {
            dnnl.destroy("memory_desc", user);
            dnnl.destroy("memory_desc", any);
        }
    }

    private Primitive copy(DnnlObjects dnnl, long from, long to, boolean add) {
        long descriptor = dnnl.reorder(from, to, add);
        try {
            return new Primitive(dnnl, what() + ", its kernel's copy", descriptor, DnnlObjects.SRC, DnnlObjects.DST);
        } finally {
            dnnl.destroy("primitive_desc", descriptor);
        }
    }

    private Primitive primitive(DnnlObjects dnnl, int images, long kernel) {
        var window = new DnnlObjects.Window(longs(step.stride()), dilation(), longs(step.before()), after);
        long in = describeImages(dnnl, images, step.x());
        long out = describeImages(dnnl, images, step.y());
        long forward = 0;
        long chosen = 0;
        try {
            forward = dnnl.forward(in, kernel, out, window);
            chosen =
                    switch (step.target()) {
                        case X -> dnnl.backwardData(in, kernel, out, window, forward);
                        case W -> dnnl.backwardWeights(in, kernel, out, window, forward);
                        case Y -> forward;
                    };
            if (dnnl.implementation(chosen).startsWith("ref")) {
                throw new UnsupportedOperationException(what() + " has only plain loops in oneDNN");
            }
            return switch (step.target()) {
                case X -> new Primitive(dnnl, what(), chosen, DnnlObjects.DIFF_SRC, DnnlObjects.WEIGHTS, DnnlObjects.DIFF_DST);
                case W -> new Primitive(dnnl, what(), chosen, DnnlObjects.SRC, DnnlObjects.DIFF_WEIGHTS, DnnlObjects.DIFF_DST);
                case Y -> new Primitive(dnnl, what(), chosen, DnnlObjects.SRC, DnnlObjects.WEIGHTS, DnnlObjects.DST);
            };
        } finally {
            dnnl.destroy("memory_desc", in);
            dnnl.destroy("memory_desc", out);
            dnnl.destroy("primitive_desc", forward);
            dnnl.destroy("primitive_desc", chosen == forward ? 0 : chosen);
        }
    }

    private long[] dilation() {
        return Arrays.stream(step.dilation()).mapToLong(d -> d - 1L).toArray(); // oneDNN counts the gaps
    }

    private static long[] longs(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }

    // [N, space…, C] in memory is named (N, C, space…).
    private long describeImages(DnnlObjects dnnl, int images, View view) {
        long[] dims = channelsFirst(longs(view.dims()));
        dims[0] = images;
        return dnnl.describe(dims, channelsFirst(View.denseStrides(view.dims())));
    }

    private static long[] channelsFirst(long[] of) {
        var moved = new long[of.length];
        moved[0] = of[0];
        moved[1] = of[of.length - 1];
        System.arraycopy(of, 1, moved, 2, of.length - 2);
        return moved;
    }

    // (K, C, r…), or (G, K, C, r…).
    private long[] kernelDims() {
        return kernelOrder(step.groups(), w[axes + 1] / step.groups(), w[axes], longs(w));
    }

    // [r…, C, G K] in memory.
    private long describeKernel(DnnlObjects dnnl) {
        return dnnl.describe(
                kernelDims(), kernelOrder(w[axes + 1] / step.groups(), 1, w[axes + 1], View.denseStrides(w)));
    }

    private long[] kernelOrder(long group, long k, long c, long[] space) {
        int lead = step.groups() > 1 ? 1 : 0;
        var order = new long[axes + 2 + lead];
        order[0] = group;
        order[lead] = k;
        order[lead + 1] = c;
        System.arraycopy(space, 0, order, lead + 2, axes);
        return order;
    }
}
