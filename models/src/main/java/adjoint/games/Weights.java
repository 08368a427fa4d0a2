package adjoint.games;

import adjoint.tensor.Evaluator;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Parameter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The weights of networks that are made alike.
final class Weights {
    private Weights() {}

    /// Makes one network a copy of the other.
    static void copy(Map<String, Parameter> from, Map<String, Parameter> to, Evaluator evaluator) {
        List<Update> updates = new ArrayList<>();
        to.forEach((name, p) -> updates.add(new Update(p, from.get(name).value())));
        evaluator.update(List.of(), updates);
    }
}
