package adjoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.tensor.RandomKey;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class BidirectionalTest {
    private static final Init INIT = Init.seeded(3);
    private final Lstm forward = new Lstm(3, 2, INIT);
    private final Gru backward = new Gru(3, 4, INIT);
    private final Bidirectional both = new Bidirectional(forward, backward);
    private final Tensor x = random(1, 3, 5, 3);
    private final int[] lengths = {3, 5, 0};
    private final Optional<Tensor> given = Optional.of(Tensor.of(lengths, 3));

    private static Tensor random(int stream, int... dims) {
        return Tensor.of(Tensor.normal(RandomKey.of(stream), dims).toFloats(), dims);
    }

    private static List<Float> row(Tensor t, int... at) {
        Tensor row = t;
        for (int i : at) {
            row = row.get(i);
        }
        List<Float> values = new ArrayList<>();
        for (float v : row.toFloats()) {
            values.add(v);
        }
        return values;
    }

    // Each sequence by itself, turned round by hand.
    @Test
    void eachStepHasSeenBothSides() {
        Unrolled read = both.unroll(x, Optional.empty(), given);
        assertThat(read.outputs().shape().dims()).containsExactly(3, 5, 6);
        for (int b = 0; b < 2; b++) {
            int steps = lengths[b];
            float[] turned = new float[steps * 3];
            for (int t = 0; t < steps; t++) {
                System.arraycopy(x.get(b).get(steps - 1 - t).toFloats(), 0, turned, 3 * t, 3);
            }
            Unrolled there = forward.unroll(x.slice(0, b, b + 1).slice(1, 0, steps));
            Unrolled back = backward.unroll(Tensor.of(turned, 1, steps, 3));
            for (int t = 0; t < steps; t++) {
                List<Float> expected = row(there.outputs(), 0, t);
                expected.addAll(row(back.outputs(), 0, steps - 1 - t));
                assertThat(row(read.outputs(), b, t)).as("sequence %d, step %d", b, t).isEqualTo(expected);
            }
            List<Float> state = row(there.state(), 0);
            state.addAll(row(back.state(), 0));
            assertThat(row(read.state(), b)).isEqualTo(state);
            List<Float> ends = row(there.outputs(), 0, steps - 1); // h, and not c
            ends.addAll(row(back.outputs(), 0, steps - 1));
            assertThat(row(both.last(read), b)).isEqualTo(ends);
            for (int t = steps; t < 5; t++) {
                assertThat(row(read.outputs(), b, t)).as("behind the end").isEqualTo(ends);
            }
        }
        assertThat(row(read.state(), 2)).as("no step, no change").containsOnly(0f);
    }

    @Test
    void aStateStartsBoth() {
        Tensor state = random(2, 3, 8);
        Unrolled read = both.unroll(x, Optional.of(state), given);
        Unrolled there = forward.unroll(x, Optional.of(state.slice(1, 0, 4)), given);
        Unrolled back = new Reversed(backward).unroll(x, Optional.of(state.slice(1, 4, 8)), given);
        assertThat(read.outputs().toFloats())
                .isEqualTo(Tensor.concat(2, there.outputs(), back.outputs()).toFloats())
                .isNotEqualTo(both.unroll(x, Optional.empty(), given).outputs().toFloats());
        assertThat(row(read.state(), 2)).as("no step, no change").isEqualTo(row(state, 2));
    }

    @Test
    void namesItsPartsAndShowsThem() {
        assertThat(both.parameters().keySet())
                .containsExactly(
                        "forward.inputWeight",
                        "forward.recurrentWeight",
                        "forward.bias",
                        "backward.inputWeight",
                        "backward.recurrentWeight",
                        "backward.bias",
                        "backward.candidateBias");
        var seen = new ArrayList<String>();
        var net = Sequential.of(both, new Linear(6, 2, INIT));
        net.apply(x, Pass.inference().observing((path, layer, y) -> seen.add(path + " " + y.shape())));
        assertThat(seen)
                .containsExactly(
                        "layers.0.forward [3, 5, 2]",
                        "layers.0.backward [3, 5, 4]",
                        "layers.0 [3, 5, 6]",
                        "layers.1 [3, 5, 2]",
                        " [3, 5, 2]");
        assertThat(Summary.of(both, 3, 5, 3).parameters()).isEqualTo(both.parameterCount());
    }

    @Test
    void oneLayerMayReadBothWays() {
        var shared = new Bidirectional(forward, forward);
        assertThat(shared.parameters()).hasSize(3);
        Tensor back = new Reversed(forward).unroll(x).outputs();
        assertThat(shared.unroll(x).outputs().slice(2, 2, 4).toFloats()).isEqualTo(back.toFloats());
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> new Bidirectional(forward, new Gru(4, 2, INIT)))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "Bidirectional needs two layers of the same number of inputs, got Lstm(3 -> 2) and Gru(4 -> 2)");
        assertThatThrownBy(() -> new Bidirectional(forward, new Reversed(backward)))
                .hasMessageStartingWith(
                        "Bidirectional turns its backward layer round by itself, got Reversed(Gru(3 -> 4)): give it"
                                + " Gru(3 -> 4)");
        assertThatThrownBy(() -> both.unroll(x, Optional.of(random(1, 3, 6)), given))
                .hasMessageContaining("needs a state [3, 8], as Unrolled.state() has it, got [3, 6]");
        assertThatThrownBy(() -> both.unroll(random(1, 2, 4))).hasMessageContaining("needs sequences [B, T, 3]");
    }
}
