package adjoint.nn;

import adjoint.kernel.Recurrence.Cell;
import adjoint.tensor.Parameter;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// Gated recurrent units (Cho et al. 2014), with the reset gate applied after the product, one layer, one direction:
///
/// `r, z = σ(x W + h R + b)`, `n = tanh(x W + b + r (h R + b_n))`, `h' = (1 - z) n + z h`
///
/// each with its own columns of `W`, `R`, `b`, in the order `r z n`. Shapes: x `[B, T, in]`, y `[B, T, hidden]`. Input weights
/// start Xavier uniform, recurrent ones orthogonal, biases at 0.
///
/// @param inputWeight `W`, `[in, 3 hidden]`
/// @param recurrentWeight `R`, `[hidden, 3 hidden]`
/// @param bias `b`, `[3 hidden]`
/// @param candidateBias `b_n`, `[hidden]`: what the reset gate takes away together with the product
public record Gru(Parameter inputWeight, Parameter recurrentWeight, Parameter bias, Parameter candidateBias)
        implements RecurrentLayer {
    private static final String NAME = "Gru";

    /// @throws ShapeException if weights and biases do not fit together
    public Gru {
        unit(inputWeight, recurrentWeight, bias, candidateBias);
    }

    /// With first weights by `init`.
    public Gru(int in, int hidden, Init init) {
        this(
                RecurrentUnit.inputWeight(NAME, in, hidden, Cell.GRU.gates(), init),
                RecurrentUnit.recurrentWeight(hidden, Cell.GRU.gates(), init),
                Parameter.of(init.bias(Cell.GRU.gates() * hidden)),
                Parameter.of(init.bias(hidden)));
    }

    private static RecurrentUnit unit(
            Parameter inputWeight, Parameter recurrentWeight, Parameter bias, Parameter candidateBias) {
        return new RecurrentUnit(NAME, Cell.GRU, inputWeight, recurrentWeight, bias, Optional.of(candidateBias));
    }

    private RecurrentUnit unit() {
        return unit(inputWeight, recurrentWeight, bias, candidateBias);
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
