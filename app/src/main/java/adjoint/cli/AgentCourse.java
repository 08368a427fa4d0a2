package adjoint.cli;

import adjoint.games.Agent;
import adjoint.games.Chance;
import adjoint.games.LearningEvent;
import adjoint.games.Policy;
import adjoint.games.Returns;
import adjoint.tensor.Parameter;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// A task for one, learned by an agent and tested by the mean return of whole episodes.
final class AgentCourse implements Course {
    static final String RETURN = "return";
    private static final String LEARNING = "train.return";

    private final GameBlueprint blueprint;
    private final Agent agent;
    private final Plan plan;
    private double total;
    private int episodes;

    /// @param steps in all
    /// @param every steps between tests
    /// @param episodes of each test
    record Plan(long steps, long every, int episodes, long seed) {}

    AgentCourse(GameBlueprint blueprint, Agent agent, Plan plan) {
        this.blueprint = blueprint;
        this.agent = agent;
        this.plan = plan;
    }

    @Override
    public void learn(Consumer<? super LearningEvent> listener) {
        total = 0;
        episodes = 0;
        agent.learn(
                Math.min(plan.every, plan.steps - agent.steps()),
                event -> {
                    if (event instanceof LearningEvent.EpisodeDone done) {
                        total += done.total();
                        episodes++;
                    }
                    listener.accept(event);
                });
    }

    @Override
    public long done() {
        return agent.steps();
    }

    @Override
    public long total() {
        return plan.steps;
    }

    @Override
    public long every() {
        return plan.every;
    }

    @Override
    public String unit() {
        return "step";
    }

    @Override
    public SequencedMap<String, Double> test(Runnable watch) {
        SequencedMap<String, Double> results = results(11, watch);
        if (episodes > 0) {
            results.put(LEARNING, total / episodes);
        }
        return results;
    }

    @Override
    public double score(SequencedMap<String, Double> test) {
        return test.get(RETURN);
    }

    @Override
    public SequencedMap<String, Double> exam(Runnable watch) {
        return results(12, watch);
    }

    private SequencedMap<String, Double> results(int number, Runnable watch) {
        long seed = Chance.of(plan.seed, number).nextLong();
        Policy policy = agent.policy();
        Policy watched =
                observations -> {
                    watch.run();
                    return policy.act(observations);
                };
        Returns returns = watched.returns(blueprint.environment(), plan.episodes, seed);
        var results = new LinkedHashMap<String, Double>();
        results.put(RETURN, returns.mean());
        results.put("return.deviation", returns.deviation());
        results.put("return.least", returns.least());
        results.put("return.greatest", returns.greatest());
        return results;
    }

    @Override
    public SequencedMap<String, String> lines() {
        var lines = new LinkedHashMap<String, String>();
        lines.put(LEARNING, "return of episodes learned from");
        lines.put(RETURN, "return of what was learned");
        return lines;
    }

    @Override
    public SequencedMap<String, Parameter> parameters() {
        return agent.parameters();
    }

    @Override
    public boolean isSound() {
        return SavedRun.isFinite(agent.parameters());
    }

    @Override
    public String describe() {
        return Words.count(plan.steps, "step")
                + ", tested by "
                + Words.count(plan.episodes, "episode")
                + " every "
                + String.format(Locale.ROOT, "%,d", plan.every);
    }
}
