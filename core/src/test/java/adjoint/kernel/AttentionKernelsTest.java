package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Attention's vector kernels against the plain loops, on operands with all kinds of strides, and on other teams.
class AttentionKernelsTest {
    private static final int[] TEAMS = {1, 2, 3, 7};

    /// Row-major; heads before time; each element apart and rows backwards.
    private static final int FORMS = 3;

    private final List<MemorySegment> slots = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(1);

    @ParameterizedTest
    @CsvSource({
        "2, 1, 1, 1, 1, 1, 1", "1, 3, 1, 3, 5, 7, 1", "2, 4, 2, 13, 17, 3, 33", "1, 2, 2, 64, 64, 32, 32",
        "1, 1, 1, 65, 33, 17, 16", "1, 2, 1, 100, 129, 13, 7", "1, 1, 1, 130, 600, 5, 5", "2, 2, 1, 70, 1, 33, 3"
    })
    void vectorAgreesWithReference(int batch, int heads, int keyHeads, int t, int s, int d, int e) {
        try (var arena = Arena.ofShared()) {
            for (int form = 0; form < FORMS; form++) {
                for (int kind = 0; kind < 6; kind++) {
                    slots.clear();
                    slots.add(arena.allocate(1 << 20, 64));
                    View mask =
                            switch (kind) {
                                case 1 -> view(arena, DType.FLOAT32, form, batch, heads, t, s);
                                case 2 -> truth(arena, batch, heads, t, s);
                                case 5 -> repeated(view(arena, DType.FLOAT32, 0, batch, 1, 1, s), heads, t);
                                default -> null;
                            };
                    var scores =
                            new AttentionScores(
                                    view(arena, DType.FLOAT32, form, batch, t, heads, d),
                                    view(arena, DType.FLOAT32, (form + 1) % FORMS, batch, s, keyHeads, d),
                                    mask,
                                    kind >= 4 ? key(arena) : null,
                                    kind % 2 == 1 || kind == 4,
                                    0.6,
                                    kind >= 4 ? 0.3 : 0);
                    View v = view(arena, DType.FLOAT32, (form + 2) % FORMS, batch, s, keyHeads, e);
                    View output = view(arena, DType.FLOAT32, 0, batch, t, heads, e);
                    View logSum = view(arena, DType.FLOAT32, 0, batch, heads, t);
                    check(new AttentionForward(scores, v, output, logSum));
                    check(new AttentionForward(scores, v, output, null));
                    check(new AttentionForward(scores, v, null, logSum));
                    check(
                            new AttentionBackward(
                                    scores,
                                    v,
                                    output,
                                    logSum,
                                    view(arena, DType.FLOAT32, form, batch, t, heads, e),
                                    form == 1 ? null : part(arena, kind, batch, t, heads, d),
                                    form == 2 ? null : part(arena, kind, batch, s, keyHeads, d),
                                    part(arena, kind, batch, s, keyHeads, e)));
                }
            }
        }
    }

    /// One query in each sequence, as in writing text: rows of contiguous elements, keys with heads before time or behind it.
    @ParameterizedTest
    @CsvSource({
        "2, 1, 1, 1, 1, 1",
        "2, 4, 2, 17, 3, 33",
        "1, 2, 2, 64, 32, 32",
        "3, 6, 1, 130, 19, 200",
        "1, 12, 12, 700, 64, 64"
    })
    void oneQueryAgreesWithReference(int batch, int heads, int keyHeads, int s, int d, int e) {
        try (var arena = Arena.ofShared()) {
            for (int kind = 0; kind < 5; kind++) {
                slots.clear();
                slots.add(arena.allocate(1 << 20, 64));
                View mask =
                        switch (kind) {
                            case 1 -> view(arena, DType.FLOAT32, 0, batch, heads, 1, s);
                            case 2 -> truth(arena, batch, heads, 1, s);
                            case 3 -> repeated(view(arena, DType.FLOAT32, 0, batch, 1, 1, s), heads, 1);
                            case 4 -> nothing(arena, batch, heads, 1, s);
                            default -> null;
                        };
                var scores =
                        new AttentionScores(
                                view(arena, DType.FLOAT32, kind % 2, batch, 1, heads, d),
                                view(arena, DType.FLOAT32, kind % 2, batch, s, keyHeads, d),
                                mask,
                                null,
                                kind == 1,
                                0.6,
                                0);
                View v = view(arena, DType.FLOAT32, 1 - kind % 2, batch, s, keyHeads, e);
                var step = new AttentionForward(scores, v, view(arena, DType.FLOAT32, 0, batch, 1, heads, e), null);
                assertEquals(VectorAttentionRow.class, new VectorKernels().prepare(step).getClass());
                check(step);
            }
        }
    }

