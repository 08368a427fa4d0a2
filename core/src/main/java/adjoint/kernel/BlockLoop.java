package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// One innermost loop of [BlockKernel], over blocks of contiguous floats at byte offsets of off-heap segments. A
/// target block may be one of the source blocks, exactly.
///
/// A loop is an object, called where many kinds of them come by, so that each is compiled by itself: a compiler that
/// inlines dozens of vector loops into one method optimises none of them (measured: six times slower).
interface BlockLoop {
    /// Computes `n` elements, a multiple of [BlockLoops#lanes()]; operands beyond the opcode's arity are ignored.
    void run(
            MemorySegment a,
            long ao,
            MemorySegment b,
            long bo,
            MemorySegment c,
            long co,
            MemorySegment t,
            long to,
            int n);

    /// A loop of one operand.
    interface Unary extends BlockLoop {
        /// Computes `n` elements.
        void run(MemorySegment a, long ao, MemorySegment t, long to, int n);

        @Override
        default void run(
                MemorySegment a,
                long ao,
                MemorySegment b,
                long bo,
                MemorySegment c,
                long co,
                MemorySegment t,
                long to,
                int n) {
            run(a, ao, t, to, n);
        }
    }

    /// A loop of two operands.
    interface Binary extends BlockLoop {
        /// Computes `n` elements.
        void run(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment t, long to, int n);

        @Override
        default void run(
                MemorySegment a,
                long ao,
                MemorySegment b,
                long bo,
                MemorySegment c,
                long co,
                MemorySegment t,
                long to,
                int n) {
            run(a, ao, b, bo, t, to, n);
        }
    }

    /// A loop of a block and one number.
    interface WithNumber {
        /// Computes `n` elements.
        void run(MemorySegment a, long ao, float b, MemorySegment t, long to, int n);
    }
}
