package adjoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import adjoint.tensor.AdjointException;
import adjoint.tensor.RandomKey;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

class RecurrentStackTest {
    private static final Init INIT = Init.seeded(3);
    private static final Optional<Tensor> NONE = Optional.empty();
    private static final RandomKey KEY = RandomKey.of(5);
    private final Tensor x = random(1, 3, 6, 3);
    private final Optional<Tensor> lengths = Optional.of(Tensor.of(new int[] {4, 6, 0}, 3));

    private static Tensor random(int stream, int... dims) {
        return Tensor.of(Tensor.normal(RandomKey.of(stream), dims).toFloats(), dims);
    }

    private static List<RecurrentStack> stacks() {
        return List.of(
                RecurrentStack.lstm(3, 4, 3, 0.5, INIT),
                RecurrentStack.gru(3, 4, 2, 0.5, INIT),
                RecurrentStack.rnn(3, 4, 1, 0.5, INIT),
                new RecurrentStack(List.of(new Gru(3, 5, INIT), new Lstm(5, 2, INIT)), new Dropout(0)));
    }

    @Test
    void eachLayerReadsTheOneBelow() {
        for (RecurrentStack stack : stacks()) {
            Tensor y = x;
            List<Tensor> states = new ArrayList<>();
            Tensor last = x;
            for (RecurrentLayer layer : stack.layers()) {
                Unrolled read = layer.unroll(y, NONE, lengths);
                y = read.outputs();
                states.add(read.state());
                last = layer.last(read);
            }
            Unrolled whole = stack.unroll(x, NONE, lengths);
            assertThat(whole.outputs().toFloats()).as("%s", stack).isEqualTo(y.toFloats());
            assertThat(whole.state().toFloats()).isEqualTo(Tensor.concat(1, states.toArray(Tensor[]::new)).toFloats());
            assertThat(whole.state().dim(1)).isEqualTo(stack.stateSize());
            assertThat(stack.last(whole).toFloats()).isEqualTo(last.toFloats());
            assertThat(stack.last(whole).get(1).toFloats()).isEqualTo(whole.outputs().get(1).get(5).toFloats());
        }
    }

    // Generation: one step at a time, with nothing but the state in between.
    @Test
    void goesOnStepByStep() {
        for (RecurrentStack stack : stacks()) {
            Tensor whole = stack.unroll(x).outputs();
            Optional<Tensor> state = NONE;
            for (int t = 0; t < 6; t++) {
                Unrolled next = stack.unroll(x.slice(1, t, t + 1), state, NONE);
                assertThat(next.outputs().select(1, 0).toFloats())
                        .as("%s, step %d", stack, t)
                        .isEqualTo(whole.select(1, t).toFloats());
                state = Optional.of(Tensor.of(next.state().toFloats(), 3, stack.stateSize()));
            }
        }
    }

    @Test
    void dropsBetweenTheLayersAndNotBehindTheLast() {
        var stack = RecurrentStack.gru(3, 4, 2, 0.5, INIT);
        Pass drawing = Pass.training(KEY);
        Tensor below = stack.layers().get(0).unroll(x, NONE, lengths).outputs();
        Tensor dropped = stack.dropout().forward(below, drawing);
        assertThat(dropped.eq(0).to(x.type()).sum().item()).isPositive();
        Tensor expected = stack.layers().get(1).unroll(dropped, NONE, lengths).outputs();
        assertThat(stack.unroll(x, NONE, lengths, Pass.training(KEY)).outputs().toFloats())
                .isEqualTo(expected.toFloats())
                .isNotEqualTo(stack.unroll(x, NONE, lengths).outputs().toFloats());
        var still = Pass.training(KEY).inferring(layer -> layer == stack);
        assertThat(stack.apply(x, still).toFloats()).isEqualTo(stack.unroll(x).outputs().toFloats());
        Pass single = Pass.training(KEY);
        RecurrentStack.lstm(3, 4, 1, 0.5, INIT).apply(x, single);
        assertThat(single.key()).as("nothing was drawn").isEqualTo(Pass.training(KEY).key());
    }

