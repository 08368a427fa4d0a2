package adjoint.nn;

import adjoint.kernel.DType;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// A recurrent layer that reads from the end to the start (Schuster & Paliwal 1997): step `t` of the outputs has seen the
/// steps from `t` on. The state at the end is the one after the first step.
///
/// @param layer the layer, which sees its sequences turned round, each within its length
public record Reversed(RecurrentLayer layer) implements RecurrentLayer {
    @Override
    public Unrolled forward(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths, Pass pass) {
        return backwards(x, state, lengths, pass.into("layer", layer));
    }

    /// Runs the layer that the pass has entered from the end to the start.
    static Unrolled backwards(Tensor x, Optional<Tensor> state, Optional<Tensor> lengths, Pass inside) {
        if (x.shape().rank() != 3) {
            return inside.unroll(x, state, lengths); // refuses
        }
        Unrolled turned = inside.unroll(turn(x, lengths), state, lengths);
        return new Unrolled(turn(turned.outputs(), lengths), turned.state());
    }

    // Steps 0 … length - 1 in the opposite order, the others as they are.
    private static Tensor turn(Tensor x, Optional<Tensor> lengths) {
        if (lengths.isEmpty()) {
            return x.flip(1);
        }
        int batch = x.dim(0);
        int steps = x.dim(1);
        Tensor t = Tensor.arange(steps).unsqueeze(0).expand(batch, steps);
        Tensor end = lengths.get().to(DType.INT64).unsqueeze(1).expand(batch, steps);
        Tensor from = Tensor.where(t.lt(end), end.sub(1).sub(t), t); // [B, T]
        Tensor row = Tensor.arange(batch).mul(steps).unsqueeze(1).add(from);
        return x.reshape(batch * steps, x.dim(2)).gather(0, row); // [B T, C] -> [B, T, C]
    }

    @Override
    public int in() {
        return layer.in();
    }

    @Override
    public int hidden() {
        return layer.hidden();
    }

    @Override
    public int stateSize() {
        return layer.stateSize();
    }

    @Override
    public Tensor last(Tensor state) {
        return layer.last(state);
    }

    @Override
    public String toString() {
        return "Reversed(" + layer + ")";
    }
}
