package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// Moves the elements of a tile between strided memory of any type and a block of floats.
final class BlockTransfer {
    private static final int SHORT_RUN = 16; // below, a loop beats a call to copy memory

    private BlockTransfer() {}

    /// Fills a block with a tile of a view: `extent` entries of the split axis, the axes inside it whole; of a narrow
    /// one, one number for each row.
    static void load(
            BlockSpace space,
            int view,
            boolean narrow,
            DType type,
            MemorySegment from,
            long at,
            int extent,
            MemorySegment to,
            long start) {
        load(dims(space, narrow), space.strides[view], space.split, extent, type, from, at, to, start);
    }

    private static int[] dims(BlockSpace space, boolean narrow) {
        return narrow ? space.narrowDims : space.dims;
    }

    /// Writes a block to a tile of a view.
    static void store(
            BlockSpace space,
            int view,
            boolean narrow,
            DType type,
            MemorySegment from,
            long start,
            MemorySegment to,
            long at,
            int extent) {
        store(dims(space, narrow), space.strides[view], space.split, extent, type, from, start, to, at);
    }

    private static long load(
            int[] dims,
            long[] strides,
            int axis,
            int extent,
            DType type,
            MemorySegment from,
            long at,
            MemorySegment to,
            long start) {
        long stride = strides[axis] * type.bytes();
        if (axis == dims.length - 1) {
            loadRun(type, from, at, stride, to, start, extent);
            return start + 4L * extent;
        }
        if (stride == 0 && extent > 1) { // a bias: once, then in ever longer pieces
            long length = load(dims, strides, axis + 1, dims[axis + 1], type, from, at, to, start) - start;
            return repeat(to, start, length, extent);
        }
        long next = start;
        for (int i = 0; i < extent; i++) {
            next = load(dims, strides, axis + 1, dims[axis + 1], type, from, at + i * stride, to, next);
        }
        return next;
    }

    private static long repeat(MemorySegment block, long start, long length, int times) {
        long total = length * times;
        for (long done = length; done < total; done *= 2) {
            MemorySegment.copy(block, start, block, start + done, Math.min(done, total - done));
        }
        return start + total;
    }

    private static long store(
            int[] dims,
            long[] strides,
            int axis,
            int extent,
            DType type,
            MemorySegment from,
            long start,
            MemorySegment to,
            long at) {
        long stride = strides[axis] * type.bytes();
        if (axis == dims.length - 1) {
            storeRun(type, from, start, to, at, stride, extent);
            return start + 4L * extent;
        }
        long next = start;
        for (int i = 0; i < extent; i++) {
            next = store(dims, strides, axis + 1, dims[axis + 1], type, from, next, to, at + i * stride);
        }
        return next;
    }

    private static void loadRun(
            DType type, MemorySegment from, long at, long stride, MemorySegment to, long start, int n) {
        if (stride == 0) {
            fill((float) Elements.get(from, type, at), to, start, n);
            return;
        }
        switch (type) {
            case FLOAT32 -> {
                if (stride == Float.BYTES && n >= SHORT_RUN) {
                    MemorySegment.copy(from, at, to, start, 4L * n);
                    return;
                }
                for (int i = 0; i < n; i++) {
                    to.set(Elements.FLOAT, start + 4L * i, from.get(Elements.FLOAT, at + i * stride));
                }
            }
            case BOOL -> {
                for (int i = 0; i < n; i++) {
                    to.set(Elements.FLOAT, start + 4L * i, from.get(Elements.BYTE, at + i * stride) != 0 ? 1f : 0f);
                }
            }
            case INT32 -> {
                for (int i = 0; i < n; i++) {
                    to.set(Elements.FLOAT, start + 4L * i, from.get(Elements.INT, at + i * stride));
                }
            }
            case INT64 -> {
                for (int i = 0; i < n; i++) {
                    to.set(Elements.FLOAT, start + 4L * i, from.get(Elements.LONG, at + i * stride));
                }
            }
            case FLOAT64 -> {
                for (int i = 0; i < n; i++) {
                    to.set(Elements.FLOAT, start + 4L * i, (float) from.get(Elements.DOUBLE, at + i * stride));
                }
            }
        }
    }

    private static void storeRun(
            DType type, MemorySegment from, long start, MemorySegment to, long at, long stride, int n) {
        switch (type) {
            case FLOAT32 -> {
                if (stride == Float.BYTES && n >= SHORT_RUN) {
                    MemorySegment.copy(from, start, to, at, 4L * n);
                    return;
                }
                for (int i = 0; i < n; i++) {
                    to.set(Elements.FLOAT, at + i * stride, from.get(Elements.FLOAT, start + 4L * i));
                }
            }
            case BOOL -> {
                for (int i = 0; i < n; i++) {
                    byte truth = (byte) (from.get(Elements.FLOAT, start + 4L * i) != 0 ? 1 : 0);
                    to.set(Elements.BYTE, at + i * stride, truth);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    Elements.set(to, type, at + i * stride, from.get(Elements.FLOAT, start + 4L * i));
                }
            }
        }
    }

    /// Sets a run of floats.
    static void fill(float value, MemorySegment to, long start, int n) {
        for (int i = 0; i < n; i++) {
            to.set(Elements.FLOAT, start + 4L * i, value);
        }
    }
}
