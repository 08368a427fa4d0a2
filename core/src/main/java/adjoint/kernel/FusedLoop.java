package adjoint.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// Several instructions of a [BlockProgram] as one loop over tiles, as [LoopEmitter] makes them: values go from instruction to
/// instruction in vector registers. A tile is a matrix of rows, one behind the other.
interface FusedLoop {
    /// Computes tiles that lie one behind the other.
    ///
    /// @param segments where registers lie, by number
    /// @param offsets where in them
    /// @param scalars the values of those that are numbers
    /// @param registers the numbers of the source's inputs, and behind them those of its outputs
    /// @param tiles how many
    /// @param rows of a tile
    /// @param columns of a tile, a multiple of [BlockLoops#lanes()] times the source's width
    /// @param sums where the sums of columns go: the first here, the others [#SUM_BYTES] apart; each tile's behind those of
    ///     the one before
    /// @param sumsAt the offset there
    void run(
            MemorySegment[] segments,
            long[] offsets,
            float[] scalars,
            int[] registers,
            int tiles,
            int rows,
            int columns,
            MemorySegment sums,
            long sumsAt);

    /// Bytes from one reduction's sums to the next one's.
    long SUM_BYTES = BlockKernel.BLOCKS_PER_REDUCTION * BlockKernel.BLOCK_BYTES;

    /// How an input lies in memory.
    enum Input {
        /// A number for each element.
        BLOCK,
        /// The same row again and again.
        ROW,
        /// A number for each row.
        COLUMN,
        /// A single number.
        NUMBER
    }

    /// What to compute, whatever the registers' numbers: equal sources have equal loops. Values are first the inputs in order,
    /// then the result of each instruction.
    ///
    /// @param inputs how they lie
    /// @param code the instructions
    /// @param outputs the values that are written
    /// @param sums the values that are added up over the rows, in the order of [BlockLoops#reduceRows]
    /// @param width how many vectors of a row go side by side, so that memory is walked as it lies; the bits do not depend on it
    record Source(List<Input> inputs, List<Instruction> code, List<Integer> outputs, List<Integer> sums, int width) {
        /// Whether it makes no difference where rows begin: elements are computed one after the other.
        boolean isFlat() {
            return sums.isEmpty() && !inputs.contains(Input.ROW) && !inputs.contains(Input.COLUMN);
        }
    }

    /// An instruction on values.
    record Instruction(Opcode opcode, List<Integer> operands) {}
}
