package adjoint.cli;

import adjoint.games.A2c;
import adjoint.games.Agent;
import adjoint.games.Dqn;
import adjoint.games.Game;
import adjoint.games.Games;
import adjoint.games.Ppo;
import adjoint.games.Reinforce;
import adjoint.games.SelfPlay;
import adjoint.games.TicTacToe;
import adjoint.optim.Schedule;
import adjoint.tensor.Evaluator;

import picocli.CommandLine.Option;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Options of a training in a game: how it is learned, and by what network.
final class GameOptions extends OptionGroup {
    private static final long LONGEST = 1_000_000_000_000L; // steps
    private static final int MOST = 100_000; // games or episodes
    private static final int MOST_AT_ONCE = 4_096; // environments
    private static final int DEEPEST_SEARCH = 10_000; // looks, in each of the games played side by side

    @Option(
            names = "--algorithm",
            paramLabel = "NAME",
            converter = Choices.OfAlgorithm.class,
            description = "Tasks for one: dqn, reinforce, a2c or ppo (ppo; mountain-car and frozen-lake: dqn).")
    private Optional<GameBlueprint.Algorithm> algorithm;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Tasks for one: how many steps, of all environments together.")
    private Optional<Long> steps;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Games for two: how often to play, and to learn from it (tic-tac-toe: 40, others: 200).")
    private Optional<Integer> rounds;

    @Option(names = "--games", paramLabel = "N", description = "Games for two: how many in a round (256).")
    private Optional<Integer> games;

    @Option(
            names = "--simulations",
            paramLabel = "N",
            description =
                    "Games for two: how many positions are looked at for a move (64; tic-tac-toe: 32); in the last test 200.")
    private Optional<Integer> simulations;

    @Option(
            names = "--gate",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Games for two: how many games the network plays after each round against the one that has been playing, and replaces it"
                            + " if it wins 55 of 100 points (0: it always does).")
    private int gate;

    @Option(
            names = "--every",
            paramLabel = "N",
            description = "How many steps or rounds are between tests (a twentieth of all).")
    private Optional<Integer> every;

    @Option(names = "--episodes", paramLabel = "N", description = "Tasks for one: how many a test consists of (100).")
    private Optional<Integer> episodes;

