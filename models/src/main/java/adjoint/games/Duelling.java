package adjoint.games;

import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Pass;
import adjoint.tensor.Tensor;

/// A head of action values made of the state's value and the advantages of the actions: `Q(s, a) = V(s) + A(s, a) - mean A(s, ·)`
/// (Wang et al. 2016, eq. 9).
///
/// Shapes: what the body takes, `[N, …]`, to `[N, A]`.
///
/// @param body makes features `[N, in]`
/// @param value of the state
/// @param advantages of the actions
public record Duelling(Layer body, Linear value, Linear advantages) implements Layer {
    /// With a new head.
    public Duelling(Layer body, int in, int actions, Init init) {
        this(body, new Linear(in, 1, init), new Linear(in, actions, init));
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor features = body.apply(x, pass);
        Tensor a = advantages.apply(features, pass); // [N, A]
        return value.apply(features, pass).add(a.sub(a.mean(1).unsqueeze(1)));
    }
}
