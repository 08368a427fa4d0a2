package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/// Steps that go by an index: the fast loops against the plain ones. Both add floats in the order of the indices, so the
/// bits must be the same, on any team.
class IndexingTest {
    private static final List<Team> TEAMS = List.of(new Team(1), new Team(2), new Team(3), new Team(7));
    private static final int[] SIZES = {1, 3, 5, 7, 13, 16, 17, 33, 100, 129};

    @AfterAll
    static void close() {
        TEAMS.forEach(Team::close);
    }

    private static float[] run(Kernels kernels, Step step, MemorySegment[] slots, Team team) {
        View target = step.targets().getFirst();
        MemorySegment to = slots[target.slot()];
        for (long i = 0; i < to.byteSize() / 4; i++) {
            to.setAtIndex(Elements.FLOAT, i, 1e9f);
        }
        kernels.prepare(step).run(new Memory(slots), 0, team);
        return to.asSlice(target.offset(), target.size() * 4).toArray(Elements.FLOAT);
    }

    private static void check(Step step, MemorySegment... slots) {
        float[] expected = run(new ReferenceKernels(), step, slots, TEAMS.getFirst());
        for (Team team : TEAMS) {
            assertArrayEquals(expected, run(new VectorKernels(), step, slots, team), 0, step + " on " + team.size());
        }
    }

    @Test
    void agreesWithPlainLoops() {
        var random = new SplittableRandom(5);
        for (int seed = 0; seed < 150; seed++) {
            int outer = seed % 4 == 0 ? random.nextInt(1, 4) : 1;
            int extent = SIZES[random.nextInt(SIZES.length)] * (seed % 10 == 0 ? 50 : 1);
            int count = SIZES[random.nextInt(SIZES.length)];
            int inner = SIZES[random.nextInt(SIZES.length)];
            DType type = seed % 2 == 0 ? DType.INT32 : DType.INT64;
            View index = View.dense(1, 8, type, count);
            View single = View.dense(1, 8, type, count, 1);
            View table = View.dense(2, 4, DType.FLOAT32, outer, extent, inner);
            View rows = View.dense(3, 4, DType.FLOAT32, outer, count, inner);
            View scores = View.dense(2, 4, DType.FLOAT32, count, extent);
            View chosen = View.dense(3, 4, DType.FLOAT32, count, 1);
            try (var arena = Arena.ofShared()) {
                MemorySegment[] slots = {
                    arena.allocate(64),
                    arena.allocate(8 + 8L * count),
                    arena.allocate(4 + 4 * Math.max(table.size(), scores.size())),
                    arena.allocate(4 + 4 * rows.size())
                };
                for (int slot = 2; slot < 4; slot++) {
                    for (long i = 0; i < slots[slot].byteSize() / 4; i++) {
                        slots[slot].setAtIndex(Elements.FLOAT, i, (float) random.nextDouble(-1, 1));
                    }
                }
                for (int i = 0; i < count; i++) {
                    Elements.setLong(slots[1], type, 8 + (long) i * type.bytes(), random.nextInt(extent));
                }
                check(new Step.ScatterAdd(index, rows, table, 1), slots);
                check(new Step.ScatterAddAlongAxis(single, chosen, scores, 1), slots);
                check(new Step.Gather(table, index, rows, 1), slots);
                check(new Step.TakeAlongAxis(scores, single, chosen, 1), slots);
            }
        }
    }

    @Test
    void refusesIndicesOutside() {
        View index = View.dense(0, 0, DType.INT64, 2, 1);
        View scores = View.dense(1, 0, DType.FLOAT32, 2, 3);
        View chosen = View.dense(2, 0, DType.FLOAT32, 2, 1);
        var steps =
                List.of(
                        new Step.TakeAlongAxis(scores, index, chosen, 1),
                        new Step.ScatterAddAlongAxis(index, chosen, scores, 1),
                        new Step.ScatterAdd(
                                View.dense(0, 0, DType.INT64, 2),
                                View.dense(2, 0, DType.FLOAT32, 2),
                                View.dense(1, 0, DType.FLOAT32, 3),
                                0));
        try (var arena = Arena.ofShared()) {
            for (long wrong : new long[] {-1, 3, 1L << 32}) {
                MemorySegment indices = arena.allocate(16);
                indices.setAtIndex(Elements.LONG, 1, wrong);
                var memory = new Memory(indices, arena.allocate(24), arena.allocate(8));
                for (Step step : steps) {
                    var kernel = new VectorKernels().prepare(step);
                    var e =
                            assertThrows(
                                    IndexOutOfBoundsException.class, () -> kernel.run(memory, 0, TEAMS.getFirst()));
                    assertEquals("index " + wrong + " at position 1 is outside 0..2", e.getMessage());
                }
            }
        }
    }
}
