package adjoint.kernel;

import java.util.Arrays;

/// Where the registers of a program live: numbers, blocks of scratch, or the operands' own memory.
///
/// A load whose elements follow each other is used in place, and the instruction that computes a dense result writes
/// it to its target at once. Where a tile is ragged (not a multiple of the vector length) both go through scratch,
/// which has room for whole vectors; the compute loops need no tails.
final class BlockRegisters {
    /// Registers of loads come first.
    final int loads;

    final Opcode[] opcodes;
    final int[] a;
    final int[] b;
    final int[] c;

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

    BlockRegisters(BlockProgram program, BlockSpace space, BlockLoops loops) {
        int n = program.code().size();
        loads = program.loads().size();
        opcodes = new Opcode[n];
        a = new int[n];
        b = new int[n];
        c = new int[n];
        scalarOperand = new int[n];
        int registers = loads + n;
        scalar = new boolean[registers];
        constants = new float[registers];
        inPlace = new boolean[registers];
        invariant = new boolean[registers];
        block = new int[registers];
        directStore = new int[registers];
        last = new int[registers];
        free = new boolean[registers];
        isDirect = new boolean[program.stores().size()];
        Arrays.fill(block, -1);
        Arrays.fill(directStore, -1);
        Arrays.fill(last, -1);

        for (int r = 0; r < loads; r++) {
            scalar[r] = space.isScalar(r);
        }
        for (int i = 0; i < n; i++) {
            translate(program, i);
        }
        program.stores().forEach(s -> last[s.register()] = n);
        program.reductions().forEach(r -> last[r.register()] = n);
        chooseInPlace(program, space);
        allot(program, space, loops, space.isRagged(loops.lanes()));
    }

    private void translate(BlockProgram program, int i) {
        var instruction = program.code().get(i);
        opcodes[i] = instruction.opcode();
        a[i] = instruction.a();
        b[i] = instruction.b();
        c[i] = instruction.c();
        if (opcodes[i] == Opcode.CONSTANT) {
            scalar[loads + i] = true;
            constants[loads + i] = (float) instruction.constant();
        }
        if (opcodes[i] == Opcode.POW && b[i] >= loads && opcodes[b[i] - loads] == Opcode.CONSTANT) {
            float exponent = constants[b[i]];
            if (exponent == 2) {
                opcodes[i] = Opcode.MUL;
                b[i] = a[i];
            } else if (exponent == -1) {
                opcodes[i] = Opcode.RECIPROCAL;
            }
        }
        int arity = opcodes[i].arity();
        b[i] = arity > 1 ? b[i] : a[i]; // operands beyond the arity may be any number
        c[i] = arity > 2 ? c[i] : a[i];
        for (int operand = 0; operand < arity; operand++) {
            last[operand(i, operand)] = i;
        }
    }

    private int operand(int i, int which) {
        return which == 0 ? a[i] : which == 1 ? b[i] : c[i];
    }

    private void chooseInPlace(BlockProgram program, BlockSpace space) {
        var stores = program.stores();
        for (int r = 0; r < loads; r++) {
            View view = program.loads().get(r);
            inPlace[r] = !scalar[r] && view.type() == DType.FLOAT32 && space.isDense(r);
            for (var s : stores) {
                if (s.register() == r) { // copied at the end of a tile, when others may have been stored
                    int register = r;
                    inPlace[r] &= stores.stream().noneMatch(t -> overlap(program.loads().get(register), t.target()));
                }
            }
        }
        for (int s = 0; s < stores.size(); s++) {
            int r = stores.get(s).register();
            View target = stores.get(s).target();
            boolean direct = r >= loads && !scalar[r] && directStore[r] < 0;
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
        program.stores().forEach(s -> blockForScalar(s.register()));
        program.reductions().forEach(r -> blockForScalar(r.register()));
        for (int r = 0; r < loads; r++) {
            if (!scalar[r] && !inPlace[r] && last[r] >= 0 && space.isInvariant(r)) {
                invariant[r] = true;
                block[r] = blocks++;
            }
        }
        // The others share blocks as they come and go.
        for (int r = 0; r < loads; r++) {
            if (!scalar[r] && !invariant[r] && last[r] >= 0 && (!inPlace[r] || ragged)) {
                block[r] = take();
            }
        }
        for (int i = 0; i < opcodes.length; i++) {
            int r = loads + i;
            if (scalar[r]) {
                continue;
            }
            for (int operand = 0; operand < opcodes[i].arity(); operand++) {
                int x = operand(i, operand);
                if (last[x] == i && !scalar[x] && !invariant[x] && block[x] >= 0) {
                    free[block[x]] = true;
                }
            }
            if (directStore[r] < 0 || ragged) {
                block[r] = take();
                free[block[r]] = last[r] < 0;
            }
        }
    }

    private void blockForScalar(int r) {
        if (scalar[r] && block[r] < 0) {
            block[r] = blocks++;
        }
    }

    private int take() {
        for (int i = 0; i < blocks; i++) {
            if (free[i]) {
                free[i] = false;
                return i;
            }
        }
        return blocks++;
    }
}
