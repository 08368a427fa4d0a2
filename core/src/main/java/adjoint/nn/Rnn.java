package adjoint.nn;

import adjoint.kernel.Recurrence.Cell;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// A plain recurrent network (Elman 1990), one layer, one direction: `h' = tanh(x W + h R + b)`, or `relu(…)`.
///
/// Shapes: x `[B, T, in]`, y `[B, T, hidden]`. Input weights start Xavier uniform, recurrent ones orthogonal, biases at 0.
///
/// @param activation [Activation#TANH] or [Activation#RELU]
/// @param inputWeight `W`, `[in, hidden]`
/// @param recurrentWeight `R`, `[hidden, hidden]`
/// @param bias `b`, `[hidden]`
public record Rnn(Activation activation, Parameter inputWeight, Parameter recurrentWeight, Parameter bias)
        implements RecurrentLayer {
    private static final String NAME = "Rnn";

    /// @throws ShapeException if weights and bias do not fit together, or for another activation
    public Rnn {
        unit(activation, inputWeight, recurrentWeight, bias);
    }

    /// With tanh, and first weights by `init`.
    public Rnn(int in, int hidden, Init init) {
        this(
                Activation.TANH,
                RecurrentUnit.inputWeight(NAME, in, hidden, 1, init),
                RecurrentUnit.recurrentWeight(hidden, 1, init),
                Parameter.of(init.bias(hidden)));
    }

    private static RecurrentUnit unit(
            Activation activation, Parameter inputWeight, Parameter recurrentWeight, Parameter bias) {
        Cell cell =
                switch (activation) {
                    case TANH -> Cell.TANH;
                    case RELU -> Cell.RELU;
                    default -> throw new ShapeException("Rnn has the activation TANH or RELU, got " + activation);
                };
        return new RecurrentUnit(NAME, cell, inputWeight, recurrentWeight, bias, Optional.empty());
    }

    private RecurrentUnit unit() {
        return unit(activation, inputWeight, recurrentWeight, bias);
    }

    /// This with another activation, [Activation#TANH] or [Activation#RELU].
    public Rnn activation(Activation other) {
        return new Rnn(other, inputWeight, recurrentWeight, bias);
    }

    @Override
    public Unrolled forward(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths, Pass pass) {
        return unit().unroll(x, state, lengths);
    }

    @Override
    public int in() {
        return inputWeight.shape().dim(0);
    }

    @Override
    public int hidden() {
        return recurrentWeight.shape().dim(0);
    }

    @Override
    public int stateSize() {
        return unit().stateSize();
    }

    @Override
    public String toString() {
        return unit().toString();
    }
}
