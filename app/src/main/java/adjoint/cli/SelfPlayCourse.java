package adjoint.cli;

import adjoint.games.AlphaBeta;
import adjoint.games.Chance;
import adjoint.games.ConnectFour;
import adjoint.games.ConnectFourSolver;
import adjoint.games.Game;
import adjoint.games.Judged;
import adjoint.games.LearningEvent;
import adjoint.games.Match;
import adjoint.games.PerfectPlayer;
import adjoint.games.Player;
import adjoint.games.Position;
import adjoint.games.RandomPlayer;
import adjoint.games.SelfPlay;
import adjoint.games.TicTacToe;
import adjoint.tensor.Parameter;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// A game for two, learned by self-play and tested against players without a network: in all of them points of a hundred.
final class SelfPlayCourse implements Course {
    private static final String OPTIMAL = "optimal";
    private static final int OPENING = 2; // moves by chance, so that games differ
    private static final int FRESH = 4; // in the exam, so that no test has begun so
    private static final int FEWEST = 12; // stones in positions that are judged
    private static final int MOST = 24;

    private final Game game;
    private final SelfPlay learner;
    private final Plan plan;
    private final List<Judged> judged;

    /// @param rounds in all
    /// @param every rounds between tests
    /// @param games of a round
    /// @param simulations of the search in tests
    record Plan(int rounds, int every, int games, int simulations, long seed) {}

    SelfPlayCourse(Game game, SelfPlay learner, Plan plan) {
        this.game = game;
        this.learner = learner;
        this.plan = plan;
        judged = judged(11, 250, () -> {});
    }

    private List<Judged> judged(int number, int count, Runnable watch) {
        long drawn = Chance.of(plan.seed, number).nextLong();
        return game instanceof ConnectFour
                ? Judged.drawn(new ConnectFourSolver(), count, FEWEST, MOST, drawn, watch)
                : List.of();
    }

    /// Whom it is measured by.
    private SequencedMap<String, Player> opponents(long seed) {
        var opponents = new LinkedHashMap<String, Player>();
        switch (game) {
            case TicTacToe _ -> {
                opponents.put("perfect", new PerfectPlayer(seed));
                opponents.put("random", new RandomPlayer(seed));
            }
            case ConnectFour _ -> opponents.put("depth-5", new AlphaBeta(5, seed));
            default -> opponents.put("depth-3", new AlphaBeta(3, seed));
        }
        return opponents;
    }

    @Override
    public void learn(Consumer<? super LearningEvent> listener) {
        learner.learn((int) Math.min(plan.every, plan.rounds - learner.games() / plan.games), listener);
    }

    @Override
    public long done() {
        return learner.games();
    }

    @Override
    public long total() {
        return (long) plan.rounds * plan.games;
    }

    @Override
    public long every() {
        return (long) plan.every * plan.games;
    }

    @Override
    public String unit() {
        return "game";
    }

    @Override
    public SequencedMap<String, Double> test(Runnable watch) {
        var results = new LinkedHashMap<String, Double>();
        Player player = watched(learner.player(plan.simulations), watch);
        opponents(11)
                .forEach((name, opponent) -> {
                    Match match = new Match(game, 100).varied(OPENING, Chance.of(plan.seed, 13).nextLong());
                    results.put("against." + name, match.play(player, opponent).percent());
                });
        if (!judged.isEmpty()) {
            results.put(OPTIMAL, Judged.percent(judged, player));
        }
        return results;
    }

    @Override
    public double score(SequencedMap<String, Double> test) {
        return test.values().stream().mapToDouble(x -> x).average().orElseThrow();
    }

    /// As it plays with `adjoint play`: games from the first position, in larger games than tic-tac-toe also from longer openings than those of
    /// the tests. And what others choose in the same judged positions.
    @Override
    public SequencedMap<String, Double> exam(Runnable watch) {
        var results = new LinkedHashMap<String, Double>();
        Player player = watched(learner.player(PlayCommand.SIMULATIONS), watch);
        int games = game instanceof TicTacToe ? 10_000 : 200;
        opponents(12)
                .forEach((name, opponent) -> {
                    put(results, "against." + name, new Match(game, games).play(player, opponent));
                    if (!(game instanceof TicTacToe)) {
                        Match varied = new Match(game, games).varied(FRESH, Chance.of(plan.seed, 14).nextLong());
                        put(results, "opened.against." + name, varied.play(player, opponent));
                    }
                });
        List<Judged> more = judged(12, 1_000, watch);
        if (!more.isEmpty()) {
            results.put(OPTIMAL, Judged.percent(more, player));
            results.put(OPTIMAL + ".unsearched", Judged.percent(more, watched(learner.player(0), watch)));
            results.put(OPTIMAL + ".random", Judged.percent(more, new RandomPlayer(12)));
            opponents(12)
                    .forEach((name, opponent) ->
                            results.put(OPTIMAL + "." + name, Judged.percent(more, watched(opponent, watch))));
        }
        return results;
    }

    private static Player watched(Player player, Runnable watch) {
        return new Player() {
            @Override
            public int move(Position position) {
                return moves(List.of(position))[0];
            }

            @Override
            public int[] moves(List<? extends Position> positions) {
                watch.run();
                return player.moves(positions);
            }
        };
    }

    private static void put(SequencedMap<String, Double> results, String name, Match.Result result) {
        results.put(name, result.percent());
        results.put(name + ".won", (double) result.wins());
        results.put(name + ".drawn", (double) result.draws());
        results.put(name + ".lost", (double) result.losses());
    }

    @Override
    public SequencedMap<String, String> lines() {
        var lines = new LinkedHashMap<String, String>();
        opponents(0).keySet().forEach(name -> lines.put("against." + name, "points against " + name + ", %"));
        if (!judged.isEmpty()) {
            lines.put(OPTIMAL, "best moves, %");
        }
        return lines;
    }

    @Override
    public SequencedMap<String, Parameter> parameters() {
        return learner.network().parameters();
    }

    @Override
    public boolean isSound() {
        return SavedRun.isFinite(learner.learning().parameters());
    }

    @Override
    public String describe() {
        return Words.count(plan.rounds, "round")
                + " of "
                + Words.count(plan.games, "game")
                + ", tested every "
                + Words.count(plan.every, "round");
    }
}
