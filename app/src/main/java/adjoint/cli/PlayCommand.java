package adjoint.cli;

import adjoint.games.AlphaBeta;
import adjoint.games.Chance;
import adjoint.games.ConnectFour;
import adjoint.games.ConnectFourSolver;
import adjoint.games.Environment;
import adjoint.games.Environments;
import adjoint.games.Game;
import adjoint.games.Games;
import adjoint.games.Match;
import adjoint.games.NetworkPlayer;
import adjoint.games.PerfectPlayer;
import adjoint.games.Player;
import adjoint.games.Position;
import adjoint.games.RandomPlayer;
import adjoint.games.TicTacToe;
import adjoint.plan.Engine;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// `adjoint play`: what was learned, in a game.
@Command(
        name = "play",
        description = "Plays a game: against you, one agent against another, or alone for you to see.",
        footer = {
            "",
            "Each --agent and each --level names a player, agents first; you are the other",
            "one, unless there are two.",
            "",
            "For example: adjoint play connect-four --level 5",
            "             adjoint play connect-four --agent runs/connect-four-1",
            "             adjoint play connect-four --agent RUN --level solver --games 20",
            "             adjoint play snake --agent runs/snake-1"
        })
final class PlayCommand extends Task {
    /// How many positions an agent looks at for a move where nothing else is said.
    static final int SIMULATIONS = 200;

