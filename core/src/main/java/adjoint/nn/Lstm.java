package adjoint.nn;

import adjoint.kernel.DType;
import adjoint.kernel.Recurrence.Cell;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.Optional;

/// Long short-term memory (Hochreiter & Schmidhuber 1997; with a forget gate, Gers et al. 2000), one layer, one direction:
///
/// `i, f, o = σ(x W + h R + b)`, `g = tanh(x W + h R + b)`, `c' = f c + i g`, `h' = o tanh(c')`
///
/// each with its own columns of `W`, `R`, `b`, in the order `i f g o`. Shapes: x `[B, T, in]`, y `[B, T, hidden]`. Input weights
/// start Xavier uniform, recurrent ones orthogonal, biases at 0.
///
/// @param inputWeight `W`, `[in, 4 hidden]`
/// @param recurrentWeight `R`, `[hidden, 4 hidden]`
/// @param bias `b`, `[4 hidden]`
public record Lstm(Parameter inputWeight, Parameter recurrentWeight, Parameter bias) implements RecurrentLayer {
    private static final String NAME = "Lstm";

    /// @throws ShapeException if weights and bias do not fit together
    public Lstm {
        unit(inputWeight, recurrentWeight, bias);
    }

    /// With first weights by `init`.
    public Lstm(int in, int hidden, Init init) {
        this(
                RecurrentUnit.inputWeight(NAME, in, hidden, Cell.LSTM.gates(), init),
                RecurrentUnit.recurrentWeight(hidden, Cell.LSTM.gates(), init),
                Parameter.of(init.bias(Cell.LSTM.gates() * hidden)));
    }

    private static RecurrentUnit unit(Parameter inputWeight, Parameter recurrentWeight, Parameter bias) {
        return new RecurrentUnit(NAME, Cell.LSTM, inputWeight, recurrentWeight, bias, Optional.empty());
    }

    private RecurrentUnit unit() {
        return unit(inputWeight, recurrentWeight, bias);
    }

    /// This with another first bias of the forget gate. 1 lets it remember from the start (Jozefowicz et al. 2015).
    public Lstm forgetBias(double value) {
        int h = hidden();
        double[] b = bias.value().toDoubles();
        Arrays.fill(b, h, 2 * h, value);
        DType type = bias.type();
        return new Lstm(inputWeight, recurrentWeight, Parameter.of(Tensor.of(b, b.length).to(type)));
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
