package adjoint.kernel;

/// Where a step finds an operand: a strided window on one slot of a plan's memory.
///
/// @param slot index into [Memory]: 0 is the plan's arena, the others are what the run was given
/// @param offset bytes from the start of the slot to the first element
/// @param type the element type in memory
/// @param dims the extent of each axis
/// @param strides elements from one entry to the next along each axis; 0 repeats, negative runs backwards
public record View(int slot, long offset, DType type, int[] dims, long[] strides) {
    /// A dense view in row-major order.
    public static View dense(int slot, long offset, DType type, int... dims) {
        return new View(slot, offset, type, dims, denseStrides(dims));
    }

    /// The strides of a dense row-major array of these extents.
    public static long[] denseStrides(int... dims) {
        var strides = new long[dims.length];
        long stride = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= dims[i];
        }
        return strides;
    }

    /// Elements from the first one to where the `index`-th part begins, counted in row-major order over first axes of these extents.
    public long offset(int[] first, long index) {
        long elements = 0;
        long rest = index;
        for (int i = first.length - 1; i >= 0; i--) {
            elements += rest % first[i] * strides[i];
            rest /= first[i];
        }
        return elements;
    }

    /// The number of elements.
    public long size() {
        long size = 1;
        for (int d : dims) {
            size *= d;
        }
        return size;
    }

    /// True if the elements follow each other without gaps, in row-major order.
    public boolean isDense() {
        long expected = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            if (dims[i] != 1 && strides[i] != expected) {
                return false;
            }
            expected *= dims[i];
        }
        return true;
    }
}
