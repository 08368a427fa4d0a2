package adjoint.kernel;

import adjoint.kernel.FusedLoop.Input;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Instructions of a block kernel that follow each other and may become one loop.
final class FusedRun {
    /// What a loop may read and write: of more, processors keep no track.
    private static final int MOST_STREAMS = 24;

    private static final int MOST_INSTRUCTIONS = 32;

    /// Vector operations of a loop: of methods with more than 8,000 bytecodes C2 compiles none.
    private static final int MOST_OPERATIONS = 300;

    private static final int MOST_WIDTH = 4;

    /// Vector operations of a loop with several vectors of a row side by side: C2 takes seconds for much larger ones.
    private static final int MOST_OPERATIONS_WIDE = 48;

    /// What such a loop holds in registers, as long as it walks down the rows: sums, and rows that come again and again. With vectors of
    /// 16 floats come 32 registers, with others mostly half as many.
    private static final int MOST_VECTORS_WIDE = 24;

    /// Rows of a tile from which a loop over rows, some columns at a time, is no shorter than one over all elements.
    private static final int FEWEST_ROWS = 8;

    final int from;

    /// Behind the last.
    final int to;

    final FusedLoop.Source source;

    /// The registers of the source's inputs and outputs.
    final int[] registers;

    /// Columns of a tile; one vector's if all its elements are alike.
    final int columns;

    /// What gives the loop, once that has been asked for.
    volatile Supplier<FusedLoop> maker;

    private FusedRun(int from, int to, FusedLoop.Source source, int[] registers, int columns) {
        this.from = from;
        this.to = to;
        this.source = source;
        this.registers = registers;
        this.columns = columns;
    }

    /// All of a kernel's runs of two instructions or more.
    ///
    /// @param sums whether its reductions are sums over the rows of tiles
    static FusedRun[] of(BlockRegisters code, BlockSpace space, BlockLoops loops, boolean sums) {
        List<FusedRun> runs = new ArrayList<>();
        boolean hasColumns =
                space.dims.length == 2
                        && space.split == 0
                        && space.inner % loops.lanes() == 0
                        && space.chunk >= FEWEST_ROWS;
        boolean hasNumbers = hasColumns && space.rowLength == space.inner; // a row's number goes to a tile's columns
        int i = 0;
        while (i < code.opcodes.length) {
            int end = i;
            int computed = 0;
            int operations = 0;
            for (; end < code.opcodes.length && computed < MOST_INSTRUCTIONS; end++) {
                if (!fits(code, loops, end, hasNumbers)) {
                    break;
                }
                if (!isNumber(code, end)) {
                    operations += loops.operations(code.opcodes[end]);
                    if (operations > MOST_OPERATIONS) {
                        break;
                    }
                    computed++;
                }
            }
            if (computed > 1) {
                int columns = hasColumns ? space.inner : 0;
                boolean summed = sums && hasColumns && end == code.opcodes.length;
                FusedRun run = run(code, space, loops, i, end, columns, summed);
                if (run.registers.length <= MOST_STREAMS) {
                    runs.add(run);
                }
            }
            i = Math.max(end, i + 1);
        }
        return runs.toArray(FusedRun[]::new);
    }

    /// The loop, or null as long as its instructions are faster one by one.
    FusedLoop loop() {
        Supplier<FusedLoop> known = maker;
        return known == null ? null : known.get();
    }

    /// Whether the loop computes all there is of a tile from operands and to targets that go on from tile to tile.
    boolean isWhole(BlockRegisters code, BlockSpace space, int reductions, int lanes) {
        for (int i = 0; i < code.opcodes.length; i++) {
            if ((i < from || i >= to) && !isNumber(code, i)) {
                return false;
            }
        }
        for (int k = 0; k < source.inputs().size(); k++) {
            Input kind = source.inputs().get(k);
            int r = registers[k];
            boolean goesOn = kind == Input.BLOCK && code.inPlace[r] && space.strides[r][0] == space.inner;
            if (!goesOn && kind != Input.NUMBER && kind != Input.ROW) {
                return false;
            }
        }
        for (int s = 0; s < code.isDirect.length; s++) {
            if (!code.isDirect[s] || space.strides[code.loads + s][0] != space.inner) {
                return false;
            }
        }
        return space.split == 0
                && space.chunk * space.inner % lanes == 0
                && source.sums().size() == reductions
                && source.outputs().size() == code.isDirect.length;
    }

