package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.optim.Schedule;
import adjoint.plan.Engine;
import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class SelfPlayTest {
    private static SelfPlay learner(long seed, int games, int gate, Engine engine) {
        var game = new TicTacToe();
        return new SelfPlay(
                game,
                init -> PolicyValue.of(game, 16, 1, init),
                new SelfPlay.Options(32, games, 16, 4, 3, 0.25, 1, 4_000, 64, 4, 0, Schedule.constant(3e-3), gate, 0.5),
                seed,
                engine);
    }

    private static List<Object> story(long seed, int threads) {
        try (var engine = new Engine(threads)) {
            var learner = learner(seed, 40, 4, engine);
            List<Object> all = new ArrayList<>();
            learner.learn(2, all::add);
            assertThat(learner.games()).isEqualTo(80);
            assertThat(all).hasAtLeastOneElementOfType(LearningEvent.Updated.class);
            learner.network().parameters().forEach((name, p) -> all.add(name + Arrays.toString(p.value().toFloats())));
            return all;
        }
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        List<Object> first = story(1, 1);
        assertThat(story(1, 1)).isEqualTo(first);
        assertThat(story(1, 2)).as("with two threads").isEqualTo(first);
        assertThat(story(2, 1)).isNotEqualTo(first);
    }

    @Test
    void itsFirstThoughtBeatsChance() {
        try (var engine = new Engine(1)) {
            var learner = learner(3, 64, 0, engine);
            double before = share(learner.player(0));
            learner.learn(16, _ -> {});
            assertThat(share(learner.player(0))).isGreaterThan(0.8).isGreaterThan(before + 0.15);
        }
    }

    // Of 1,000 games against random moves, so that luck counts 1 in 100; a draw is a half.
    private static double share(Player player) {
        return new Match(new TicTacToe(), 1000).play(player, new RandomPlayer(9)).percent() / 100;
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(
                        () -> new SelfPlay.Options(0, 1, 1, 1, 0, 0, 1, 10, 10, 1, 0, Schedule.constant(1), 0, 0.5))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("counts of 1 or more");
    }
}
