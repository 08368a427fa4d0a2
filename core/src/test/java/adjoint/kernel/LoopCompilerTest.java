package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adjoint.kernel.FusedLoop.Input;
import adjoint.kernel.FusedLoop.Instruction;

import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Supplier;

/// How loops of several instructions come to be; what they compute is in [KernelsAgreeTest].
class LoopCompilerTest {
    // relu(x * row + number), and the sums of its columns
    private static final FusedLoop.Source SOURCE =
            new FusedLoop.Source(
                    List.of(Input.BLOCK, Input.ROW, Input.NUMBER),
                    List.of(
                            new Instruction(Opcode.MUL, List.of(0, 1)),
                            new Instruction(Opcode.ADD, List.of(3, 2)),
                            new Instruction(Opcode.RELU, List.of(4))),
                    List.of(5),
                    List.of(5));

    @Test
    void onlyLargeProgramsThatHaveRunGetLoops() {
        var compiler = new LoopCompiler(false);
        assertFalse(compiler.isWorth((1 << 16) - 1));
        assertTrue(compiler.isWorth(1 << 16));
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
            assertArrayEquals(run(LoopCompiler.make(SOURCE), rows, columns), run(maker.get(), rows, columns));
        }
    }

    @Test
    void computesWhatItsSourceSays() {
        int columns = 2 * VectorMath.LANES;
        int rows = 5;
        float[] got = run(LoopCompiler.make(SOURCE), rows, columns);
        var expected = new float[got.length];
        for (int i = 0; i < rows * columns; i++) {
            expected[i] = Math.max(0, (i % 7 - 3) * (float) (i % columns % 5) + 2);
            expected[rows * columns + i % columns] += expected[i];
        }
        assertArrayEquals(expected, got);
    }

    // The outputs, then the sums.
    private static float[] run(FusedLoop loop, int rows, int columns) {
        try (var arena = Arena.ofConfined()) {
            int n = rows * columns;
            MemorySegment x = arena.allocate(4L * n, 64);
            MemorySegment row = arena.allocate(4L * columns, 64);
            MemorySegment out = arena.allocate(4L * (n + columns), 64);
            for (int i = 0; i < n; i++) {
                x.setAtIndex(Elements.FLOAT, i, i % 7 - 3);
                row.setAtIndex(Elements.FLOAT, i % columns, i % columns % 5);
            }
            MemorySegment[] segments = {out, row, x, x};
            float[] scalars = {0, 0, 0, 2};
            loop.run(segments, new long[4], scalars, new int[] {2, 1, 3, 0}, rows, columns, out, 4L * n);
            return out.toArray(Elements.FLOAT);
        }
    }
}
