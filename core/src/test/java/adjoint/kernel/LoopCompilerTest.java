package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adjoint.kernel.FusedLoop.Input;
import adjoint.kernel.FusedLoop.Instruction;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// How loops of several instructions come to be, and what each instruction computes in them; the rest is in [KernelsAgreeTest].
class LoopCompilerTest {
    // relu(x * row + number), and the sums of its columns
    private static final FusedLoop.Source SOURCE = source(1);

    private static FusedLoop.Source source(int width) {
        return new FusedLoop.Source(
                List.of(Input.BLOCK, Input.ROW, Input.NUMBER),
                List.of(
                        new Instruction(Opcode.MUL, List.of(0, 1)),
                        new Instruction(Opcode.ADD, List.of(3, 2)),
                        new Instruction(Opcode.RELU, List.of(4))),
                List.of(5),
                List.of(5),
                width);
    }

    @Test
    void onlyLargeProgramsThatHaveRunGetLoops() {
        var compiler = new LoopCompiler(false);
        assertFalse(compiler.isWorth((1 << 13) - 1));
        assertTrue(compiler.isWorth(1 << 13));
        assertFalse(compiler.isTime((1 << 26) - 1));
        assertTrue(compiler.isTime(1 << 26));
        assertNull(new VectorLoops(compiler).fused(SOURCE, 1));
    }