    @Test
    void isSeenAndNamedByPath() {
        record Net(Embedding embedding, RecurrentStack body, Linear head) implements Layer {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                Unrolled read = body.unroll(embedding.apply(x, pass), NONE, NONE, pass);
                return head.apply(body.last(read), pass);
            }
        }
        var net = new Net(new Embedding(7, 3, INIT), RecurrentStack.lstm(3, 4, 2, 0.1, INIT), new Linear(4, 2, INIT));
        assertThat(net.parameters().keySet())
                .contains("body.layers.0.inputWeight", "body.layers.1.recurrentWeight", "body.layers.1.bias");
        var seen = new ArrayList<String>();
        Tensor tokens = Tensor.of(new int[] {1, 6, 3, 0}, 1, 4);
        net.apply(tokens, Pass.inference().observing((path, layer, y) -> seen.add(path)));
        assertThat(seen)
                .containsExactly("embedding", "body.layers.0", "body.dropout", "body.layers.1", "body", "head", "");
        Layer patched = Patched.of(net).around("body.layers.1", l -> new Reversed((RecurrentLayer) l));
        float[] turned = patched.apply(tokens, Pass.inference()).toFloats();
        assertThat(turned).isNotEqualTo(net.apply(tokens, Pass.inference()).toFloats());
        Layer wrong = Patched.of(net).with("body.layers.1", new Linear(4, 4, INIT));
        assertThatThrownBy(() -> wrong.apply(tokens, Pass.inference()))
                .isInstanceOf(AdjointException.class)
                .hasMessage(
                        "the layer in the place of 'body.layers.1' must be a RecurrentLayer, since its state or its"
                                + " sequences' lengths are asked for; got Linear(4 -> 4)");
    }

    @Test
    void stacksBothWays() {
        var stack = RecurrentStack.of(3, 2, 0, n -> Bidirectional.lstm(n, 4, INIT));
        assertThat(stack).hasToString("RecurrentStack(3 -> 8, 2 layers)");
        assertThat(stack.layers().get(1).in()).isEqualTo(8);
        Unrolled read = stack.unroll(x, NONE, lengths);
        assertThat(read.outputs().shape().dims()).containsExactly(3, 6, 8);
        Tensor short0 = stack.unroll(x.slice(0, 0, 1).slice(1, 0, 4)).outputs();
        assertThat(read.outputs().slice(0, 0, 1).slice(1, 0, 4).toFloats())
                .as("padding changes nothing")
                .containsExactly(short0.toFloats(), offset(1e-6f));
        float[] ends = stack.last(read).get(1).toFloats();
        assertThat(Arrays.copyOfRange(ends, 0, 4)).isEqualTo(read.outputs().get(1).get(5).slice(0, 0, 4).toFloats());
        assertThat(Arrays.copyOfRange(ends, 4, 8)).isEqualTo(read.outputs().get(1).get(0).slice(0, 4, 8).toFloats());
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> new RecurrentStack(List.of(new Gru(3, 5, INIT), new Lstm(4, 2, INIT)), new Dropout(0)))
                .isInstanceOf(ShapeException.class)
                .hasMessageStartingWith(
                        "RecurrentStack needs layers that fit onto each other, got Lstm(4 -> 2) on Gru(3 -> 5), which has"
                                + " 5 outputs");
        assertThatThrownBy(() -> RecurrentStack.lstm(3, 4, 0, 0.1, INIT))
                .hasMessageStartingWith("RecurrentStack needs a layer or more, got none");
        assertThatThrownBy(() -> RecurrentStack.lstm(3, 4, 2, 1, INIT))
                .hasMessageContaining("probability in [0, 1), got 1.0");
        var stack = RecurrentStack.lstm(3, 4, 2, 0, INIT);
        assertThatThrownBy(() -> stack.unroll(x, Optional.of(random(2, 3, 8)), NONE))
                .hasMessageContaining(
                        "RecurrentStack(3 -> 4, 2 layers) needs a state [3, 16], as Unrolled.state() has it, got [3, 8]");
    }
}