    private static final String USUAL = "5";
    private static final int MOST = 100_000; // games, or positions for a move
    private static final int DEEPEST = 12;
    private static final int PACE = 15; // steps a second, for one who watches
    private static final int FASTEST = 1000;
    private static final int LARGE = 24; // bits of the solver's table: 128 MB

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            converter = Choices.OfGame.class,
            description = "The game, as in adjoint train game.")
    private Optional<String> given;

    @Option(names = "--agent", paramLabel = "RUN", description = "Plays by what was learned in this training.")
    private List<Path> agents = new ArrayList<>();

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description =
                    "Plays without a network: random, or by looking so many moves ahead, 1 to 12 (5), or solver: without fault, in connect-four from 8 stones on; othello-6x6 has none. Tasks for one: random, in snake and breakout also greedy, in breakout foresighted.")
    private List<String> levels = new ArrayList<>();

    @Option(
            names = "--simulations",
            paramLabel = "N",
            defaultValue = "" + SIMULATIONS,
            description =
                    "How many positions an agent looks at for a move of a game for two (200); 0: it plays its first thought.")
    private int simulations;

    @Option(names = "--second", description = "The other one begins: who would be O.")
    private boolean second;

    @Option(
            names = "--games",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many games two players play, half begun by each, or episodes of a task for one (1).")
    private int games;

    @Option(
            names = "--opening",
            paramLabel = "N",
            description =
                    "How many moves by chance several games of two begin with, each played once by either, so that they differ (4; tic-tac-toe: 2).")
    private Optional<Integer> opening;

    @Option(
            names = "--pace",
            paramLabel = "N",
            description =
                    "Tasks for one: how many steps a second of one episode are shown (on a terminal "
                            + PACE
                            + ", otherwise all at once).")
    private Optional<Integer> pace;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of all that is left to chance (1).")
    private long seed;

    /// One who plays, and what to call it.
    ///
    /// @param network if it plays by one
    private record Named(String name, Player player, Optional<NetworkPlayer> network) {}

    @Override
    int work() throws IOException {
        require(
                given.isPresent(),
                "no game was named: adjoint play NAME, with one of " + String.join(", ", GameBlueprint.names()));
        require(games >= 1 && games <= MOST, "--games needs 1 to " + MOST + ", got " + games);
        require(simulations >= 0 && simulations <= MOST, "--simulations needs 0 to " + MOST + ", got " + simulations);
        require(opening.orElse(0) >= 0, "--opening needs 0 moves or more, got " + opening.orElse(0));
        Game game = Games.byName().get(given.get());
        if (game == null) {
            require(
                    !given("--simulations") && !second && opening.isEmpty(),
                    "--simulations, --second and --opening are for games for two");
            require(
                    agents.size() + levels.size() == 1,
                    given.get() + " is played by one alone: name one --agent, or one --level, such as random");
            require(pace.isEmpty() || games == 1, "--pace is for one episode that is shown, not for several --games");
            require(
                    pace.orElse(1) >= 1 && pace.orElse(1) <= FASTEST,
                    "--pace needs 1 to " + FASTEST + " steps a second, got " + pace.orElse(1));
            return alone(Environments.byName().get(given.get()).get());
        }
        require(pace.isEmpty(), "--pace is for tasks for one");
        require(!given("--simulations") || !agents.isEmpty(), "--simulations is for agents, and none was named");
        List<Named> players = players(game);
        require(players.size() <= 2, "two can play " + game.name() + ", and " + players.size() + " were named");
        if (games > 1) {
            require(players.size() == 2, "--games is for two players without you: name both with --agent or --level");
            require(games % 2 == 0, "--games needs an even number, so that each begins half of them, got " + games);
            require(!second, "--second is for one game: of several each player begins half");
            return match(game, players);
        }
        require(opening.isEmpty(), "--opening is for several --games of two players without you");
        return play(game, players);
    }

    private List<Named> players(Game game) throws IOException {
        List<Named> players = new ArrayList<>();
        Engine engine = agents.isEmpty() ? null : engine();
        for (Path run : agents) {
            NetworkPlayer player = GameRun.open(run, game.name()).player(game, simulations, engine);
            players.add(new Named(run.toString(), player, Optional.of(player)));
        }
        List<String> named = players.isEmpty() && levels.isEmpty() ? List.of(USUAL) : levels;
        for (String level : named) {
            players.add(new Named("level " + level, player(game, level, players.size()), Optional.empty()));
        }
        return players;
    }

    private Player player(Game game, String level, int number) {
        long own = Chance.of(seed, number).nextLong();
        if (level.equals("random")) {
            return new RandomPlayer(own);
        }
        if (level.equals("solver")) {
            return switch (game) {
                case TicTacToe _ -> new PerfectPlayer(own);
                case ConnectFour _ -> new ConnectFourSolver(LARGE).player(own);
                default -> throw refusal(game.name() + " has no solver: name a number of moves to look ahead");
            };
        }
        require(
                level.matches("\\d{1,2}") && Integer.parseInt(level) >= 1 && Integer.parseInt(level) <= DEEPEST,
                "--level needs random, solver or a number from 1 to " + DEEPEST + ", got '" + level + "'");
        return new AlphaBeta(Integer.parseInt(level), own);
    }

    private int match(Game game, List<Named> players) {
        int drawn = opening.orElse(game instanceof TicTacToe ? 2 : 4);
        say(
                "%s against %s, %s of %s from %s",
                players.getFirst().name,
                players.getLast().name,
                Words.count(games, "game"),
                game.name(),
                drawn == 0 ? "the first position" : "openings of " + Words.count(drawn, "move") + " by chance");
        Match match = new Match(game, games).varied(drawn, Chance.of(seed, -1).nextLong());
        Match.Result result = match.play(players.getFirst().player, players.getLast().player);
        say(
                "%s wins %d, draws %d, loses %d: %.1f %% of the points",
                players.getFirst().name, result.wins(), result.draws(), result.losses(), result.percent());
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("game", game.name());
        results.put("players", players.stream().map(Named::name).toList());
        results.put("opening", drawn);
        results.put("wins", result.wins());
        results.put("draws", result.draws());
        results.put("losses", result.losses());
        report(results);
        return 0;
    }

    private int play(Game game, List<Named> players) {
        var table = new ArrayList<>(players);
        if (players.size() == 1) {
            Named other = players.getFirst();
            var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            table.addFirst(
                    new Named(
                            "you",
                            new Person(game, in, out(), position -> advise(game, position, other)),
                            Optional.empty()));
        }
        if (second) {
            table.addFirst(table.removeLast());
        }
        say("%s: X is %s and begins, O is %s", game.name(), table.getFirst().name, table.getLast().name);
        List<String> moves = new ArrayList<>();
        Position position = game.start();
        try {
            while (!position.isOver()) {
                say("");
                say("%s", position.text().stripTrailing());
                Named turn = table.get(position.player());
                int move =
                        turn.network.isPresent()
                                ? told(game, position, turn.network.get())
                                : turn.player.move(position);
                say("%s: %s", turn.name, game.describe(move));
                moves.add(game.describe(move));
                position = position.play(move);
            }
        } catch (Person.Leaves _) {
            say("");
            say("the game was left after %s", Words.count(moves.size(), "move"));
        }
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("game", game.name());
        results.put("players", table.stream().map(Named::name).toList());
        results.put("moves", moves);
        results.put("finished", position.isOver());
        if (position.isOver()) {
            int ended = position.result() * (position.player() == 0 ? 1 : -1);
            say("");
            say("%s", position.text().stripTrailing());
            say("%s", ended == 0 ? "a draw" : wins(table.get(ended > 0 ? 0 : 1).name));
            results.put("result", ended); // for the one who began
        }
        report(results);
        return 0;
    }

    private static String wins(String name) {
        return name.equals("you") ? "you win" : name + " wins";
    }

    /// A level is asked beside the game, so that what it draws by chance there stays the same.
    private void advise(Game game, Position position, Named other) {
        if (other.network.isPresent()) {
            told(game, position, other.network.get());
        } else {
            Player beside = player(game, levels.isEmpty() ? USUAL : levels.getFirst(), 2);
            say("it would play %s", game.describe(beside.move(position)));
        }
    }

    /// What a network plays, once it has been said what it thinks.
    private int told(Game game, Position position, NetworkPlayer network) {
        NetworkPlayer.Found found = network.search(position);
        var likeliest = Comparator.comparing((Integer m) -> m != found.move()).thenComparing(m -> -found.policy()[m]);
        String moves =
                position.moves()
                        .filter(m -> found.policy()[m] > 0)
                        .boxed()
                        .sorted(likeliest)
                        .limit(5)
                        .map(m ->
                                String.format(Locale.ROOT, "%s %.0f %%", game.describe(m), 100 * found.policy()[m])
                                        + (simulations == 0
                                                ? ""
                                                : String.format(Locale.ROOT, " (%+.2f)", found.values()[m])))
                        .collect(Collectors.joining(", "));
        say(
                "the network expects %+.2f for %s (1 won, 0 drawn, -1 lost); it would play %s",
                found.value(), position.player() == 0 ? "X" : "O", moves);
        return found.move();
    }

    private int alone(Environment task) throws IOException {
        Solo solo = solo(task);
        List<Double> returns = new ArrayList<>();
        if (games == 1) {
            boolean watched = Machine.isTerminal() && !json();
            returns.add(solo.show(Chance.of(seed, 0), out(), watched, pace.orElse(watched ? PACE : 0)).total());
        } else {
            for (int episode = 0; episode < games; episode++) {
                returns.add(solo.play(Chance.of(seed, episode)).total());
            }
        }
        double mean = returns.stream().mapToDouble(x -> x).average().orElseThrow();
        if (games > 1) {
            say("mean return of %d episodes: %.2f", games, mean);
        }
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("game", given.orElseThrow());
        results.put("mean", mean);
        results.put("returns", returns);
        report(results);
        return 0;
    }

    private Solo solo(Environment task) throws IOException {
        if (!agents.isEmpty()) {
            return Solo.by(GameRun.open(agents.getFirst(), given.orElseThrow()).policy(engine()), task);
        }
        String level = levels.getFirst();
        Map<String, Supplier<float[]>> known = Solo.levels(task, seed);
        require(
                known.containsKey(level),
                "--level of "
                        + given.orElseThrow()
                        + " is "
                        + String.join(" or ", known.keySet())
                        + ", got '"
                        + level
                        + "'");
        return new Solo(task, known.get(level));
    }
}
