package adjoint.plan;

import adjoint.kernel.AttentionBackward;
import adjoint.kernel.AttentionForward;
import adjoint.kernel.BlockProgram;
import adjoint.kernel.Buffer;
import adjoint.kernel.DType;
import adjoint.kernel.Kernel;
import adjoint.kernel.KernelException;
import adjoint.kernel.Memory;
import adjoint.kernel.Recurrence;
import adjoint.kernel.RecurrenceAdjoint;
import adjoint.kernel.Step;
import adjoint.kernel.Team;
import adjoint.kernel.View;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Spec;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A sequence of steps on one arena that computes what a recording asked for; made once for each structure and run as often
/// as it recurs. Immutable: several threads may run it at once, each on an arena of its own.
public final class Plan {
    /// A step that one thread ends sooner than this is not handed over: to share it costs about a microsecond.
    private static final double SHARED_NANOS = 15_000;

    /// A plan whose shared steps are shorter than this, all together, runs on the caller's thread alone: to wake another one costs more.
    private static final double WAKING_NANOS = 50_000;

    /// A plan whose shared steps are longer than this is surely worth it; below, it is tried.
    private static final double LARGE_NANOS = 2_000_000;

    private static final Team ALONE = new Team(1);

    record PlannedStep(Step step, Kernel kernel, long scratch, String what) {}

    record Place(int slot, long offset, Spec spec) {}

    private final PlannedStep[] steps;
    private final int[][] written; // by each step: numbers of leaves
    private final long arenaBytes;
    private final List<Place> results;
    private final int leafCount;
    private final boolean[] shared; // steps that the team does together
    private final Sharing sharing; // null where it is not in question

    Plan(List<PlannedStep> steps, long arenaBytes, List<Place> results, int leafCount) {
        this.steps = steps.toArray(PlannedStep[]::new);
        this.written = steps.stream().map(s -> written(s.step)).toArray(int[][]::new);
        this.arenaBytes = arenaBytes;
        this.results = results;
        this.leafCount = leafCount;
        double[] nanos = Arrays.stream(this.steps).mapToDouble(s -> estimate(s.step)).toArray();
        double together = Arrays.stream(nanos).filter(n -> n > SHARED_NANOS).sum();
        this.shared = new boolean[nanos.length];
        for (int i = 0; i < nanos.length; i++) {
            shared[i] = nanos[i] > SHARED_NANOS && together > WAKING_NANOS;
        }
        this.sharing = together > WAKING_NANOS && together < LARGE_NANOS ? new Sharing() : null;
    }

    // Nanoseconds that a thread takes, roughly: more without vectors.
    private static double estimate(Step step) {
        return (step.flops() / 60.0 + bytes(step) / 40.0) * (hasVectors(step) ? 1 : 50);
    }

    private static boolean hasVectors(Step step) {
        return switch (step) {
            case Step.Product _,
                    Step.Convolution _,
                    Step.Pool _,
                    Step.ScatterAdd _,
                    BlockProgram _,
                    Recurrence _,
                    RecurrenceAdjoint _,
                    AttentionForward _,
                    AttentionBackward _ ->
                    step.targets().stream().allMatch(v -> v.type() == DType.FLOAT32);
            default -> false;
        };
    }

    /// Whether the team does a step together.
    boolean isShared(int step) {
        return shared[step];
    }

    /// The number of steps.
    public int steps() {
        return steps.length;
    }

    /// Bytes of the arena that holds all intermediates.
    public long arenaBytes() {
        return arenaBytes;
    }

    /// Floating-point operations of one run: two for each multiply-add of a product, one for each elementwise instruction at
    /// each point.
    public long flops() {
        return Arrays.stream(steps).mapToLong(s -> s.step.flops()).sum();
    }

    private static int[] written(Step step) {
        return step.targets().stream().mapToInt(v -> v.slot() - 1).filter(leaf -> leaf >= 0).distinct().toArray();
    }

    /// @param touched set for each leaf of the recording as soon as it may have been written
    List<Buffer> run(Recording recording, ArenaPool pool, Team team, boolean[] touched) {
        MemorySegment[] slots = new MemorySegment[leafCount + 1];
        long start = ArenaLayout.aligned(arenaBytes);
        MemorySegment arena = pool.take(start + stagedBytes(recording, slots));
        try {
            slots[0] = arena;
            copyHeap(slots, start);
            var memory = new Memory(slots);
            boolean isTried = sharing != null && team.size() > 1;
            Team crew = isTried && !sharing.isTogether() ? ALONE : team;
            long begin = System.nanoTime();
            for (int i = 0; i < steps.length; i++) {
                for (int leaf : written[i]) {
                    touched[leaf] = true;
                }
                run(i, memory, crew);
            }
            if (isTried) {
                sharing.took(System.nanoTime() - begin);
            }
            List<Buffer> buffers = new ArrayList<>(results.size());
            for (Place place : results) {
                buffers.add(read(place, slots[place.slot]));
            }
            return buffers;
        } finally {
            pool.give(arena);
        }
    }

