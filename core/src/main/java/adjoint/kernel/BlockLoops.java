package adjoint.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Supplier;

/// The innermost loops of [BlockKernel], with or without the Vector API.
interface BlockLoops {
    /// Elementwise loops get a number of elements that is a multiple of this.
    int lanes();

    /// The loop of an opcode, of any but `CONSTANT`.
    BlockLoop loop(Opcode opcode);

    /// The loop of a binary opcode of a block and a number, if there is one; with `first`, the number is the first
    /// argument.
    Optional<BlockLoop.WithNumber> loopWithNumber(Opcode opcode, boolean first);

    /// All of a run brought together; any number of elements from 1.
    float reduce(BlockProgram.Kind kind, MemorySegment a, long ao, int n);

    /// Numbers spread over rows: `target[i, j] = a[i]`.
    void spread(MemorySegment a, long ao, int rows, int columns, MemorySegment target, long to);

    /// The rows of a matrix brought together: `target[j] = Σ_i a[i, j]`. The target has room for half of the matrix.
    void reduceRows(
            BlockProgram.Kind kind, MemorySegment a, long ao, int rows, int columns, MemorySegment target, long to);

    /// Floats into or onto doubles: `sums[i] = a[i]`, or `sums[i] + a[i]`. Both have room for as many more as [#lanes()].
    default void collect(MemorySegment a, long ao, MemorySegment sums, long so, int n, boolean add) {
        for (int i = 0; i < n; i++) {
            double x = a.get(Elements.FLOAT, ao + 4L * i);
            sums.set(Elements.DOUBLE, so + 8L * i, add ? sums.get(Elements.DOUBLE, so + 8L * i) + x : x);
        }
    }

    /// Whether a program of so many points may get loops of several instructions.
    default boolean fuses(long points) {
        return false;
    }

    /// Vector operations that an instruction takes as part of one, roughly; 0 if it cannot be part of one.
    default int operations(Opcode opcode) {
        return 0;
    }

    /// What gives a loop of several instructions, or null as long as they are faster one by one; null itself before it is time to ask.
    ///
    /// @param work elements times instructions that the program has computed so far
    default Supplier<FusedLoop> fused(FusedLoop.Source source, long work) {
        return null;
    }

    /// The loop that brings blocks together.
    default BlockLoop loop(BlockProgram.Kind kind) {
        return loop(
                switch (kind) {
                    case SUM -> Opcode.ADD;
                    case MAX -> Opcode.MAX;
                    case MIN -> Opcode.MIN;
                });
    }
}
