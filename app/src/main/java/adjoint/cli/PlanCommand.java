package adjoint.cli;

import adjoint.kernel.Buffer;
import adjoint.nn.Pass;
import adjoint.optim.Optimizer;
import adjoint.optim.Schedule;
import adjoint.plan.Engine;
import adjoint.plan.Plan;
import adjoint.plan.Profile;
import adjoint.tensor.Evaluator;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `adjoint plan`: what the machine does in one step of training.
@Command(name = "plan", description = "Shows how one training step is computed: steps, bytes, operations.")
final class PlanCommand extends Subject {
    @Option(
            names = "--optimizer",
            paramLabel = "NAME",
            converter = Choices.OfRule.class,
            defaultValue = "adamw",
            description = TrainingOptions.OPTIMIZERS)
    private Rules rule;

    @Option(names = "--profile", description = "Run it, and show the time of each step.")
    private boolean profile;

    @Override
    int work() throws IOException {
        Example e = example();
        e.x().read(); // batches are numbers, not recordings
        e.y().read();
        var planner = new Planning(engine(), profile, new ArrayList<>(), new ArrayList<>());
        var optimizer = new Optimizer(rule.with(Schedule.constant(rule.rate())), e.network().parameters()).on(planner);
        Pass pass = Pass.training(RandomKey.of(0));
        Tensor loss = e.criterion().of(e.network().apply(e.x(), pass), e.y());
        optimizer.step(loss, pass.updates());
        Plan plan = planner.plans.getFirst();
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("steps", plan.steps());
        results.put("arenaBytes", plan.arenaBytes());
        results.put("flops", plan.flops());
        if (profile) {
            Profile times = planner.profiles.getFirst();
            say("%s", times.describe().stripTrailing());
            results.put("milliseconds", times.nanoseconds() / 1e6);
            results.put("shareOfPeak", times.shareOfPeak());
        } else {
            say("%s", plan.describe().stripTrailing());
        }
        report(results);
        return 0;
    }

    /// Plans instead of computing.
    private record Planning(Engine engine, boolean isProfiled, List<Plan> plans, List<Profile> profiles)
            implements Evaluator {
        @Override
        public List<Buffer> run(List<Tensor> wanted, List<Update> updates) {
            return engine.run(wanted, updates);
        }

        @Override
        public void update(List<Tensor> wanted, List<Update> updates) {
            plans.add(engine.plan(wanted, updates));
            if (isProfiled) {
                profiles.add(engine.profile(wanted, updates));
            }
        }
    }
}
