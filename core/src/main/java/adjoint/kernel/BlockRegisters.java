package adjoint.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where the registers of a program live: numbers, blocks of scratch, or the operands' own memory.
///
/// A load whose elements follow each other is used in place, and the instruction that computes a dense result writes
/// it to its target at once. Where a tile is ragged (not a multiple of the vector length) both go through scratch,
/// which has room for whole vectors; the compute loops need no tails.
///
/// In a program with rows, a register that is the same all along each row is narrow: it holds one number for each row of
/// the tile. Where a wide instruction reads it, a spread stands before.
final class BlockRegisters {
    /// What an instruction does.
    enum Action {
        /// A loop over blocks.
        COMPUTE,
        /// A wide block becomes a narrow one.
        REDUCE_ROWS,
        /// A narrow block becomes a wide one.
        SPREAD
    }

    /// Registers of loads come first.
    final int loads;

    final Action[] actions;
    final Opcode[] opcodes;
    final int[] a;
    final int[] b;
    final int[] c;

    /// By register.
    final boolean[] narrow;

    /// The register that each of the program's stores and reductions takes.
    final int[] stored;

    final int[] reduced;

    /// The register that is a number in this instruction: 0 none, 1 `a`, 2 `b`.
    final int[] scalarOperand;

    final boolean[] scalar;
    final float[] constants;
    final boolean[] inPlace;
    final boolean[] invariant;

    /// Scratch block by register, -1 for none.
    final int[] block;

    /// By register: the store that its instruction performs, -1 for none.
    final int[] directStore;

    final boolean[] isDirect; // by store
    int blocks;

    private final int[] last;
    private final boolean[] free;
    private final boolean[] ofNarrow; // blocks that only narrow registers take

