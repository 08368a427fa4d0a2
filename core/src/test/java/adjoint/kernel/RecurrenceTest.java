package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.kernel.Recurrence.Cell;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Recurrences on the Vector API against the plain loops, and against themselves on other teams.
class RecurrenceTest {
    private static final List<Team> TEAMS = List.of(new Team(1), new Team(2), new Team(3), new Team(7));
    private static final int[] UNITS = {1, 3, 5, 7, 8, 13, 16, 17, 32, 33, 48, 64, 100};
    private static final int[] BATCHES = {1, 3, 4, 5, 8, 12, 17, 33};
    private static final int[] STEPS = {1, 2, 3, 7};

    @AfterAll
    static void close() {
        TEAMS.forEach(Team::close);
    }

    /// A recurrence and its adjoint, in one stretch of memory.
    private static final class Case {
        final Recurrence forward;
        final RecurrenceAdjoint backward;
        final SplittableRandom random;
        private long end;

        Case(Cell cell, int batch, int steps, int h, boolean masked, boolean both, long seed) {
            random = new SplittableRandom(seed);
            View x = view(DType.FLOAT32, batch, steps, cell.gates() * h);
            View state = view(DType.FLOAT32, batch, cell.states() * h);
            View weight = view(DType.FLOAT32, h, cell.gates() * h);
            var bias = cell == Cell.GRU ? Optional.of(view(DType.FLOAT32, h)) : Optional.<View>empty();
            var lengths =
                    masked
                            ? Optional.of(view(seed % 2 == 0 ? DType.INT32 : DType.INT64, batch))
                            : Optional.<View>empty();
            View g = view(DType.FLOAT32, batch, steps, (both ? cell.states() : 1) * h);
            View trace = view(DType.FLOAT32, batch, steps, cell.columns() * h);
            int size = batch * steps * cell.cotangents() * h + batch * cell.states() * h;
            View target = view(DType.FLOAT32, size);
            forward = new Recurrence(cell, x, state, weight, bias, lengths, trace);
            backward = new RecurrenceAdjoint(cell, g, trace, state, weight, lengths, target);
        }

        private View view(DType type, int... dims) {
            View view = View.dense(1, end, type, dims);
            end += (view.size() * type.bytes() + 7) / 8 * 8;
            return view;
        }

        MemorySegment memory(Arena arena) {
            MemorySegment memory = arena.allocate(end, 64);
            int h = forward.weight().dims()[0];
            fill(memory, forward.x(), 1);
            fill(memory, forward.state(), 1);
            fill(memory, forward.weight(), 1 / Math.sqrt(h));
            forward.bias().ifPresent(b -> fill(memory, b, 1));
            fill(memory, backward.cotangent(), 1);
            fill(memory, forward.target(), 1e9); // what is not written shall be seen
            fill(memory, backward.target(), 1e9);
            forward.lengths()
                    .ifPresent(v -> {
                        int steps = forward.x().dims()[1];
                        for (int b = 0; b < v.size(); b++) {
                            long at = v.offset() + (long) b * v.type().bytes();
                            Elements.setLong(memory, v.type(), at, random.nextInt(steps + 1));
                        }
                    });
            return memory;
        }

        private void fill(MemorySegment memory, View view, double scale) {
            for (int i = 0; i < view.size(); i++) {
                memory.set(Elements.FLOAT, view.offset() + 4L * i, (float) (random.nextDouble(-1, 1) * scale));
            }
        }
    }

    private static void run(Kernels kernels, Step step, MemorySegment memory, Arena arena, Team team) {
        Kernel kernel = kernels.prepare(step);
        MemorySegment scratch = arena.allocate(64 + kernel.scratchBytes(), 64);
        for (long i = 0; i < scratch.byteSize() / 4; i++) { // an arena is used again
            scratch.setAtIndex(Elements.FLOAT, i, Float.NaN);
        }
        kernel.run(new Memory(scratch, memory), 64, team);
    }

    private static float[] floats(MemorySegment memory, View view) {
        return memory.asSlice(view.offset(), 4 * view.size()).toArray(Elements.FLOAT);
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void agreesWithPlainLoops(Cell cell) {
        var shapes = new SplittableRandom(17);
        for (int seed = 0; seed < 120; seed++) {
            int h = UNITS[seed % UNITS.length];
            int batch = BATCHES[shapes.nextInt(BATCHES.length)];
            int steps = STEPS[shapes.nextInt(STEPS.length)];
            var test = new Case(cell, batch, steps, h, seed % 3 == 0, seed % 2 == 0, seed);
            String what = "%s, %d sequences of %d steps, %d units, seed %d".formatted(cell, batch, steps, h, seed);
            try (var arena = Arena.ofShared()) {
                MemorySegment given = test.memory(arena);
                MemorySegment expected = arena.allocate(given.byteSize(), 64).copyFrom(given);
                run(new ReferenceKernels(), test.forward, expected, arena, TEAMS.getFirst());
                float[] trace = floats(expected, test.forward.target());
                run(new ReferenceKernels(), test.backward, expected, arena, TEAMS.getFirst());
                float[] adjoint = floats(expected, test.backward.target());
                float[][] first = null;
                for (Team team : TEAMS) {
                    MemorySegment memory = arena.allocate(given.byteSize(), 64).copyFrom(given);
                    run(new VectorKernels(), test.forward, memory, arena, team);
                    float[] actual = floats(memory, test.forward.target());
                    compare(test, trace, actual, what);
                    run(new VectorKernels(), test.backward, memory, arena, team);
                    float[] back = floats(memory, test.backward.target());
                    assertArrayEquals(adjoint, back, 2e-5f, what);
                    if (first == null) {
                        first = new float[][] {actual, back};
                    } else {
                        assertArrayEquals(first[0], actual, 0, what + " on another team");
                        assertArrayEquals(first[1], back, 0, what + " on another team");
                    }
                }
            }
        }
    }

    // All columns where a sequence runs, only the state's where it has ended.
    private static void compare(Case test, float[] expected, float[] actual, String what) {
        int[] dims = test.forward.target().dims();
        int states = test.forward.state().dims()[1];
        for (int i = 0; i < expected.length; i++) {
            boolean state = i % dims[2] < states;
            if (test.forward.lengths().isEmpty() || state) {
                assertEquals(expected[i], actual[i], 5e-6f, what);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Cell.class)
    void refusesLengthsOutside(Cell cell) {
        for (Kernels kernels : List.of(new ReferenceKernels(), new VectorKernels())) {
            for (int length : new int[] {-1, 6}) {
                var test = new Case(cell, 3, 5, 4, true, true, 2);
                try (var arena = Arena.ofShared()) {
                    MemorySegment memory = test.memory(arena);
                    memory.set(Elements.INT, test.forward.lengths().orElseThrow().offset() + 4, length);
                    for (Step step : List.of(test.forward, test.backward)) {
                        var e =
                                assertThrows(
                                        IndexOutOfBoundsException.class,
                                        () -> run(kernels, step, memory, arena, TEAMS.getFirst()));
                        assertEquals("length " + length + " of sequence 1 is outside 0..5", e.getMessage());
                    }
                }
            }
        }
    }

    @Test
    void floatsAreComputedInVectors() {
        var test = new Case(Cell.LSTM, 2, 2, 3, false, true, 1);
        assertTrue(new VectorKernels().prepare(test.forward) instanceof VectorRecurrence);
        assertTrue(new VectorKernels().prepare(test.backward) instanceof VectorRecurrenceAdjoint);
    }
}
