package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/// Recurrent layers one on the other, each reading all outputs of the one below, with dropout between them, on no way that goes
/// from step to step (Zaremba et al. 2014): `[B, T, in] -> [B, T, hidden]`, with the hidden units of the last.
///
/// ```java
/// var deep = RecurrentStack.lstm(64, 128, 2, 0.2, init);
/// var both = RecurrentStack.of(64, 2, 0.2, in -> Bidirectional.gru(in, 128, init));
///
/// Unrolled read = deep.unroll(text, Optional.empty(), Optional.of(lengths), pass);
/// Unrolled next = deep.unroll(token, Optional.of(read.state()), Optional.empty(), pass); // goes on, [B, 1, in]
/// ```
/// The state is that of all layers side by side, the lowest first. Parameters are named `layers.0.inputWeight`.
///
/// @param layers the lowest first
/// @param dropout of the outputs of all layers but the last, drawn for each step by itself
public record RecurrentStack(List<RecurrentLayer> layers, Dropout dropout) implements RecurrentLayer {
    /// @throws ShapeException if there is no layer, or one's inputs are not as many as the hidden units below
    public RecurrentStack {
        layers = List.copyOf(layers);
        if (layers.isEmpty()) {
            throw new ShapeException("RecurrentStack needs a layer or more, got none");
        }
        for (int i = 1; i < layers.size(); i++) {
            if (layers.get(i).in() != layers.get(i - 1).hidden()) {
                throw new ShapeException(
                        "RecurrentStack needs layers that fit onto each other, got "
                                + layers.get(i)
                                + " on "
                                + layers.get(i - 1)
                                + ", which has "
                                + layers.get(i - 1).hidden()
                                + " outputs");
            }
        }
    }

    /// So many layers.
    ///
    /// @param in the number of inputs of the lowest
    /// @param layers how many
    /// @param dropout the probability of dropping, in [0, 1)
    /// @param layer makes one for its number of inputs: `n -> new Lstm(n, 128, init).forgetBias(1)`
    public static RecurrentStack of(int in, int layers, double dropout, IntFunction<? extends RecurrentLayer> layer) {
        List<RecurrentLayer> made = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            made.add(layer.apply(i == 0 ? in : made.getLast().hidden()));
        }
        return new RecurrentStack(made, new Dropout(dropout));
    }

    /// Layers of [Lstm].
    public static RecurrentStack lstm(int in, int hidden, int layers, double dropout, Init init) {
        return of(in, layers, dropout, n -> new Lstm(n, hidden, init));
    }

    /// Layers of [Gru].
    public static RecurrentStack gru(int in, int hidden, int layers, double dropout, Init init) {
        return of(in, layers, dropout, n -> new Gru(n, hidden, init));
    }

    /// Layers of [Rnn] with tanh.
    public static RecurrentStack rnn(int in, int hidden, int layers, double dropout, Init init) {
        return of(in, layers, dropout, n -> new Rnn(n, hidden, init));
    }

    @Override
    public Unrolled forward(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths, Pass pass) {
        state.ifPresent(s -> requireState(this, s, x));
        List<Tensor> ends = new ArrayList<>();
        Tensor y = x;
        int from = 0;
        for (int i = 0; i < layers.size(); i++) {
            RecurrentLayer layer = layers.get(i);
            int start = from;
            Optional<Tensor> own = state.map(s -> s.slice(1, start, start + layer.stateSize()));
            Tensor in = i == 0 ? y : pass.into("dropout", dropout).run(y);
            Unrolled read = pass.into("layers." + i, layer).unroll(in, own, lengths);
            ends.add(read.state());
            y = read.outputs();
            from += layer.stateSize();
        }
        return new Unrolled(y, Tensor.concat(1, ends.toArray(Tensor[]::new)));
    }

    /// Refuses a state of another size than the layer's.
    static void requireState(RecurrentLayer layer, Tensor state, Tensor x) {
        int batch = x.shape().rank() == 0 ? 0 : x.dim(0);
        if (state.shape().rank() != 2 || state.dim(0) != batch || state.dim(1) != layer.stateSize()) {
            throw new ShapeException(
                    layer
                            + " needs a state ["
                            + batch
                            + ", "
                            + layer.stateSize()
                            + "], as Unrolled.state() has it, got "
                            + state.shape());
        }
    }

    @Override
    public int in() {
        return layers.getFirst().in();
    }

    @Override
    public int hidden() {
        return layers.getLast().hidden();
    }

    @Override
    public int stateSize() {
        return layers.stream().mapToInt(RecurrentLayer::stateSize).sum();
    }

    @Override
    public Tensor last(Tensor state) {
        int all = stateSize();
        return layers.getLast().last(state.slice(-1, all - layers.getLast().stateSize(), all));
    }

    @Override
    public String toString() {
        return "RecurrentStack(" + in() + " -> " + hidden() + ", " + layers.size() + " layers)";
    }
}