    BlockRegisters(BlockProgram program, BlockSpace space, BlockLoops loops) {
        loads = program.loads().size();
        var translation = new Translation(program, space);
        int n = translation.opcodes.size();
        actions = translation.actions.toArray(Action[]::new);
        opcodes = translation.opcodes.toArray(Opcode[]::new);
        a = ints(translation.a);
        b = ints(translation.b);
        c = ints(translation.c);
        stored = translation.stored;
        reduced = translation.reduced;
        scalarOperand = new int[n];
        int registers = loads + n;
        narrow = new boolean[registers];
        scalar = new boolean[registers];
        constants = new float[registers];
        for (int r = 0; r < registers; r++) {
            narrow[r] = translation.narrow.get(r);
            scalar[r] = translation.scalar.get(r);
            constants[r] = translation.constants.get(r);
        }
        inPlace = new boolean[registers];
        invariant = new boolean[registers];
        block = new int[registers];
        directStore = new int[registers];
        last = new int[registers];
        free = new boolean[registers];
        ofNarrow = new boolean[registers];
        isDirect = new boolean[program.stores().size()];
        Arrays.fill(block, -1);
        Arrays.fill(directStore, -1);
        Arrays.fill(last, -1);
        for (int i = 0; i < n; i++) {
            for (int operand = 0; operand < opcodes[i].arity(); operand++) {
                last[operand(i, operand)] = i;
            }
        }
        for (int r : stored) {
            last[r] = n;
        }
        for (int r : reduced) {
            last[r] = n;
        }
        chooseInPlace(program, space);
        allot(program, space, loops, space.isRagged(loops.lanes()));
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    /// The program's code with its peculiarities: powers that are cheaper otherwise, spreads put in.
    private static final class Translation {
        final List<Action> actions = new ArrayList<>();
        final List<Opcode> opcodes = new ArrayList<>();
        final List<Integer> a = new ArrayList<>();
        final List<Integer> b = new ArrayList<>();
        final List<Integer> c = new ArrayList<>();
        final List<Boolean> narrow = new ArrayList<>();
        final List<Boolean> scalar = new ArrayList<>();
        final List<Float> constants = new ArrayList<>();
        final int[] stored;
        final int[] reduced;
        private final int[] registers; // ours, by the program's
        private final Map<Integer, Integer> spread = new HashMap<>();

        Translation(BlockProgram program, BlockSpace space) {
            int loads = program.loads().size();
            registers = new int[loads + program.code().size()];
            for (int r = 0; r < loads; r++) {
                scalar.add(space.isScalar(r));
                narrow.add(!space.isScalar(r) && space.isNarrow(r));
                constants.add(0f);
                registers[r] = r;
            }
            for (int i = 0; i < program.code().size(); i++) {
                registers[loads + i] = translate(program.code().get(i), space.rowAxes > 0);
            }
            stored = new int[program.stores().size()];
            for (int s = 0; s < stored.length; s++) {
                int r = registers[program.stores().get(s).register()];
                stored[s] = space.isNarrow(loads + s) ? r : wide(r);
            }
            reduced = program.reductions().stream().mapToInt(r -> wide(registers[r.register()])).toArray();
        }

        private int translate(BlockProgram.Instruction instruction, boolean rows) {
            Opcode op = instruction.opcode();
            if (op == Opcode.CONSTANT) {
                return add(Action.COMPUTE, op, 0, 0, 0, false, (float) instruction.constant());
            }
            int x = registers[instruction.a()];
            if (op.row() != null) {
                return add(Action.REDUCE_ROWS, op, wide(x), 0, 0, true, 0);
            }
            int y = op.arity() > 1 ? registers[instruction.b()] : x; // operands beyond the arity may be any number
            int z = op.arity() > 2 ? registers[instruction.c()] : x;
            if (op == Opcode.POW && isConstant(y)) {
                if (constants.get(y) == 2) {
                    op = Opcode.MUL;
                    y = x;
                } else if (constants.get(y) == -1) {
                    op = Opcode.RECIPROCAL;
                    y = x;
                }
            }
            boolean isNarrow = rows && isNarrow(x) && isNarrow(y) && isNarrow(z);
            return isNarrow
                    ? add(Action.COMPUTE, op, x, y, z, true, 0)
                    : add(Action.COMPUTE, op, wide(x), wide(y), wide(z), false, 0);
        }

        private boolean isConstant(int register) {
            int i = register - (narrow.size() - opcodes.size());
            return i >= 0 && opcodes.get(i) == Opcode.CONSTANT;
        }

        private boolean isNarrow(int register) {
            return narrow.get(register) || scalar.get(register);
        }

        private int wide(int register) {
            if (!narrow.get(register)) {
                return register;
            }
            Integer known = spread.get(register);
            if (known == null) {
                known = add(Action.SPREAD, Opcode.NEG, register, register, register, false, 0);
                spread.put(register, known);
            }
            return known;
        }

        // A spread or a row is one operand's, whatever its opcode.
        private int add(Action action, Opcode op, int x, int y, int z, boolean isNarrow, float constant) {
            actions.add(action);
            opcodes.add(op);
            a.add(x);
            b.add(op.arity() > 1 ? y : x);
            c.add(op.arity() > 2 ? z : x);
            narrow.add(isNarrow);
            scalar.add(op == Opcode.CONSTANT);
            constants.add(constant);
            return narrow.size() - 1;
        }
    }

    /// The last instruction that reads a register; behind all of them if it is stored or reduced.
    int lastUse(int register) {
        return last[register];
    }

    boolean isStored(int register) {
        return Arrays.stream(stored).anyMatch(r -> r == register);
    }

    int operand(int i, int which) {
        return which == 0 ? a[i] : which == 1 ? b[i] : c[i];
    }

    private void chooseInPlace(BlockProgram program, BlockSpace space) {
        var stores = program.stores();
        for (int r = 0; r < loads; r++) {
            View view = program.loads().get(r);
            inPlace[r] = !scalar[r] && !narrow[r] && view.type() == DType.FLOAT32 && space.isDense(r);
            for (int s = 0; s < stores.size(); s++) {
                if (stored[s] == r) { // copied at the end of a tile, when others may have been stored
                    int register = r;
                    inPlace[r] &= stores.stream().noneMatch(t -> overlap(program.loads().get(register), t.target()));
                }
            }
        }
        for (int s = 0; s < stores.size(); s++) {
            int r = stored[s];
            View target = stores.get(s).target();
            boolean direct = r >= loads && !scalar[r] && !narrow[r] && directStore[r] < 0;
            direct = direct && target.type() == DType.FLOAT32 && space.isDense(loads + s);
            for (int other = 0; direct && other < loads; other++) {
                boolean readLater = inPlace[other] && last[other] > r - loads;
                direct = !readLater || !overlap(program.loads().get(other), target);
            }
            if (direct) {
                directStore[r] = s;
                isDirect[s] = true;
            }
        }
    }

    /// Whether two views may share memory. Slots other than the arena are the caller's: they may be the same buffer.
    private static boolean overlap(View x, View y) {
        if (x.slot() != y.slot()) {
            return x.slot() != 0 && y.slot() != 0;
        }
        return low(x) < high(y) && low(y) < high(x);
    }

    private static long low(View v) {
        long low = v.offset();
        for (int i = 0; i < v.dims().length; i++) {
            low += Math.min(0, (v.dims()[i] - 1) * v.strides()[i]) * v.type().bytes();
        }
        return low;
    }

    private static long high(View v) {
        long high = v.offset() + v.type().bytes();
        for (int i = 0; i < v.dims().length; i++) {
            high += Math.max(0, (v.dims()[i] - 1) * v.strides()[i]) * v.type().bytes();
        }
        return high;
    }

    private void allot(BlockProgram program, BlockSpace space, BlockLoops loops, boolean ragged) {
        // Blocks that are filled once for all tiles of a task: numbers that a loop needs as a block, repeated loads.
        for (int i = 0; i < opcodes.length; i++) {
            int arity = opcodes[i].arity();
            if (arity == 0) {
                continue;
            }
            if (arity == 2 && scalar[b[i]] && !scalar[a[i]] && loops.loopWithNumber(opcodes[i], false).isPresent()) {
                scalarOperand[i] = 2;
            } else if (arity == 2 && scalar[a[i]] && loops.loopWithNumber(opcodes[i], true).isPresent()) {
                scalarOperand[i] = 1;
            }
            for (int operand = 0; operand < arity; operand++) {
                if (operand + 1 != scalarOperand[i]) {
                    blockForScalar(operand(i, operand));
                }
            }
        }
        Arrays.stream(stored).forEach(this::blockForScalar);
        Arrays.stream(reduced).forEach(this::blockForScalar);
        for (int r = 0; r < loads; r++) {
            if (!scalar[r] && !inPlace[r] && last[r] >= 0 && space.isInvariant(r)) {
                invariant[r] = true;
                block[r] = blocks++;
            }
        }
        // The others share blocks as they come and go.
        for (int r = 0; r < loads; r++) {
            if (!scalar[r] && !invariant[r] && last[r] >= 0 && (!inPlace[r] || ragged)) {
                block[r] = take(narrow[r]);
            }
        }
        for (int i = 0; i < opcodes.length; i++) {
            int r = loads + i;
            if (scalar[r]) {
                continue;
            }
            // A loop may write over what it reads, element by element; what brings rows together or spreads may not.
            if (actions[i] == Action.COMPUTE) {
                freeOperands(i);
            }
            if (directStore[r] < 0 || ragged) {
                block[r] = take(narrow[r]);
                free[block[r]] = last[r] < 0;
            }
            if (actions[i] != Action.COMPUTE) {
                freeOperands(i);
            }
        }
    }

    private void freeOperands(int i) {
        for (int operand = 0; operand < opcodes[i].arity(); operand++) {
            int x = operand(i, operand);
            if (last[x] == i && !scalar[x] && !invariant[x] && block[x] >= 0) {
                free[block[x]] = true;
            }
        }
    }

    private void blockForScalar(int r) {
        if (scalar[r] && block[r] < 0) {
            block[r] = blocks++;
        }
    }

    // Wide results never take a narrow one's place: a loop of several instructions reads its numbers again for
    // other columns.
    private int take(boolean isNarrow) {
        for (int i = 0; i < blocks; i++) {
            if (free[i] && ofNarrow[i] == isNarrow) {
                free[i] = false;
                return i;
            }
        }
        ofNarrow[blocks] = isNarrow;
        return blocks++;
    }
}
