package adjoint.plan;

import adjoint.kernel.Buffer;
import adjoint.kernel.Kernels;
import adjoint.kernel.MachineKernels;
import adjoint.kernel.Team;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.ParameterHold;
import adjoint.tensor.Tensor;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Computes tensors: finds or makes the plan for what was recorded, and runs it.
///
/// Most programs never name it: reading a tensor uses a standard engine with as many threads as there are processors (system
/// property `adjoint.threads`). Results are the same bits for any number of threads. An engine may be used by many threads at
/// once.
public final class Engine implements Evaluator, AutoCloseable {
    private static final int PLANS = 256;
    private static final int STEPS = 8192; // a step of a plan takes some kilobytes

    private final Kernels kernels;
    private final Team team;
    private final ArenaPool pool = new ArenaPool();
    private final Map<Recording, Plan> plans = new LinkedHashMap<>(64, 0.75f, true);
    private long steps; // of all plans

    /// The standard machine with the standard number of threads.
    public Engine() {
        this(standardThreads());
    }

    /// The standard machine with so many threads.
    public Engine(int threads) {
        this(MachineKernels.standard(), threads);
    }

    /// @param kernels the machine
    /// @param threads how many threads work on a step, at least 1
    public Engine(Kernels kernels, int threads) {
        this.kernels = kernels;
        this.team = new Team(threads);
    }

    private static int standardThreads() {
        int threads = Integer.getInteger("adjoint.threads", Runtime.getRuntime().availableProcessors());
        if (threads < 1) {
            throw new IllegalArgumentException("the system property adjoint.threads must be 1 or more, got " + threads);
        }
        return threads;
    }

    /// How many threads work on a step.
    public int threads() {
        return team.size();
    }

    /// The machine.
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public List<Buffer> run(List<Tensor> wanted, List<Update> updates) {
        Recording recording = Recording.of(wanted, updates);
        Plan plan = plan(recording);
        boolean[] touched = new boolean[recording.leafCount()];
        try (var _ = ParameterHold.of(recording.claims())) {
            recording.requireCurrent();
            try {
                return plan.run(recording, pool, team, touched);
            } finally {
                for (int i = 0; i < touched.length; i++) {
                    if (touched[i]) {
                        ((Parameter) recording.leaf(i)).changed();
                    }
                }
            }
        }
    }

    /// Lets the worker threads end. The engine can be used on, with the caller's thread alone. An engine that nobody
    /// holds any more does the same by itself.
    @Override
    public void close() {
        team.close();
    }

    /// The plan by which these would be computed, to look at.
    public Plan plan(List<Tensor> wanted, List<Update> updates) {
        return plan(Recording.of(wanted, updates));
    }

    /// Times every step of that plan on this engine's threads, in 5 to 20 seconds, on copies: no parameter changes. Loops that only hundreds of
    /// steps make worth compiling are timed as they are before.
    ///
    /// @throws StaleReadException if a parameter has changed since it was recorded
    public Profile profile(List<Tensor> wanted, List<Update> updates) {
        Recording recording = Recording.of(wanted, updates);
        Plan plan = plan(recording);
        try (var own = Arena.ofShared()) {
            Profiler profiler;
            try (var _ = ParameterHold.of(recording.claims())) {
                recording.requireCurrent();
                profiler = new Profiler(plan, recording, own);
            }
            return profiler.run(team, kernels);
        }
    }

    /// How many plans are kept.
    public int plans() {
        synchronized (plans) {
            return plans.size();
        }
    }

    private Plan plan(Recording recording) {
        synchronized (plans) {
            Plan known = plans.get(recording);
            if (known != null) {
                return known;
            }
        }
        Plan plan = Planner.plan(recording, kernels);
        synchronized (plans) {
            Plan other = plans.put(recording.key(), plan);
            steps += plan.steps() - (other == null ? 0 : other.steps());
            while (plans.size() > 1 && (plans.size() > PLANS || steps > STEPS)) {
                Plan oldest = plans.remove(plans.keySet().iterator().next()); // the one unused for longest
                steps -= oldest.steps();
            }
        }
        return plan;
    }
}