    @Test
    void aLoopIsMadeOnceAndHandedOutWhenItIsTheFasterOne() throws InterruptedException {
        var compiler = new LoopCompiler(false);
        var loops = new VectorLoops(compiler);
        Supplier<FusedLoop> maker = loops.fused(SOURCE, 1 << 26);
        assertSame(maker, loops.fused(SOURCE, 1 << 27));
        for (int i = 0; i < 1500 && maker.get() == null; i++) {
            Thread.sleep(10);
        }
        assumeTrue(maker.get() != null, "the JVM took too long to compile the loop: not looked at");
        int columns = 3 * VectorMath.LANES;
        for (int rows : new int[] {1, 6, 7}) {
            assertArrayEquals(run(LoopEmitter.make(SOURCE), 2, rows, columns), run(maker.get(), 2, rows, columns));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void computesWhatItsSourceSays(int width) {
        int columns = 4 * VectorMath.LANES;
        int rows = 5;
        for (int tiles = 1; tiles <= 3; tiles++) {
            float[] got = run(LoopEmitter.make(source(width)), tiles, rows, columns);
            var expected = new float[got.length];
            int n = tiles * rows * columns;
            for (int i = 0; i < n; i++) {
                expected[i] = Math.max(0, (i % 7 - 3) * (float) (i % columns % 5) + 2);
                expected[n + i / (rows * columns) * columns + i % columns] += expected[i];
            }
            assertArrayEquals(expected, got);
        }
    }

    @Test
    void whereRowsDoNotMatterAllTilesAreOne() {
        var flat =
                new FusedLoop.Source(
                        List.of(Input.BLOCK, Input.NUMBER),
                        List.of(new Instruction(Opcode.MUL, List.of(0, 0)), new Instruction(Opcode.ADD, List.of(2, 1))),
                        List.of(3),
                        List.of(),
                        1);
        assertTrue(flat.isFlat());
        assertFalse(SOURCE.isFlat());
        FusedLoop loop = LoopEmitter.make(flat);
        int columns = VectorMath.LANES;
        try (var arena = Arena.ofConfined()) {
            for (int tiles = 1; tiles <= 3; tiles++) {
                int n = tiles * 5 * columns;
                MemorySegment x = arena.allocate(4L * n, 64);
                MemorySegment y = arena.allocate(4L * n + 64, 64);
                var expected = new float[n + 16];
                for (int i = 0; i < n; i++) {
                    x.setAtIndex(Elements.FLOAT, i, i);
                    expected[i] = (float) i * i + 2;
                }
                MemorySegment[] segments = {x, y, y};
                int[] registers = {0, 1, 2};
                loop.run(segments, new long[3], new float[] {0, 2, 0}, registers, tiles, 5, columns, y, 0);
                assertArrayEquals(expected, y.toArray(Elements.FLOAT));
            }
        }
    }

    @Test
    void loopsTakeAllButAFewOpcodes() {
        List<Opcode> others = Arrays.stream(Opcode.values()).filter(o -> LoopEmitter.operations(o) == 0).toList();
        assertEquals(
                "[SIGN, FLOOR, CEIL, TRUNC, TO_INT32, TO_INT64, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, POW, ROW_SUM, "
                        + "ROW_MAX, ROW_MIN, CONSTANT]",
                others.toString());
    }

    @ParameterizedTest
    @EnumSource(Opcode.class)
    void everyOpcodeHasTheBitsOfItsOwnLoop(Opcode opcode) {
        if (LoopEmitter.operations(opcode) == 0) {
            return;
        }
        int n = 64 * VectorMath.LANES;
        float[] special = {0, -0f, 1, -1, 0.92f, -88, 89, -104, 1e-40f, 3e38f, Float.NaN, 1 / 0f, -1 / 0f};
        try (var arena = Arena.ofConfined()) {
            MemorySegment[] segments = new MemorySegment[4];
            for (int v = 0; v < segments.length; v++) {
                segments[v] = arena.allocate(4L * n, 64);
                for (int i = 0; i < n; i++) {
                    float x = i / 16 < special.length ? special[(i / 16 + v * i) % special.length] : (i - n / 2) / 37f;
                    segments[v].setAtIndex(Elements.FLOAT, i, v == 1 ? -x : x);
                }
            }
            new VectorLoops(new LoopCompiler(false))
                    .loop(opcode)
                    .run(segments[0], 0, segments[1], 0, segments[2], 0, segments[3], 0, n);
            int[] expected = segments[3].toArray(ValueLayout.JAVA_INT);
            segments[3].fill((byte) 1);
            List<Integer> operands = IntStream.range(0, opcode.arity()).boxed().toList();
            var source =
                    new FusedLoop.Source(
                            operands.stream().map(_ -> Input.BLOCK).toList(),
                            List.of(new Instruction(opcode, operands)),
                            List.of(opcode.arity()),
                            List.of(),
                            1);
            int[] registers = IntStream.concat(operands.stream().mapToInt(i -> i), IntStream.of(3)).toArray();
            FusedLoop loop = LoopEmitter.make(source);
            loop.run(segments, new long[4], new float[4], registers, 1, 4, n / 4, segments[3], 0);
            assertArrayEquals(canonical(expected), canonical(segments[3].toArray(ValueLayout.JAVA_INT)));
        }
    }

    // Which NaN a NaN is does not count.
    private static int[] canonical(int[] bits) {
        return Arrays.stream(bits).map(b -> Float.floatToIntBits(Float.intBitsToFloat(b))).toArray();
    }

    // The outputs, then the sums of each tile.
    private static float[] run(FusedLoop loop, int tiles, int rows, int columns) {
        try (var arena = Arena.ofConfined()) {
            int n = tiles * rows * columns;
            MemorySegment x = arena.allocate(4L * n, 64);
            MemorySegment row = arena.allocate(4L * columns, 64);
            MemorySegment out = arena.allocate(4L * (n + tiles * columns), 64);
            for (int i = 0; i < n; i++) {
                x.setAtIndex(Elements.FLOAT, i, i % 7 - 3);
                row.setAtIndex(Elements.FLOAT, i % columns, i % columns % 5);
            }
            MemorySegment[] segments = {out, row, x, x};
            float[] scalars = {0, 0, 0, 2};
            loop.run(segments, new long[4], scalars, new int[] {2, 1, 3, 0}, tiles, rows, columns, out, 4L * n);
            return out.toArray(Elements.FLOAT);
        }
    }
}