    @Option(
            names = "--environments",
            paramLabel = "N",
            description = "Tasks for one: how many are played at once; reinforce: before it learns from them.")
    private Optional<Integer> environments;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description = "The learning rate; with ppo it falls to 0, in games for two to a tenth (0.002).")
    private Optional<Double> rate;

    @Option(
            names = "--hidden",
            paramLabel = "SIZES",
            description = "Tasks for one: the sizes of the dense layers, such as 64,64.")
    private Optional<String> hidden;

    @Option(
            names = "--channels",
            paramLabel = "SIZES",
            description =
                    "Channels of convolutions: games for two one number (48); snake and breakout such as 16,32 (none).")
    private Optional<String> channels;

    @Option(
            names = "--blocks",
            paramLabel = "N",
            description = "Games for two: residual blocks of the network (3; tic-tac-toe: 2).")
    private Optional<Integer> blocks;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed gives the same training, bit for bit (1).")
    private long seed;

    long seed() {
        return seed;
    }

    /// @param pair whether it is a game for two
    private void check(boolean pair) {
        for (String option :
                pair
                        ? List.of("--algorithm", "--steps", "--episodes", "--environments", "--hidden")
                        : List.of("--rounds", "--games", "--simulations", "--blocks", "--gate")) {
            require(!given(option), option + " is for " + (pair ? "tasks for one" : "games for two"));
        }
        steps.ifPresent(n -> within("--steps", n, LONGEST));
        within("--rounds", rounds, MOST);
        within("--games", games, MOST);
        within("--simulations", simulations, DEEPEST_SEARCH);
        atLeastOne("--every", every);
        within("--episodes", episodes, MOST);
        within("--environments", environments, MOST_AT_ONCE);
        within("--blocks", blocks, GameBlueprint.DEEPEST);
        require(
                gate >= 0 && gate <= MOST && gate % 2 == 0,
                "--gate needs an even number from 0 to "
                        + MOST
                        + ", so that each begins half of the games, got "
                        + gate);
        positive("--rate", rate);
    }

    /// What is played, and by what network.
    ///
    /// @throws picocli.CommandLine.ParameterException if something that was given cannot be meant
    GameBlueprint blueprint(String name) {
        Game game = Games.byName().get(name);
        check(game != null);
        if (game != null) {
            boolean small = game instanceof TicTacToe;
            int wide = channels.map(this::width).orElse(small ? 16 : 48);
            return new GameBlueprint(
                    name, GameBlueprint.Algorithm.SELF_PLAY, List.of(wide), List.of(), blocks.orElse(small ? 2 : 3));
        }
        Recipe recipe = Recipe.of(name);
        return new GameBlueprint(
                name,
                algorithm.orElse(recipe.usual()),
                channels.map(given -> sizes("--channels", given)).orElse(recipe.body().channels()),
                hidden.map(given -> sizes("--hidden", given)).orElse(recipe.body().hidden()),
                0);
    }

    private int width(String given) {
        int width = given.matches("\\d{1,4}") ? Integer.parseInt(given) : 0;
        require(
                width >= 1 && width <= GameBlueprint.WIDEST,
                "--channels of a game for two needs one number from 1 to "
                        + GameBlueprint.WIDEST
                        + ", for all convolutions are alike, got '"
                        + given
                        + "'");
        return width;
    }

    private List<Integer> sizes(String option, String given) {
        if (given.equals("none")) {
            return List.of();
        }
        String rule =
                option
                        + " needs sizes from 1 to "
                        + GameBlueprint.WIDEST
                        + ", such as 64,64, or none, got '"
                        + given
                        + "'";
        require(given.matches("\\d{1,4}(,\\d{1,4})*"), rule);
        List<Integer> sizes = Arrays.stream(given.split(",")).map(Integer::valueOf).toList();
        require(sizes.stream().allMatch(n -> n >= 1 && n <= GameBlueprint.WIDEST), rule);
        require(
                sizes.size() <= GameBlueprint.DEEPEST,
                option + " needs " + GameBlueprint.DEEPEST + " sizes or fewer, got " + sizes.size());
        return sizes;
    }

    /// The training.
    Course course(GameBlueprint blueprint, Evaluator evaluator) {
        return blueprint.game().isPresent()
                ? selfPlay(blueprint.game().get(), blueprint, evaluator)
                : acting(blueprint, evaluator);
    }

    private Course acting(GameBlueprint blueprint, Evaluator evaluator) {
        Recipe recipe = Recipe.of(blueprint.name());
        boolean valued = blueprint.algorithm() == GameBlueprint.Algorithm.DQN;
        long all = steps.orElse(valued ? recipe.dqnSteps() : recipe.steps());
        long between = every.map(Long::valueOf).orElse(Math.ceilDiv(all, 20));
        var plan = new AgentCourse.Plan(all, between, episodes.orElse(100), seed);
        return new AgentCourse(blueprint, agent(blueprint, recipe, all, evaluator), plan);
    }

    private Agent agent(GameBlueprint blueprint, Recipe recipe, long all, Evaluator evaluator) {
        var kind = blueprint.environment();
        return switch (blueprint.algorithm()) {
            case DQN -> {
                Dqn.Options o = rate.map(recipe.dqn()::rate).orElse(recipe.dqn());
                yield new Dqn(kind, blueprint::values, environments.map(o::environments).orElse(o), seed, evaluator);
            }
            case REINFORCE -> {
                Reinforce.Options o = rate.map(recipe.reinforce()::rate).orElse(recipe.reinforce());
                yield new Reinforce(
                        kind,
                        init -> blueprint.actorCritic(init).actor(),
                        environments.map(o::episodes).orElse(o),
                        seed,
                        evaluator);
            }
            case A2C -> {
                A2c.Options o = rate.map(Schedule::constant).map(recipe.a2c()::rate).orElse(recipe.a2c());
                yield new A2c(
                        kind, blueprint::actorCritic, environments.map(o::environments).orElse(o), seed, evaluator);
            }
            case PPO -> {
                Ppo.Options o = environments.map(recipe.ppo()::environments).orElse(recipe.ppo());
                long lived = Math.ceilDiv(all, o.environments() * (long) o.length());
                long updates = lived * o.epochs() * (o.environments() * (long) o.length() / o.batch());
                Schedule falling = Schedule.polynomial(rate.orElse(o.rate().rate(0)), updates, 1);
                Schedule worth = o.entropy();
                o = o.rate(falling).entropy(step -> worth.rate(step) * Math.max(0, 1 - (double) step / updates));
                yield new Ppo(kind, blueprint::actorCritic, o, seed, evaluator);
            }
            case SELF_PLAY -> throw refusal("self-play is for games for two");
        };
    }

    private Course selfPlay(Game game, GameBlueprint blueprint, Evaluator evaluator) {
        boolean small = game instanceof TicTacToe;
        int all = rounds.orElse(small ? 40 : 200);
        int each = games.orElse(256);
        int looks = simulations.orElse(small ? 32 : 64);
        var usual = new SelfPlay.Options();
        double top = rate.orElse(2e-3);
        long updates = Math.max(1, Math.round(usual.passes() * all * each * (small ? 8 : 20) / usual.batch()));
        var options =
                new SelfPlay.Options(
                        usual.side(),
                        each,
                        looks,
                        small ? 4 : usual.free(),
                        small ? 4 : usual.opening(),
                        usual.noise(),
                        usual.concentration(),
                        small ? 10_000 : 100_000,
                        usual.batch(),
                        usual.passes(),
                        usual.trust(),
                        Schedule.cosine(top, updates, top / 10),
                        gate,
                        usual.share());
        var learner = new SelfPlay(game, blueprint::policyValue, options, seed, evaluator);
        var plan = new SelfPlayCourse.Plan(all, every.orElse(Math.ceilDiv(all, 20)), each, looks, seed);
        return new SelfPlayCourse(game, learner, plan);
    }
}
