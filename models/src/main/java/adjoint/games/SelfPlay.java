package adjoint.games;

import adjoint.nn.Init;
import adjoint.nn.Pass;
import adjoint.optim.AdamW;
import adjoint.optim.Optimizer;
import adjoint.optim.Schedule;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Learns a [Game] from nothing but its rules, by playing against itself (AlphaZero; Silver et al. 2017): a network guides a [Search], and
/// learns to foresee what the search finds and how the games end. Many games are played side by side, so that the network is asked
/// about many positions at once.
///
/// ```java
/// var game = new ConnectFour();
/// try (var engine = new Engine()) {
///     var learner = new SelfPlay(game, init -> PolicyValue.of(game, 48, 4, init), new SelfPlay.Options(), 1, engine);
///     learner.learn(20, event -> {});
///     Player player = learner.player(100);
/// }
/// ```
public final class SelfPlay {
    private static final int OPENING = 4; // moves drawn by chance in games of the gate

    private final Game game;
    private final Options options;
    private final PolicyValue network; // learns
    private final PolicyValue best; // plays
    private final Opinions opinions; // of the one that plays
    private final Optimizer optimizer;
    private final Evaluator evaluator;
    private final ArrayDeque<Lesson> lessons = new ArrayDeque<>();
    private final Chance chance;
    private final long seed;
    private long games;
    private long updates;

    /// How it learns.
    ///
    /// @param side how many games are played side by side
    /// @param games in each round
    /// @param simulations of the search, for each move
    /// @param free the first so many moves of a game are drawn by how often they were tried, later ones are those tried most; none
    ///     that loses for certain
    /// @param opening every other game begins with up to so many moves by pure chance, so that strange positions are learned too
    /// @param noise share of noise in the first move's opinions
    /// @param concentration of that noise: about 10 divided by the number of moves
    /// @param memory how many positions are kept to learn from
    /// @param batch how many positions each update learns from
    /// @param passes how often each new position is learned from, in the mean
    /// @param trust the share of what the search found of a position in what its value is aimed at; the rest is how the game ended, which
    ///     says less of a single position
    /// @param rate the learning rate, of AdamW, by update
    /// @param gate how many games, an even number, the network must win a share of to become the one that plays; 0: it always does
    /// @param share of those games
    public record Options(
            int side,
            int games,
            int simulations,
            int free,
            int opening,
            double noise,
            double concentration,
            int memory,
            int batch,
            double passes,
            double trust,
            Schedule rate,
            int gate,
            double share) {
        /// For games as small as [ConnectFour].
        public Options() {
            this(128, 256, 64, 12, 16, 0.25, 1, 60_000, 256, 2, 0.5, Schedule.constant(2e-3), 0, 0.55);
        }

        /// @throws AdjointException if a number makes no sense
        public Options {
            boolean right =
                    side >= 1
                            && games >= 1
                            && simulations >= 1
                            && free >= 0
                            && opening >= 0
                            && noise >= 0
                            && noise <= 1
                            && concentration > 0
                            && memory >= batch
                            && batch >= 1
                            && passes > 0
                            && trust >= 0
                            && trust <= 1
                            && gate >= 0
                            && gate % 2 == 0
                            && share >= 0
                            && share <= 1;
            if (!right) {
                throw new AdjointException(
                        "self-play needs counts of 1 or more, an even number of games at the gate, shares from 0 to 1 and a memory of a batch or more");
            }
        }
    }

    /// A position with what the search and, once it is known, the game's end said about it.
    private record Lesson(Position position, float[] policy, float value) {}

    /// A game under way.
    private static final class Play {
        Search search;
        int moves;
        final List<Lesson> seen = new ArrayList<>();

        Play(Search search, int moves) {
            this.search = search;
            this.moves = moves;
        }
    }

    /// @param network makes a network that fits the game
    public SelfPlay(
            Game game, Function<Init, PolicyValue> network, Options options, long seed, Evaluator evaluator) {
        this.game = game;
        this.options = options;
        this.evaluator = evaluator;
        this.seed = seed;
        this.network = network.apply(Init.seeded(seed));
        this.best = network.apply(Init.seeded(seed));
        opinions = new Opinions(game, best, evaluator);
        optimizer =
                new Optimizer(AdamW.rate(options.rate).weightDecay(1e-4), this.network.parameters())
                        .clipNorm(5)
                        .on(evaluator);
        chance = Chance.of(seed, 1);
    }

    /// Games played so far.
    public long games() {
        return games;
    }

    /// The network that plays.
    public PolicyValue network() {
        return best;
    }

    /// The network that learns; where there is no gate, the one that plays is the same after each round.
    public PolicyValue learning() {
        return network;
    }

    /// Plays as well as was learned so far.
    ///
    /// @param simulations of the search, for each move; 0: the network's first thought
    public Player player(int simulations) {
        return new NetworkPlayer(game, best, simulations, evaluator);
    }

