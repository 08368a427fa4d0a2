package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Random programs on awkward shapes: the block kernels against the reference, and against themselves on other teams.
///
/// Inputs are small integers and the functions exact on them, so that results must be equal, whatever the order of sums.
class KernelsAgreeTest {
    private static final int[] SIZES = {1, 3, 7, 8, 13, 16, 31, 32, 33, 100, 1000, 1024, 1025, 5000};
    private static final Opcode[] EXACT = {
        Opcode.NEG, Opcode.ABS, Opcode.SIGN, Opcode.FLOOR, Opcode.RELU, Opcode.ADD, Opcode.SUB, Opcode.MIN,
        Opcode.MAX, Opcode.EQ, Opcode.NE, Opcode.LT, Opcode.LE, Opcode.SELECT, Opcode.CONSTANT, Opcode.POW
    };
    private static final List<Team> TEAMS = List.of(new Team(1), new Team(2), new Team(3), new Team(7));
    private static final int SEEDS = 1500;
    private static final int LONGEST_SUM = 256;

    @AfterAll
    static void close() {
        TEAMS.forEach(Team::close);
    }

    static IntStream chunks() {
        return IntStream.range(0, 10);
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void vectorAgreesWithReference(int chunk) {
        for (int seed = chunk; seed < SEEDS; seed += 10) {
            check(new VectorKernels(), seed);
        }
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void loopsOfSeveralInstructionsAgreeWithReference(int chunk) {
        var kernels = new VectorKernels(new LoopCompiler(true));
        for (int seed = chunk; seed < SEEDS / 5; seed += 10) {
            check(kernels, seed);
        }
    }

    // Not only on small integers: whether a loop is ready must not be seen in any bit.
    @ParameterizedTest
    @MethodSource("chunks")
    void loopsOfSeveralInstructionsHaveTheSameBits(int chunk) {
        var together = new VectorKernels(new LoopCompiler(true));
        for (int seed = chunk; seed < SEEDS; seed += 10) {
            var program = new Programs(seed).program();
            if (program.compute() == DType.FLOAT32) {
                byte[][] expected = run(new VectorKernels(), program, seed, TEAMS.get(1), 1 / 3.0);
                byte[][] actual = run(together, program, seed, TEAMS.get(2), 1 / 3.0);
                for (int slot = 1; slot < expected.length; slot++) {
                    assertArrayEquals(expected[slot], actual[slot], Programs.describe(program));
                }
            }
        }
    }

    /// Matrices whose columns are contiguous, copied into rows: with gaps, backwards, several of them.
    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 40, 128, 257, 5000})
    void columnsBecomeRows(int rows) {
        for (int columns : new int[] {1, 8, 16, 31, 64, 300, 1024}) {
            for (int gap : new int[] {0, 3, -2 * rows}) {
                int distance = rows + gap;
                int matrix = (columns - 1) * Math.abs(distance) + rows + 1;
                int start = 5 + (distance < 0 ? (columns - 1) * -distance : 0);
                try (var arena = Arena.ofShared()) {
                    MemorySegment from = arena.allocate(Float.BYTES * (3L * matrix + 5), 64);
                    var random = new SplittableRandom(rows * 31L + columns);
                    for (long i = 0; i < from.byteSize() / Float.BYTES; i++) {
                        from.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble());
                    }
                    int[] dims = {2, 3, rows, columns};
                    long[] strides = {0, matrix, 1, distance};
                    var source = new View(1, (long) start * Float.BYTES, DType.FLOAT32, dims, strides);
                    var target = View.dense(2, Float.BYTES, DType.FLOAT32, dims);
                    var program =
                            new BlockProgram(
                                    DType.FLOAT32,
                                    dims,
                                    List.of(source),
                                    List.of(),
                                    List.of(new BlockProgram.Store(0, target)),
                                    List.of(),
                                    new boolean[4]);
                    if (rows >= 16 && columns >= 16) { // as many as any vector has lanes
                        assertTrue(VectorTransposedCopy.takes(program));
                    }
                    MemorySegment expected = null;
                    for (Team team : TEAMS) {
                        Kernels kernels = expected == null ? new ReferenceKernels() : new VectorKernels();
                        MemorySegment to = arena.allocate(Float.BYTES * (target.size() + 2), 64);
                        kernels.prepare(program).run(new Memory(MemorySegment.NULL, from, to), 0, team);
                        expected = expected == null ? to : expected;
                        assertEquals(-1, expected.mismatch(to), rows + " x " + columns + ", gap " + gap);
                    }
                }
            }
        }
    }

    /// A batch norm's work on rows of channels: sums of rows, rows that come again and again, numbers, all at once; and the
    /// same without sums, in place.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 64, 127, 4099, 20_000})
    void loopsOverRowsHaveTheSameBits(int rows) {
        for (int channels : new int[] {16, 32, 48, 64, 80, 256}) {
            for (List<Integer> sums : List.of(List.of(9, 12, 0), List.of(9, 12), List.<Integer>of())) {
                var program = norm(rows, channels, sums);
                byte[][] expected = run(new VectorKernels(), program, rows, TEAMS.get(1), 1 / 7.0);
                byte[][] actual = run(new VectorKernels(new LoopCompiler(true)), program, rows, TEAMS.get(2), 1 / 7.0);
                for (int slot = 1; slot < Programs.SLOTS; slot++) {
                    String where = rows + " x " + channels + ", sums of " + sums + ", slot " + slot;
                    assertArrayEquals(expected[slot], actual[slot], where);
                }
            }
        }
    }

    /// A layer norm's work: numbers of rows are spread in the loops, and blocks are taken again while they are read.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8, 9, 64, 127, 1031})
    void loopsThatSpreadNumbersOverRowsHaveTheSameBits(int rows) {
        for (int width : new int[] {16, 48, 100, 128, 256, 512}) {
            var program = layerNorm(rows, width);
            byte[][] expected = run(new VectorKernels(), program, rows, TEAMS.get(1), 1 / 7.0);
            byte[][] actual = run(new VectorKernels(new LoopCompiler(true)), program, rows, TEAMS.get(2), 1 / 7.0);
            byte[][] reference = run(new ReferenceKernels(), program, rows, TEAMS.get(0), 1 / 7.0);
            for (int slot = 1; slot < Programs.SLOTS; slot++) {
                assertEquals(-1, firstDifference(expected[slot], actual[slot]), rows + " x " + width + ", " + slot);
                assertNear(reference[slot], actual[slot], rows + " x " + width + ", slot " + slot);
            }
        }
    }

    private static void assertNear(byte[] expected, byte[] actual, String where) {
        MemorySegment x = MemorySegment.ofArray(expected);
        MemorySegment y = MemorySegment.ofArray(actual);
        for (int i = 0; i < expected.length / 4; i++) {
            float wanted = x.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
            float got = y.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
            assertEquals(wanted, got, 1e-3 * (1 + Math.abs(wanted)), where + ", element " + i);
        }
    }

    private static BlockProgram.Instruction op(Opcode opcode, int a, int b) {
        return new BlockProgram.Instruction(opcode, a, b, 0, 0);
    }

    private static BlockProgram layerNorm(int rows, int width) {
        int[] dims = {rows, width};
        var x = View.dense(1, 0, DType.FLOAT32, dims);
        var residual = View.dense(2, 0, DType.FLOAT32, dims);
        var gain = new View(3, 0, DType.FLOAT32, dims, new long[] {0, 1});
        var ofRow = new View(4, 0, DType.FLOAT32, dims, new long[] {1, 0});
        var code =
                List.of(
                        op(Opcode.ADD, 0, 1), // 4
                        op(Opcode.ROW_SUM, 4, 0),
                        new BlockProgram.Instruction(Opcode.CONSTANT, 0, 0, 0, 1.0 / width),
                        op(Opcode.MUL, 5, 6),
                        op(Opcode.SUB, 4, 7), // 8: centred
                        op(Opcode.MUL, 8, 8),
                        op(Opcode.ROW_SUM, 9, 0),
                        op(Opcode.MUL, 10, 6),
                        new BlockProgram.Instruction(Opcode.CONSTANT, 0, 0, 0, 1e-5),
                        op(Opcode.ADD, 11, 12),
                        op(Opcode.RSQRT, 13, 0), // 14
                        op(Opcode.MUL, 8, 14),
                        op(Opcode.MUL, 15, 2), // 16
                        op(Opcode.ADD, 16, 3)); // 17
        int[] kept = {1, width};
        return new BlockProgram(
                DType.FLOAT32,
                dims,
                List.of(x, residual, gain, ofRow),
                code,
                List.of(
                        new BlockProgram.Store(4, View.dense(1, 0, DType.FLOAT32, dims)), // in place
                        new BlockProgram.Store(14, new View(5, 0, DType.FLOAT32, dims, new long[] {1, 0})),
                        new BlockProgram.Store(17, View.dense(6, 0, DType.FLOAT32, dims))),
                List.of(new BlockProgram.Reduction(BlockProgram.Kind.SUM, 17, View.dense(7, 0, DType.FLOAT32, kept))),
                new boolean[] {true, false},
                1);
    }

    private static BlockProgram norm(int rows, int channels, List<Integer> sums) {
        int[] dims = {rows, channels};
        var x = View.dense(1, 0, DType.FLOAT32, dims);
        var g = View.dense(2, 0, DType.FLOAT32, dims);
        var mean = new View(3, 0, DType.FLOAT32, dims, new long[] {0, 1});
        var scale = new View(4, 0, DType.FLOAT32, dims, new long[] {0, 1});
        var number = new View(5, 0, DType.FLOAT32, dims, new long[] {0, 0});
        var code =
                List.of(
                        op(Opcode.SUB, 0, 2),
                        op(Opcode.MUL, 5, 3),
                        op(Opcode.RELU, 6, 0),
                        op(Opcode.LT, 4, 6),
                        new BlockProgram.Instruction(Opcode.SELECT, 8, 1, 7, 0),
                        op(Opcode.DIV, 9, 3),
                        op(Opcode.ABS, 10, 0),
                        op(Opcode.RSQRT, 11, 0));
        int[] kept = {1, channels};
        List<BlockProgram.Reduction> reductions = new ArrayList<>();
        for (int register : sums) {
            var target = View.dense(7 + reductions.size(), 0, DType.FLOAT32, kept);
            reductions.add(new BlockProgram.Reduction(BlockProgram.Kind.SUM, register, target));
        }
        return new BlockProgram(
                DType.FLOAT32,
                dims,
                List.of(x, g, mean, scale, number),
                code,
                List.of(new BlockProgram.Store(10, View.dense(sums.isEmpty() ? 2 : 6, 0, DType.FLOAT32, dims))),
                reductions,
                new boolean[] {!sums.isEmpty(), false});
    }

    /// A GELU and other functions among plain instructions, all together more than one loop takes.
    @ParameterizedTest
    @ValueSource(ints = {1, 100, 4099, 70_000})
    void loopsOfFunctionsHaveTheSameBits(int n) {
        var code = new ArrayList<BlockProgram.Instruction>();
        code.add(op(Opcode.MUL, 0, 1));
        Opcode[] functions = {
            Opcode.ERF, Opcode.EXP, Opcode.TANH, Opcode.SIGMOID, Opcode.SOFTPLUS, Opcode.LOG1P, Opcode.EXPM1, Opcode.LOG
        };
        for (int i = 0; i < 2 * functions.length; i++) {
            int last = 1 + code.size();
            code.add(op(functions[i % functions.length], last, 0));
            code.add(op(Opcode.MUL, last + 1, 0));
            code.add(op(Opcode.ADD, last + 2, 1));
        }
        int operations = code.stream().mapToInt(i -> LoopEmitter.operations(i.opcode())).sum();
        assertTrue(operations > 300, operations + " operations fit one loop");
        var x = View.dense(1, 0, DType.FLOAT32, n);
        var number = new View(2, 0, DType.FLOAT32, new int[] {n}, new long[] {0});
        var stores = new ArrayList<BlockProgram.Store>();
        for (int i = 0; i < code.size(); i += 7) {
            stores.add(new BlockProgram.Store(2 + i, View.dense(3 + stores.size(), 0, DType.FLOAT32, n)));
        }
        var program =
                new BlockProgram(
                        DType.FLOAT32, new int[] {n}, List.of(x, number), code, stores, List.of(), new boolean[1]);
        byte[][] expected = run(new VectorKernels(), program, 1, TEAMS.get(1), 1 / 3.0);
        byte[][] actual = run(new VectorKernels(new LoopCompiler(true)), program, 1, TEAMS.get(2), 1 / 3.0);
        for (int slot = 1; slot < Programs.SLOTS; slot++) {
            assertEquals(-1, firstDifference(expected[slot], actual[slot]), "slot " + slot);
        }
    }

    /// Such rows vanish among the axes, so that nothing is left of them in a tile's columns.
    @Test
    void loopsOverRowsOfOnePointHaveTheSameBits() {
        int[] dims = {31, 256, 1};
        var x = new View(1, 0, DType.FLOAT32, dims, new long[] {257, 1, 1});
        var program =
                new BlockProgram(
                        DType.FLOAT32,
                        dims,
                        List.of(x),
                        List.of(op(Opcode.ROW_MAX, 0, 0), op(Opcode.MUL, 1, 0), op(Opcode.ADD, 2, 0)),
                        List.of(new BlockProgram.Store(3, View.dense(2, 0, DType.FLOAT32, dims))),
                        List.of(),
                        new boolean[3],
                        1);
        byte[][] expected = run(new ReferenceKernels(), program, 1, TEAMS.get(0));
        byte[][] actual = run(new VectorKernels(new LoopCompiler(true)), program, 1, TEAMS.get(1));
        assertEquals(-1, firstDifference(expected[2], actual[2]));
    }

    // Of floats; which NaN a NaN is does not count.
    private static int firstDifference(byte[] a, byte[] b) {
        MemorySegment x = MemorySegment.ofArray(a);
        MemorySegment y = MemorySegment.ofArray(b);
        for (int i = 0; i < a.length / 4; i++) {
            float left = x.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
            if (Float.compare(left, y.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i)) != 0) {
                return i;
            }
        }
        return -1;
    }

    @ParameterizedTest
    @MethodSource("chunks")
    void scalarAgreesWithReference(int chunk) {
        for (int seed = chunk; seed < SEEDS / 5; seed += 10) {
            check(new ScalarKernels(), seed);
        }
    }

    @ParameterizedTest
    @EnumSource(BlockProgram.Kind.class)
    void reducesWithNaN(BlockProgram.Kind kind) {
        for (boolean rows : new boolean[] {true, false}) {
            int[] dims = {33, 100};
            boolean[] reduced = {rows, !rows};
            int[] kept = {rows ? 1 : 33, rows ? 100 : 1};
            var program =
                    new BlockProgram(
                            DType.FLOAT32,
                            dims,
                            List.of(View.dense(1, 0, DType.FLOAT32, dims)),
                            List.of(),
                            List.of(),
                            List.of(new BlockProgram.Reduction(kind, 0, View.dense(2, 0, DType.FLOAT32, kept))),
                            reduced);
            try (var arena = Arena.ofShared()) {
                var in = arena.allocate(4 * 3300);
                for (int i = 0; i < 3300; i++) {
                    in.setAtIndex(Elements.FLOAT, i, i % 701 == 5 ? Float.NaN : i % 17 - 8);
                }
                float[][] results = new float[2][];
                for (int k = 0; k < 2; k++) {
                    var out = arena.allocate(4 * 100);
                    var kernels = k == 0 ? new ReferenceKernels() : new VectorKernels();
                    kernels.prepare(program).run(new Memory(arena.allocate(1), in, out), 0, TEAMS.get(0));
                    results[k] = out.toArray(Elements.FLOAT);
                }
                assertEquals(Arrays.toString(results[0]), Arrays.toString(results[1]));
            }
        }
    }

    private static void check(Kernels kernels, int seed) {
        var program = new Programs(seed).program();
        byte[][] expected = run(new ReferenceKernels(), program, seed, TEAMS.get(0));
        for (Team team : TEAMS) {
            byte[][] actual = run(kernels, program, seed, team);
            for (int slot = 1; slot < expected.length; slot++) {
                int at = Arrays.mismatch(expected[slot], actual[slot]);
                if (at >= 0) {
                    fail(
                            "seed %d, team %d, slot %d, byte %d: %s"
                                    .formatted(seed, team.size(), slot, at, Programs.describe(program)));
                }
            }
        }
    }

    private static byte[][] run(Kernels kernels, BlockProgram program, int seed, Team team) {
        return run(kernels, program, seed, team, 1);
    }

    private static byte[][] run(Kernels kernels, BlockProgram program, int seed, Team team, double factor) {
        try (var arena = Arena.ofShared()) {
            var kernel = kernels.prepare(program);
            long offset = 64;
            var slots = new MemorySegment[Programs.SLOTS];
            slots[0] = arena.allocate(kernel.scratchBytes() + offset, 64);
            var random = new SplittableRandom(seed);
            for (int i = 1; i < slots.length; i++) {
                slots[i] = arena.allocate(Programs.slotBytes(program, i), 64);
                var type = Programs.slotType(program, i);
                for (long j = 0; j < slots[i].byteSize() / type.bytes(); j++) {
                    int number = random.nextInt(-4, 5);
                    if (factor != 1 && type == DType.FLOAT32) {
                        slots[i].setAtIndex(Elements.FLOAT, j, (float) (number * factor));
                    } else {
                        Elements.setLong(slots[i], type, j * type.bytes(), number);
                    }
                }
            }
            kernel.run(new Memory(slots), offset, team);
            var bytes = new byte[slots.length][];
            for (int i = 1; i < slots.length; i++) {
                // + 0.0f: a sum of zeros of both signs may be either, depending on the order
                if (Programs.slotType(program, i) == DType.FLOAT32) {
                    for (long j = 0; j < slots[i].byteSize() / 4; j++) {
                        slots[i].setAtIndex(Elements.FLOAT, j, slots[i].getAtIndex(Elements.FLOAT, j) + 0.0f);
                    }
                }
                bytes[i] = slots[i].toArray(Elements.BYTE);
            }
            return bytes;
        }
    }

    /// A seeded generator of programs; each view has a slot of its own except for updates in place.
    private static final class Programs {
        static final int SLOTS = 16;
        private final SplittableRandom random;
        private int slot = 1;

        Programs(int seed) {
            random = new SplittableRandom(seed);
        }

        BlockProgram program() {
            int[] dims = dims();
            int rowAxes = rowAxes(dims);
            int rowLength = 1;
            for (int i = dims.length - rowAxes; i < dims.length; i++) {
                rowLength *= dims[i];
            }
            var loads = new ArrayList<View>();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                loads.add(rowAxes > 0 && random.nextInt(3) == 0 ? narrow(dims, rowAxes) : load(dims));
            }
            var code = new ArrayList<BlockProgram.Instruction>();
            int powers = 0; // squares grow: not too often
            for (int i = random.nextInt(0, 8); i > 0; i--) {
                int n = loads.size() + code.size();
                Opcode op = EXACT[random.nextInt(EXACT.length)];
                if (rowAxes > 0 && random.nextInt(3) == 0) {
                    boolean sum = rowLength <= LONGEST_SUM && powers == 0 && random.nextBoolean();
                    powers += sum ? 1 : 0; // sums grow too
                    op = sum ? Opcode.ROW_SUM : random.nextBoolean() ? Opcode.ROW_MAX : Opcode.ROW_MIN;
                }
                int b = random.nextInt(n);
                if (op == Opcode.POW) {
                    if (powers++ > 0) {
                        continue;
                    }
                    code.add(new BlockProgram.Instruction(Opcode.CONSTANT, 0, 0, 0, 2));
                    b = n;
                }
                // operands beyond the arity may be anything
                code.add(
                        new BlockProgram.Instruction(
                                op,
                                random.nextInt(n),
                                b,
                                op.arity() > 2 ? random.nextInt(n) : 99,
                                random.nextInt(-2, 3)));
            }
            int registers = loads.size() + code.size();
            var stores = new ArrayList<BlockProgram.Store>();
            int count = random.nextInt(0, 3);
            for (int i = 0; i < count; i++) {
                int register = random.nextInt(registers);
                boolean row = register >= loads.size() && code.get(register - loads.size()).opcode().row() != null;
                View target = row && random.nextBoolean() ? narrow(dims, rowAxes) : store(dims, loads, stores);
                stores.add(new BlockProgram.Store(register, target));
            }
            var reduced = new boolean[dims.length];
            var reductions = new ArrayList<BlockProgram.Reduction>();
            if (count == 0 || random.nextBoolean()) {
                int[] kept = dims.clone();
                for (int i = 0; i < dims.length; i++) {
                    boolean inRow = i > dims.length - rowAxes; // all of a row's axes are as its first
                    reduced[i] = inRow ? reduced[i - 1] : random.nextBoolean();
                    kept[i] = reduced[i] ? 1 : dims[i];
                }
                for (int i = random.nextInt(1, 3); i > 0; i--) {
                    var kind = BlockProgram.Kind.values()[random.nextInt(3)];
                    var target = View.dense(slot++, 0, DType.FLOAT32, kept);
                    reductions.add(new BlockProgram.Reduction(kind, random.nextInt(registers), target));
                }
            }
            return new BlockProgram(DType.FLOAT32, dims, loads, code, stores, reductions, reduced, rowAxes);
        }

        // In half of the programs that can have rows.
        private int rowAxes(int... dims) {
            if (random.nextBoolean() || Arrays.stream(dims).anyMatch(d -> d == 0)) {
                return 0;
            }
            int axes = 0;
            int length = 1;
            for (int wanted = random.nextInt(1, 3); axes < Math.min(wanted, dims.length); axes++) {
                length *= dims[dims.length - 1 - axes];
                if (length > BlockProgram.LONGEST_ROW) {
                    break;
                }
            }
            return axes;
        }

        // The same all along a row.
        private View narrow(int[] dims, int rowAxes) {
            var strides = new long[dims.length];
            long stride = 1;
            for (int i = dims.length - rowAxes - 1; i >= 0; i--) {
                strides[i] = stride;
                stride *= dims[i];
            }
            return new View(slot++, 0, DType.FLOAT32, dims, strides);
        }

        private int[] dims() {
            int rank = random.nextInt(0, 5);
            var dims = new int[rank];
            long points = 1;
            for (int i = 0; i < rank; i++) {
                int size = SIZES[random.nextInt(SIZES.length)];
                dims[i] = points * size > 120_000 ? random.nextInt(1, 4) : size;
                points *= dims[i];
            }
            for (int i = 0; i < rank; i++) { // the large axis is not always the first
                int j = random.nextInt(rank);
                int swap = dims[i];
                dims[i] = dims[j];
                dims[j] = swap;
            }
            if (rank > 0 && random.nextInt(40) == 0) {
                dims[random.nextInt(rank)] = 0;
            }
            return dims;
        }

        private View load(int[] dims) {
            DType[] types = {
                DType.FLOAT32, DType.FLOAT32, DType.FLOAT32, DType.BOOL, DType.INT32, DType.INT64, DType.FLOAT64
            };
            var type = types[random.nextInt(types.length)];
            return layout(dims, type, random.nextInt(6));
        }

        /// Style 0 … 2 dense, 3 some axes repeated, 4 axes permuted, 5 some axes backwards; not dense with a gap.
        private View layout(int[] dims, DType type, int style) {
            var strides = new long[dims.length];
            var order = IntStream.range(0, dims.length).toArray();
            if (style == 4) {
                for (int i = 0; i < order.length; i++) {
                    int j = random.nextInt(order.length);
                    int swap = order[i];
                    order[i] = order[j];
                    order[j] = swap;
                }
            }
            long stride = style == 5 ? random.nextInt(1, 3) : 1;
            long first = random.nextInt(3);
            for (int k = dims.length - 1; k >= 0; k--) {
                int axis = order[k];
                if (style == 3 && random.nextBoolean()) {
                    continue;
                }
                strides[axis] = stride;
                if (style == 5 && random.nextBoolean()) {
                    strides[axis] = -stride;
                    first += stride * Math.max(0, dims[axis] - 1);
                }
                stride *= dims[axis];
            }
            return new View(slot++, first * type.bytes(), type, dims, strides);
        }

        private View store(int[] dims, List<View> loads, List<BlockProgram.Store> stores) {
            if (random.nextInt(3) == 0) {
                View v = loads.get(random.nextInt(loads.size()));
                boolean used = stores.stream().anyMatch(s -> s.target().slot() == v.slot());
                boolean repeats = false;
                for (int i = 0; i < dims.length; i++) {
                    repeats |= dims[i] > 1 && v.strides()[i] == 0;
                }
                if (!used && !repeats) {
                    return v;
                }
            }
            DType[] types = {DType.FLOAT32, DType.FLOAT32, DType.FLOAT32, DType.BOOL, DType.INT32, DType.FLOAT64};
            int style = random.nextInt(6);
            return layout(dims, types[random.nextInt(types.length)], style == 3 ? 0 : style);
        }

        static List<View> views(BlockProgram program) {
            var views = new ArrayList<>(program.loads());
            program.stores().forEach(s -> views.add(s.target()));
            program.reductions().forEach(r -> views.add(r.target()));
            return views;
        }

        static DType slotType(BlockProgram program, int slot) {
            return views(program).stream().filter(v -> v.slot() == slot).map(View::type).findFirst().orElse(DType.BOOL);
        }

        static long slotBytes(BlockProgram program, int slot) {
            return views(program).stream()
                    .filter(v -> v.slot() == slot)
                    .mapToLong(v -> {
                        long last = 1;
                        for (int i = 0; i < v.dims().length; i++) {
                            last += Math.max(0, (v.dims()[i] - 1) * v.strides()[i]);
                        }
                        return v.offset() + last * v.type().bytes();
                    })
                    .max()
                    .orElse(0);
        }

        static String describe(BlockProgram p) {
            var text =
                    new StringBuilder(
                            "dims "
                                    + Arrays.toString(p.dims())
                                    + " reduced "
                                    + Arrays.toString(p.reduced())
                                    + " row axes "
                                    + p.rowAxes());
            for (View v : views(p)) {
                text.append(
                        "\n  slot %d offset %d %s %s"
                                .formatted(v.slot(), v.offset(), v.type(), Arrays.toString(v.strides())));
            }
            p.code().forEach(c -> text.append("\n  ").append(c));
            p.stores()
                    .forEach(s ->
                            text.append("\n  store ").append(s.register()).append(" to ").append(s.target().slot()));
            p.reductions().forEach(r -> text.append("\n  ").append(r.kind()).append(" of ").append(r.register()));
            return text.toString();
        }
    }
}