    private static boolean isNumber(BlockRegisters code, int i) {
        return code.scalar[code.loads + i];
    }

    // Whether a row's number goes to all its columns.
    private static boolean isSpread(BlockRegisters code, int i) {
        return code.actions[i] == BlockRegisters.Action.SPREAD;
    }

    private static boolean fits(BlockRegisters code, BlockLoops loops, int i, boolean hasNumbers) {
        return isNumber(code, i)
                || hasNumbers && isSpread(code, i)
                || code.actions[i] == BlockRegisters.Action.COMPUTE
                        && !code.narrow[code.loads + i]
                        && loops.operations(code.opcodes[i]) > 0;
    }

    private static FusedRun run(
            BlockRegisters code, BlockSpace space, BlockLoops loops, int from, int to, int columns, boolean sums) {
        Map<Integer, Integer> values = new LinkedHashMap<>(); // by register
        List<Input> inputs = new ArrayList<>();
        List<Integer> registers = new ArrayList<>();
        for (int i = from; i < to; i++) {
            for (int operand = 0; !isNumber(code, i) && operand < code.opcodes[i].arity(); operand++) {
                int register = code.operand(i, operand);
                boolean inside = register >= code.loads + from && !code.scalar[register];
                if (!inside && values.putIfAbsent(register, inputs.size()) == null) {
                    inputs.add(isSpread(code, i) ? Input.COLUMN : kind(code, space, register, columns));
                    registers.add(register);
                }
            }
        }
        List<FusedLoop.Instruction> instructions = new ArrayList<>();
        int operations = 0;
        List<Integer> outputs = new ArrayList<>();
        for (int i = from; i < to; i++) {
            if (isNumber(code, i)) {
                continue;
            }
            if (isSpread(code, i)) {
                values.put(code.loads + i, values.get(code.a[i]));
                continue;
            }
            List<Integer> operands = new ArrayList<>();
            for (int operand = 0; operand < code.opcodes[i].arity(); operand++) {
                operands.add(values.get(code.operand(i, operand)));
            }
            instructions.add(new FusedLoop.Instruction(code.opcodes[i], operands));
            operations += loops.operations(code.opcodes[i]);
            values.put(code.loads + i, inputs.size() + instructions.size() - 1);
        }
        boolean reduces = sums && Arrays.stream(code.reduced).allMatch(values::containsKey);
        List<Integer> summed = new ArrayList<>();
        for (int r : code.reduced) {
            if (reduces) {
                summed.add(values.get(r));
            }
        }
        for (int i = from; i < to; i++) {
            int register = code.loads + i;
            if (!isNumber(code, i) && (reduces ? code.isStored(register) : code.lastUse(register) >= to)) {
                outputs.add(values.get(register));
                registers.add(register);
            }
        }
        var source = new FusedLoop.Source(inputs, instructions, outputs, summed, 1);
        if (!source.isFlat()) {
            int vectors = 2 * summed.size() + (int) inputs.stream().filter(k -> k == Input.ROW).count();
            int width = width(columns, operations, vectors, loops.lanes());
            source = new FusedLoop.Source(inputs, instructions, outputs, summed, width);
        }
        int[] numbers = registers.stream().mapToInt(Integer::intValue).toArray();
        return new FusedRun(from, to, source, numbers, columns > 0 ? columns : loops.lanes());
    }

    private static int width(int columns, int operations, int vectors, int lanes) {
        int most = lanes < 16 ? MOST_VECTORS_WIDE / 2 : MOST_VECTORS_WIDE;
        int width = 1;
        while (2 * width <= MOST_WIDTH
                && columns % (2 * width * lanes) == 0
                && 2 * width * operations <= MOST_OPERATIONS_WIDE
                && 2 * width * vectors <= most) {
            width *= 2;
        }
        return width;
    }

    private static Input kind(BlockRegisters code, BlockSpace space, int register, int columns) {
        if (code.scalar[register]) {
            return Input.NUMBER;
        }
        boolean isRow = columns > 0 && code.invariant[register] && space.strides[register][0] == 0;
        return isRow ? Input.ROW : Input.BLOCK;
    }
}