    // All memory is as before whenever a kernel begins: neither another one's results nor what it spilled are seen.
    private void check(Step step) {
        var memory = new Memory(slots.toArray(MemorySegment[]::new));
        List<byte[]> before = slots.stream().skip(1).map(s -> s.toArray(Elements.BYTE)).toList();
        List<float[]> first = null;
        for (int size : TEAMS) {
            restore(before);
            try (var team = new Team(size)) {
                var kernel = new VectorKernels().prepare(step);
                assertEquals(true, kernel.scratchBytes() <= slots.getFirst().byteSize());
                kernel.run(memory, 0, team);
            }
            List<float[]> found = targets(step);
            first = first == null ? found : first;
            for (int i = 0; i < found.size(); i++) {
                assertArrayEquals(first.get(i), found.get(i), "team of " + size);
            }
        }
        restore(before);
        try (var team = new Team(1)) {
            new ReferenceKernels().prepare(step).run(memory, 0, team); // its results stay for the steps that follow
        }
        List<float[]> expected = targets(step);
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), first.get(i), 1e-5f, step.toString());
        }
    }

    private void restore(List<byte[]> before) {
        for (int i = 0; i < before.size(); i++) {
            slots.get(i + 1).copyFrom(MemorySegment.ofArray(before.get(i)));
        }
    }

    private List<float[]> targets(Step step) {
        return step.targets().stream()
                .map(v -> slots.get(v.slot()).toArray(Elements.FLOAT)) // with what must stay as it was
                .toList();
    }

    private View view(Arena arena, DType type, int form, int... dims) {
        long size = View.dense(0, 0, type, dims).size();
        long[] strides = View.denseStrides(dims);
        long start = 0;
        if (form == 1) { // [B, H, T, D] in memory
            strides[1] = dims[3];
            strides[2] = (long) dims[1] * dims[3];
        } else if (form == 2) {
            for (int i = 0; i < strides.length; i++) {
                strides[i] *= i == 1 ? -2 : 2;
            }
            start = -(dims[1] - 1) * strides[1];
            size *= 2;
        }
        MemorySegment segment = arena.allocate(size * type.bytes(), 64);
        for (long i = 0; i < size; i++) {
            Elements.set(segment, type, i * type.bytes(), random.nextDouble(-1, 1));
        }
        slots.add(segment);
        return new View(slots.size() - 1, start * type.bytes(), type, dims, strides);
    }

    /// Part of wider rows, but for a kind that lies dense.
    private View part(Arena arena, int kind, int... dims) {
        int[] wider = {dims[0], dims[1], dims[2] + (kind == 0 ? 0 : kind), dims[3]};
        View whole = view(arena, DType.FLOAT32, 0, wider);
        return new View(whole.slot(), 4L * (kind / 2) * dims[3], DType.FLOAT32, dims, whole.strides());
    }

    private View truth(Arena arena, int... dims) {
        View view = view(arena, DType.BOOL, 0, dims);
        for (int i = 0; i < view.size(); i++) {
            Elements.set(slots.getLast(), DType.BOOL, i, random.nextInt(3));
        }
        return view;
    }

    /// One truth value for all: nothing is seen.
    private View nothing(Arena arena, int... dims) {
        slots.add(arena.allocate(1));
        return new View(slots.size() - 1, 0, DType.BOOL, dims, new long[dims.length]);
    }

    private static View repeated(View view, int heads, int t) {
        int[] dims = {view.dims()[0], heads, t, view.dims()[3]};
        return new View(view.slot(), view.offset(), view.type(), dims, new long[] {dims[3], 0, 0, 1});
    }

    private View key(Arena arena) {
        MemorySegment segment = arena.allocate(16, 64);
        segment.set(Elements.LONG, 0, 0x123456789abcdefL);
        segment.set(Elements.LONG, 8, -5);
        slots.add(segment);
        return View.dense(slots.size() - 1, 0, DType.INT64, 2);
    }
}
