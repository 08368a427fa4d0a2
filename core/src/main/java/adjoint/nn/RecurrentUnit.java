package adjoint.nn;

import adjoint.kernel.Recurrence.Cell;
import adjoint.tensor.Parameter;
import adjoint.tensor.Recurrent;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// What [Lstm], [Gru] and [Rnn] have in common.
///
/// @param candidateBias of a GRU
record RecurrentUnit(
        String name,
        Cell cell,
        Parameter inputWeight,
        Parameter recurrentWeight,
        Parameter bias,
        Optional<Parameter> candidateBias) {

    RecurrentUnit {
        Shape w = inputWeight.shape();
        Shape r = recurrentWeight.shape();
        int h = r.rank() == 2 ? r.dim(0) : 0;
        int gates = cell.gates() * h;
        boolean fits = h > 0 && w.rank() == 2 && w.dim(0) > 0 && w.dim(1) == gates && r.dim(1) == gates;
        if (!fits || !bias.shape().equals(Shape.of(gates))) {
            throw new ShapeException(
                    "%s needs an input weight [in, %d H], a recurrent weight [H, %2$d H] and a bias [%2$d H], got %s, %s, %s"
                            .formatted(name, cell.gates(), w, r, bias.shape()));
        }
        candidateBias.ifPresent(b -> {
            if (!b.shape().equals(Shape.of(h))) {
                throw new ShapeException(
                        "%s of %d hidden units needs a candidate bias [%2$d], got %s".formatted(name, h, b.shape()));
            }
        });
    }

    int in() {
        return inputWeight.shape().dim(0);
    }

    int hidden() {
        return recurrentWeight.shape().dim(0);
    }

    int stateSize() {
        return cell.states() * hidden();
    }

    Unrolled unroll(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths) {
        if (x.shape().rank() != 3 || x.dim(2) != in() || x.dim(1) == 0) {
            throw new ShapeException(
                    "%s needs sequences [B, T, %d] of 1 step or more, got %s".formatted(this, in(), x.shape()));
        }
        if (x.type() != inputWeight.type()) {
            throw new ShapeException(
                    this + " has weights of " + inputWeight.type() + ", got " + x.spec() + ": use to(DType)");
        }
        Tensor start = state.orElseGet(() -> Tensor.full(x.type(), 0, x.dim(0), stateSize()));
        Tensor projected = x.matmul(inputWeight.value()).add(bias.value()); // [B, T, in] · [in, G H] -> [B, T, G H]
        Tensor states =
                Recurrent.states(
                        cell, projected, start, recurrentWeight.value(), candidateBias.map(Parameter::value), lengths);
        Tensor outputs = states.slice(2, 0, hidden());
        // By way of the outputs, so that who watches them sees the error that comes back by the state.
        Tensor h = outputs.select(1, -1);
        Tensor rest = states.select(1, -1).slice(1, hidden(), stateSize());
        return new Unrolled(outputs, stateSize() == hidden() ? h : Tensor.concat(1, h, rest));
    }

    @Override
    public String toString() {
        return name + "(" + in() + " -> " + hidden() + ")";
    }

    static Parameter inputWeight(String name, int in, int hidden, int gates, Init init) {
        if (in < 1 || hidden < 1) {
            throw new ShapeException(name + " needs sizes of 1 or more, got " + in + " -> " + hidden);
        }
        return Parameter.of(init.weight(Init.xavierUniform(), in, hidden, in, gates * hidden));
    }

    static Parameter recurrentWeight(int hidden, int gates, Init init) {
        return Parameter.of(init.weight(Init.orthogonal(1), hidden, hidden, hidden, gates * hidden));
    }
}