    /// The leaves that a run writes.
    IntStream written() {
        return Arrays.stream(written).flatMapToInt(Arrays::stream).distinct();
    }

    /// A step that took so many nanoseconds.
    Profile.Row row(int step, double nanoseconds) {
        Step s = steps[step].step;
        return new Profile.Row(steps[step].what, operands(s), nanoseconds, s.flops(), bytes(s));
    }

    /// Runs one step.
    void run(int step, Memory memory, Team team) {
        PlannedStep s = steps[step];
        try {
            s.kernel.run(memory, s.scratch, shared[step] ? team : ALONE);
        } catch (IndexOutOfBoundsException | KernelException e) {
            throw new AdjointException(s.what + " of " + operands(s.step) + ": " + e.getMessage(), e);
        }
    }

    // Fills in the leaves' memory; gives the bytes of what lies on the heap.
    private long stagedBytes(Recording recording, MemorySegment[] slots) {
        long total = 0;
        for (int i = 0; i < leafCount; i++) {
            MemorySegment segment = recording.buffer(i).stage();
            slots[i + 1] = segment;
            total += segment.isNative() ? 0 : ArenaLayout.aligned(segment.byteSize());
        }
        return total;
    }

    // Kernels read off-heap memory only: what is on the heap is copied behind the arena.
    private void copyHeap(MemorySegment[] slots, long start) {
        long at = start;
        for (int i = 1; i <= leafCount; i++) {
            MemorySegment segment = slots[i];
            if (!segment.isNative()) {
                slots[i] = slots[0].asSlice(at, segment.byteSize());
                slots[i].copyFrom(segment);
                at += ArenaLayout.aligned(segment.byteSize());
            }
        }
    }

    private static Buffer read(Place place, MemorySegment slot) {
        long n = place.spec.shape().size();
        Buffer buffer =
                n > Integer.MAX_VALUE - 8 ? Buffer.offHeap(place.spec.type(), n) : Buffer.onHeap(place.spec.type(), n);
        MemorySegment.copy(slot, place.offset, buffer.segment(), 0, n * place.spec.type().bytes());
        return buffer;
    }

    /// The steps as a table: what each computes, on which shapes, the bytes it moves and its floating-point operations.
    public String describe() {
        var text = new StringBuilder();
        int width = Arrays.stream(steps).mapToInt(s -> Math.min(60, s.what.length())).max().orElse(4);
        text.append(
                String.format(
                        Locale.ROOT,
                        "%4s  %-" + width + "s  %12s  %12s  %s%n",
                        "step",
                        "computes",
                        "bytes",
                        "flop",
                        "on"));
        for (int i = 0; i < steps.length; i++) {
            PlannedStep s = steps[i];
            String what = s.what.length() <= 60 ? s.what : s.what.substring(0, 59) + "…";
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%4d  %-" + width + "s  %,12d  %,12d  %s%n",
                            i,
                            what,
                            bytes(s.step),
                            s.step.flops(),
                            operands(s.step)));
        }
        text.append(
                String.format(
                        Locale.ROOT,
                        "%d steps, arena %,d bytes, %,d floating-point operations%n",
                        steps.length,
                        arenaBytes,
                        flops()));
        return text.toString();
    }

    @Override
    public String toString() {
        return describe();
    }

    // What a step reads and writes.
    private static long bytes(Step step) {
        return views(step).stream().mapToLong(Plan::bytes).sum();
    }

    private static long bytes(View view) {
        long points = 1;
        for (int i = 0; i < view.dims().length; i++) {
            points *= view.strides()[i] == 0 ? 1 : view.dims()[i];
        }
        return points * view.type().bytes();
    }

    private static String operands(Step step) {
        var text = new StringBuilder();
        for (View v : views(step)) {
            text.append(text.isEmpty() ? "" : ", ").append(v.type()).append(' ').append(Arrays.toString(v.dims()));
        }
        return text.toString();
    }

    private static List<View> views(Step step) {
        return Stream.concat(step.sources().stream(), step.targets().stream()).toList();
    }
}
