package adjoint.kernel;

import java.util.List;
import java.util.stream.Stream;

/// Elementwise work fused into one pass: for every point of an iteration space, load, compute, store or reduce.
///
/// Registers are numbered: first the loads in order, then the result of each instruction. A machine runs the program block
/// by block, with registers that stay in its nearest cache, so that ten fused operations cost one trip to memory.
///
/// @param compute the type of all registers: `FLOAT32`, `FLOAT64`, or `INT64` for integers; loads convert to it (truth values
///     become 0 and 1), stores convert from it (to integers: towards zero; to BOOL: anything but 0 is 1)
/// @param dims the iteration space
/// @param loads what to read; each view has exactly the dims of the space (strides of 0 repeat)
/// @param code the instructions, in order
/// @param stores results written at every point; each view has the dims of the space
/// @param reductions results reduced over the axes marked in `reduced`
/// @param reduced for each axis of the space, whether [#reductions] sum it up; all false where there are none
/// @param rowAxes how many of the last axes make a row, of [#LONGEST_ROW] points at the most; 0 where no instruction asks
///     for its row. Either all of them are `reduced` or none.
public record BlockProgram(
        DType compute,
        int[] dims,
        List<View> loads,
        List<Instruction> code,
        List<Store> stores,
        List<Reduction> reductions,
        boolean[] reduced,
        int rowAxes)
        implements Step {
    /// The most points of a row: one fits the nearest cache, with a few others.
    public static final int LONGEST_ROW = 2048;

    /// A program without rows.
    public BlockProgram(
            DType compute,
            int[] dims,
            List<View> loads,
            List<Instruction> code,
            List<Store> stores,
            List<Reduction> reductions,
            boolean[] reduced) {
        this(compute, dims, loads, code, stores, reductions, reduced, 0);
    }

    /// One operation on registers; which of `a`, `b`, `c` count is the opcode's [Opcode#arity()].
    ///
    /// @param constant the value of [Opcode#CONSTANT], unused otherwise
    public record Instruction(Opcode opcode, int a, int b, int c, double constant) {}

    /// Writes a register to memory at every point; where it is the same all along a row, the view may stand still there
    /// (strides of 0).
    public record Store(int register, View target) {}

    /// Reduces a register over the program's reduced axes.
    ///
    /// @param target dims of the space with 1 in place of each reduced axis, dense
    public record Reduction(Kind kind, int register, View target) {}

    /// How values are brought together. `MAX` and `MIN` of values with a NaN among them are NaN.
    public enum Kind {
        SUM(0),
        MAX(Double.NEGATIVE_INFINITY),
        MIN(Double.POSITIVE_INFINITY);

        private final double identity;

        Kind(double identity) {
            this.identity = identity;
        }

        /// The value that changes nothing: what a reduction over no elements gives.
        public double identity() {
            return identity;
        }

        /// Two values brought together.
        public double apply(double a, double b) {
            return switch (this) {
                case SUM -> a + b;
                case MAX -> Math.max(a, b);
                case MIN -> Math.min(a, b);
            };
        }
    }

    /// The number of points of a row; 1 where there are no rows.
    public int rowLength() {
        int length = 1;
        for (int i = dims.length - rowAxes; i < dims.length; i++) {
            length *= dims[i];
        }
        return length;
    }

    @Override
    public List<View> sources() {
        return loads;
    }

    @Override
    public List<View> targets() {
        return Stream.concat(stores.stream().map(Store::target), reductions.stream().map(Reduction::target)).toList();
    }

    @Override
    public long flops() {
        return points() * (code.stream().filter(i -> i.opcode().arity() > 0).count() + reductions.size());
    }

    /// The number of points of the iteration space.
    public long points() {
        long points = 1;
        for (int d : dims) {
            points *= d;
        }
        return points;
    }
}
