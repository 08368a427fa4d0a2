package adjoint.games;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.nn.Init;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

/// What a network is asked, and how often.
class OpinionsTest {
    private final Game game = new ConnectFour();
    private final PolicyValue network = PolicyValue.of(game, 4, 1, Init.seeded(1));
    private final List<Integer> asked = new ArrayList<>();

    /// Counts the positions of each question, padding included.
    private final Evaluator counting =
            (wanted, updates) -> {
                asked.add(wanted.getFirst().shape().dim(0));
                return Evaluator.standard().run(wanted, updates);
            };

    private static List<Search> searches(Position... positions) {
        return List.of(positions).stream().map(Search::new).toList();
    }

    @Test
    void nothingIsAskedTwiceUntilTheNetworkChanges() {
        var opinions = new Opinions(game, network, counting);
        var first = searches(game.start());
        opinions.search(first, 50);
        int all = asked.size(); // some positions are come to on two ways
        assertThat(asked).hasSizeBetween(40, 51).containsOnly(1);
        var again = searches(game.start());
        opinions.search(again, 50);
        assertThat(asked).hasSize(all);
        assertThat(again.getFirst().policy(7)).isEqualTo(first.getFirst().policy(7));
        opinions.search(searches(game.start()), 60);
        assertThat(asked).hasSizeBetween(all + 1, all + 10);
        all = asked.size();

        Parameter one = network.parameters().firstEntry().getValue();
        one.set(one.value().mul(2));
        opinions.search(searches(game.start()), 50);
        assertThat(asked).hasSizeGreaterThan(all + 40);
    }

    @Test
    void sideBySideComesToTheSameAsOneAfterTheOther() {
        Position[] positions = {game.start(), game.start().play(3), game.start().play(0).play(3)};
        var together = searches(positions);
        new Opinions(game, network, counting).search(together, 80);
        assertThat(asked.size()).isLessThan(2 * 81);
        for (int i = 0; i < positions.length; i++) {
            var alone = searches(positions[i]);
            new Opinions(game, network, Evaluator.standard()).search(alone, 80);
            assertThat(together.get(i).seen()).isEqualTo(81);
            assertThat(together.get(i).most()).isEqualTo(alone.getFirst().most());
            assertThat(together.get(i).value()).isCloseTo(alone.getFirst().value(), within(1e-3));
        }
    }

    @Test
    void opinionsThatAreNotFiniteAreRefused() {
        for (float bad : new float[] {Float.NaN, Float.MAX_VALUE}) {
            for (Parameter p : network.parameters().values()) {
                p.set(p.value().mul(0).add(bad));
            }
            var player = new NetworkPlayer(game, network, 10, Evaluator.standard());
            assertThatThrownBy(() -> player.move(game.start()))
                    .isInstanceOf(AdjointException.class)
                    .hasMessageContaining("connect-four is NaN or infinite");
        }
    }

    @Test
    void whereTheGameIsOverNothingIsSearched() {
        Position won = game.start();
        for (int move : new int[] {0, 1, 0, 1, 0, 1, 0}) {
            won = won.play(move);
        }
        Position over = won;
        var player = new NetworkPlayer(game, network, 10, Evaluator.standard());
        assertThatThrownBy(() -> player.search(over))
                .isInstanceOf(AdjointException.class)
                .hasMessageContaining("connect-four is over");
    }
}