    /// Goes on for some rounds: games, updates, and the gate.
    ///
    /// @param listener is told what happens; a game counts as an episode whose total is its result for the one who began
    public void learn(int rounds, Consumer<? super LearningEvent> listener) {
        for (int round = 0; round < rounds; round++) {
            int fresh = play(listener);
            int count = Math.max(1, (int) Math.round(options.passes * fresh / options.batch));
            if (lessons.size() >= options.batch) {
                Lesson[] all = lessons.toArray(Lesson[]::new);
                for (int i = 0; i < count; i++) {
                    update(all, listener);
                }
                if (passes()) {
                    Weights.copy(network.parameters(), best.parameters(), evaluator);
                }
            }
        }
    }

    private int play(Consumer<? super LearningEvent> listener) {
        int fresh = 0;
        int started = 0;
        List<Play> plays = new ArrayList<>();
        while (started < options.games || !plays.isEmpty()) {
            while (plays.size() < options.side && started < options.games) {
                plays.add(opened(started++ % 2 == 0 ? 0 : options.opening));
            }
            opinions.advance(plays.stream().map(play -> play.search).toList(), options.simulations);
            for (var all = plays.iterator(); all.hasNext(); ) {
                Play play = all.next();
                if (play.search.isDone(options.simulations)) {
                    move(play);
                    if (play.search.position().isOver()) {
                        all.remove();
                        fresh += finish(play);
                        games++;
                        double result = play.search.position().result() * (play.search.position().player() == 0 ? 1 : -1);
                        listener.accept(new LearningEvent.EpisodeDone(games, result, play.moves));
                    }
                }
            }
        }
        return fresh;
    }

    /// A game that begins with up to so many moves by chance.
    private Play opened(int most) {
        Position position = game.start();
        int moves = 0;
        for (int left = chance.nextInt(most + 1); left > 0; left--) {
            Position next = position.play(Moves.drawn(position.legal(), chance));
            if (next.isOver()) {
                break;
            }
            position = next;
            moves++;
        }
        return new Play(search(position), moves);
    }

    private Search search(Position position) {
        return new Search(position, Optional.of(new Search.Noise(options.noise, options.concentration, chance)));
    }

    private void move(Play play) {
        float[] policy = play.search.policy(game.moves());
        play.seen.add(new Lesson(play.search.position(), policy, (float) play.search.value()));
        int most = play.search.most();
        int chosen = play.moves < options.free ? drawn(policy, most) : most;
        // A new tree for each move: the noise is that of its root.
        play.search = search(play.search.position().play(chosen));
        play.moves++;
    }

    private int drawn(float[] shares, int otherwise) {
        double at = chance.nextDouble();
        for (int m = 0; m < shares.length; m++) {
            at -= shares[m];
            if (at < 0) {
                return m;
            }
        }
        return otherwise;
    }

    private int finish(Play play) {
        Position end = play.search.position();
        for (Lesson lesson : play.seen) {
            int result = end.result() * (lesson.position.player() == end.player() ? 1 : -1);
            float value = (float) (options.trust * lesson.value + (1 - options.trust) * result);
            lessons.addLast(new Lesson(lesson.position, lesson.policy, value));
            if (lessons.size() > options.memory) {
                lessons.removeFirst();
            }
        }
        return play.seen.size();
    }

    private void update(Lesson[] all, Consumer<? super LearningEvent> listener) {
        int n = options.batch;
        int size = Math.toIntExact(game.planes().size());
        float[] planes = new float[n * size];
        float[] policies = new float[n * game.moves()];
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            Lesson lesson = all[chance.nextInt(all.length)];
            int symmetry = chance.nextInt(game.symmetries());
            lesson.position.turned(symmetry).observe(planes, i * size);
            for (int m = 0; m < game.moves(); m++) {
                policies[i * game.moves() + game.turned(m, symmetry)] = lesson.policy[m];
            }
            values[i] = lesson.value;
        }
        Pass pass = Pass.training(RandomKey.of(seed).fold(updates));
        var opinion = network.opinion(Tensor.of(planes, game.planes().insert(0, n)), pass);
        Tensor policy = opinion.logits().logSoftmax(1).mul(Tensor.of(policies, n, game.moves())).sum(1).mean().neg();
        Tensor value = opinion.values().sub(Tensor.of(values, n)).square().mean();
        Tensor loss = policy.add(value);
        optimizer.step(loss, List.of(policy, value), pass.updates());
        updates++;
        listener.accept(
                new LearningEvent.Updated(games, updates)
                        .with("loss", loss)
                        .with("policy.loss", policy)
                        .with("value.loss", value));
    }

    // From openings that differ, since both play the same moves in the same position.
    private boolean passes() {
        if (options.gate == 0) {
            return true;
        }
        Player challenger = new NetworkPlayer(game, network, options.simulations, evaluator);
        Match match = new Match(game, options.gate).varied(OPENING, Chance.of(seed, 2 + updates).nextLong());
        return match.play(challenger, player(options.simulations)).percent() >= 100 * options.share;
    }
}
