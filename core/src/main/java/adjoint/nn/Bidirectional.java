package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// Two recurrent layers over the same sequences, one from the start to the end, the other from the end to the start (Schuster &
/// Paliwal 1997): each step's outputs have seen the whole sequence.
///
/// `y[b, t, :] = (forward(x)[b, t, :], backward(x turned round)[b, length - 1 - t, :])`
///
/// ```java
/// var layer = new Bidirectional(new Lstm(64, 128, init), new Lstm(64, 128, init)); // [B, T, 64] -> [B, T, 256]
/// Unrolled read = layer.unroll(x, Optional.empty(), Optional.of(lengths), pass);
/// Tensor both = layer.last(read); // [B, 256]: where each of the two stopped
/// ```
/// Shapes: x `[B, T, in]`, y `[B, T, forward.hidden + backward.hidden]`; the state is that of the one followed by that of the
/// other. A given state starts the backward layer too, at the sequence's end. After a sequence's end stands what each of the
/// two stopped with.
///
/// @param forward from the start to the end
/// @param backward from the end to the start; it is turned round here, as [Reversed] does it
public record Bidirectional(RecurrentLayer forward, RecurrentLayer backward) implements RecurrentLayer {
    /// @throws ShapeException if the two have different numbers of inputs, or the backward one is turned round already
    public Bidirectional {
        if (forward.in() != backward.in()) {
            throw new ShapeException(
                    "Bidirectional needs two layers of the same number of inputs, got " + forward + " and " + backward);
        }
        if (backward instanceof Reversed turned) {
            throw new ShapeException(
                    "Bidirectional turns its backward layer round by itself, got "
                            + turned
                            + ": give it "
                            + turned.layer());
        }
    }

    /// Two [Lstm]s of so many hidden units each.
    public static Bidirectional lstm(int in, int hidden, Init init) {
        return new Bidirectional(new Lstm(in, hidden, init), new Lstm(in, hidden, init));
    }

    /// Two [Gru]s of so many hidden units each.
    public static Bidirectional gru(int in, int hidden, Init init) {
        return new Bidirectional(new Gru(in, hidden, init), new Gru(in, hidden, init));
    }

    /// Two [Rnn]s with tanh of so many hidden units each.
    public static Bidirectional rnn(int in, int hidden, Init init) {
        return new Bidirectional(new Rnn(in, hidden, init), new Rnn(in, hidden, init));
    }

    @Override
    public Unrolled forward(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths, Pass pass) {
        state.ifPresent(s -> RecurrentStack.requireState(this, s, x));
        int middle = forward.stateSize();
        Optional<Tensor> first = state.map(s -> s.slice(1, 0, middle));
        Optional<Tensor> second = state.map(s -> s.slice(1, middle, stateSize()));
        Unrolled there = pass.into("forward", forward).unroll(x, first, lengths);
        Unrolled back = Reversed.backwards(x, second, lengths, pass.into("backward", backward));
        return new Unrolled(
                Tensor.concat(2, there.outputs(), back.outputs()), Tensor.concat(1, there.state(), back.state()));
    }

    @Override
    public int in() {
        return forward.in();
    }

    @Override
    public int hidden() {
        return forward.hidden() + backward.hidden();
    }

    @Override
    public int stateSize() {
        return forward.stateSize() + backward.stateSize();
    }

    @Override
    public Tensor last(Tensor state) {
        int middle = forward.stateSize();
        return Tensor.concat(
                -1, forward.last(state.slice(-1, 0, middle)), backward.last(state.slice(-1, middle, stateSize())));
    }

    @Override
    public String toString() {
        return "Bidirectional(" + forward + ", " + backward + ")";
    }
}
