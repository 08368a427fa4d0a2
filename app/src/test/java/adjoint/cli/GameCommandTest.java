package adjoint.cli;

import static adjoint.cli.Cli.adjoint;
import static adjoint.cli.Cli.json;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.games.Chance;
import adjoint.games.Snake;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// `adjoint train game` and `adjoint play` as a user calls them.
class GameCommandTest {
    @TempDir private Path dir;

    private JsonNode trained(String run, String line) {
        return json(adjoint(("train game " + line + " --json --out " + dir.resolve(run)).split(" ")));
    }

    private String played(String run, String line, String typed) {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
            return adjoint(("play " + line + " --agent " + dir.resolve(run)).split(" "));
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void aTaskIsLearnedAndPlayed() throws IOException {
        String line = "cart-pole --steps 12000 --every 4000 --episodes 20 --seed 3";
        JsonNode trained = trained("pole", line);
        assertThat(trained.get("return").asDouble()).isGreaterThan(60); // 22 by chance
        assertThat(trained.get("done").asLong()).isBetween(12_000L, 13_100L);
        try (Stream<Path> files = Files.list(dir.resolve("pole"))) {
            assertThat(files.map(p -> p.getFileName().toString()))
                    .containsExactlyInAnyOrder("best.safetensors", "last.safetensors", "run.json", "curve.svg");
        }
        JsonNode record = JsonMapper.shared().readTree(Files.readString(dir.resolve("pole/run.json")));
        assertThat(record.get("state").asString()).isEqualTo("finished");
        assertThat(record.get("history").size()).isEqualTo(3);
        assertThat(record.get("results").get("return")).isEqualTo(trained.get("return"));
        double best = record.get("history").get(record.get("best").asInt() - 1).get("metrics").get("return").asDouble();
        assertThat(
                        record.get("history")
                                .valueStream()
                                .mapToDouble(h -> h.get("metrics").get("return").asDouble())
                                .max())
                .hasValue(best);
        assertThat(Files.readString(dir.resolve("pole/curve.svg"))).contains("return of what was learned");

        JsonNode again = trained("again", line);
        assertThat(again.get("weightsSha256")).isEqualTo(trained.get("weightsSha256"));

        String seen = played("pole", "cart-pole --json", "");
        JsonNode returns = json(seen).get("returns");
        assertThat(returns.size()).isEqualTo(1);
        assertThat(seen).contains("return %.2f after".formatted(returns.get(0).asDouble()));
        JsonNode many = json(played("pole", "cart-pole --games 5 --json", "")).get("returns");
        assertThat(many.size()).isEqualTo(5);
        assertThat(many.get(0)).isEqualTo(returns.get(0));
        assertThat(many.valueStream().mapToDouble(JsonNode::asDouble).average().orElseThrow()).isGreaterThan(40);
    }

    @Test
    void everyAlgorithmLeavesAnAgentThatPlays() {
        for (String line :
                List.of(
                        "cart-pole --algorithm dqn --steps 2000 --hidden 16",
                        "cart-pole --algorithm reinforce --steps 500 --environments 4 --hidden none",
                        "pendulum --algorithm reinforce --steps 1000 --environments 2",
                        "frozen-lake --algorithm a2c --steps 500 --rate 0.01",
                        "pendulum --steps 4096",
                        "breakout --steps 4096 --channels 4 --hidden 8")) {
            String game = line.split(" ")[0];
            String run = line.replace(' ', '_');
            JsonNode trained = trained(run, line + " --every 100000 --episodes 2");
            JsonNode played = json(played(run, game + " --games 3 --json", ""));
            assertThat(played.get("returns").size()).as(line).isEqualTo(3);
            assertThat(trained.get("return").asDouble()).as(line).isFinite();
        }
    }

    @Test
    void aGameForTwoIsLearnedAndPlayedAgainst() {
        String line = "tic-tac-toe --rounds 6 --games 64 --simulations 16 --every 3 --channels 8 --blocks 1";
        JsonNode trained = trained("ttt", line);
        assertThat(trained.get("against.random").asDouble()).isGreaterThan(80);
        for (String name : List.of("perfect", "random")) {
            double games =
                    Stream.of("won", "drawn", "lost")
                            .mapToDouble(how -> trained.get("against." + name + "." + how).asDouble())
                            .sum();
            assertThat(games).isEqualTo(10_000);
        }
        assertThat(trained("again", line).get("weightsSha256")).isEqualTo(trained.get("weightsSha256"));
        assertThat(trained("gated", line + " --gate 10").get("weightsSha256"))
                .isNotEqualTo(trained.get("weightsSha256"));

        String left = played("ttt", "tic-tac-toe --json", "?\nz9\nb2\nq\n");
        assertThat(left)
                .contains("X is you and begins", "the network expects", "it would play", "'z9' is none of the moves");
        assertThat(json(left).get("moves").size()).isEqualTo(2);
        assertThat(json(left).get("moves").get(0).asString()).isEqualTo("b2");
        assertThat(json(left).has("result")).isFalse();
        assertThat(json(left).get("finished").asBoolean()).isFalse();
        assertThat(left).containsPattern("it would play [abc][123] \\d+ % \\([+-]");
        assertThat(played("ttt", "tic-tac-toe --simulations 0", "?\nq\n"))
                .containsPattern("it would play [abc][123] \\d+ %, ");

        String whole = "a1\na2\na3\nb1\nb2\nb3\nc1\nc2\nc3\n".repeat(5); // what is taken is asked again
        JsonNode ended = json(played("ttt", "tic-tac-toe --second --json", whole));
        assertThat(ended.get("players").get(1).asString()).isEqualTo("you");
        assertThat(ended.get("result").asInt()).isBetween(-1, 1);
        assertThat(ended.get("finished").asBoolean()).isTrue();

        assertThat(json(played("ttt", "tic-tac-toe --json", "Q\n")).get("moves").size()).isZero();
        String other = "tic-tac-toe --games 40 --json --agent " + dir.resolve("gated");
        assertThat(counts(played("ttt", other + " --opening 0", "")))
                .as("networks repeat themselves")
                .isSubsetOf(0, 20, 40);
        List<Integer> varied = counts(played("ttt", other, ""));
        assertThat(varied.stream().mapToInt(n -> n).sum()).isEqualTo(40);
        assertThat(varied).doesNotContain(20, 40);
        assertThat(counts(played("ttt", other + " --seed 1", ""))).isEqualTo(varied);
        assertThat(counts(played("ttt", other + " --seed 2", ""))).isNotEqualTo(varied);

        JsonNode match = json(played("ttt", "tic-tac-toe --level solver --games 20 --opening 0 --json", ""));
        assertThat(match.get("wins").asInt()).isZero();
        assertThat(match.get("wins").asInt() + match.get("draws").asInt() + match.get("losses").asInt()).isEqualTo(20);
        JsonNode among = json(played("ttt", "tic-tac-toe --level random --json", ""));
        assertThat(among.get("players").get(0).asString()).endsWith("ttt");
        assertThat(among.has("result")).isTrue();
    }

    private static List<Integer> counts(String match) {
        return Stream.of("wins", "draws", "losses").map(name -> json(match).get(name).asInt()).toList();
    }

    @Test
    void adviceOfALevelChangesNothingInTheGame() {
        String game = "b2\na1\na2\na3\nb1\nb3\nc1\nc2\nc3\n".repeat(3);
        List<JsonNode> moves = new ArrayList<>();
        for (String typed : List.of(game, "?\n?\n?\n" + game, game.replaceFirst("\n", "\n?\n"))) {
            InputStream before = System.in;
            try {
                System.setIn(new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)));
                moves.add(json(adjoint("play tic-tac-toe --level random --json".split(" "))).get("moves"));
            } finally {
                System.setIn(before);
            }
        }
        assertThat(moves).containsOnly(moves.getFirst());
    }

    @Test
    void levelsPlayWithoutANetwork() {
        JsonNode match = json(adjoint("play connect-four --level 4 --level random --games 6 --json".split(" ")));
        assertThat(match.get("wins").asInt()).isEqualTo(6);
        JsonNode one = json(adjoint("play othello-6x6 --level 1 --level 3 --second --json".split(" ")));
        assertThat(one.get("players").get(0).asString()).isEqualTo("level 3");
        assertThat(one.has("result")).isTrue();
    }

    @Test
    void tasksForOneArePlayedWithoutANetwork() {
        double random = json(adjoint("play snake --level random --games 20 --json".split(" "))).get("mean").asDouble();
        double greedy = json(adjoint("play snake --level greedy --games 20 --json".split(" "))).get("mean").asDouble();
        assertThat(greedy).isGreaterThan(15).isGreaterThan(random + 10);
        assertThat(json(adjoint("play pendulum --level random --games 5 --json".split(" "))).get("mean").asDouble())
                .isBetween(-1900.0, -500.0);
    }

    @Test
    void anEpisodeIsShownStepByStep() {
        for (boolean redrawn : List.of(false, true)) {
            var task = new Snake();
            var text = new StringWriter();
            var solo = new Solo(task, Solo.levels(task, 1).get("greedy"));
            Solo.Tally shown = solo.show(new Chance(3), new PrintWriter(text), redrawn, 1000);
            assertThat(shown).isEqualTo(solo.play(new Chance(3)));
            String[] frames = text.toString().split("return .* after .* steps?\\R");
            assertThat(frames).hasSize(shown.steps() + 1);
            assertThat(frames[shown.steps()].startsWith("\u001b[H\u001b[J")).isEqualTo(redrawn);
            assertThat(text.toString())
                    .contains("return 0.00 after 0 steps")
                    .contains(String.format(Locale.ROOT, "return %.2f after %d steps", shown.total(), shown.steps()));
        }
    }

    @Test
    void othersAreToldWhereAGameBelongs() {
        trained("lake", "frozen-lake --steps 200 --episodes 2");
        String run = dir.resolve("lake").toString();
        for (String[] words :
                List.of(
                        new String[] {"predict", run, "1,2"},
                        new String[] {"evaluate", run},
                        new String[] {"generate", run},
                        new String[] {"summary", "--run", run})) {
            var err = new StringWriter();
            assertThat(Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err), words)).isEqualTo(2);
            assertThat(err.toString()).contains("adjoint play frozen-lake --agent " + run);
        }
    }
}
