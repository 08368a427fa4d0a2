package adjoint.tensor;

import adjoint.kernel.Buffer;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/// What turns recorded tensors into numbers: the planner with its machine ([adjoint.plan.Engine]).
///
/// Reading a tensor uses [#standard()]. Someone who wants another number of threads makes an engine and calls
/// [#evaluate] or [#update] on it.
public interface Evaluator {

    /// A parameter's next value, written in place once everything that reads the old value is done.
    ///
    /// @param target the parameter; that of a [Parameter#frozen()] one is the one it was made of
    record Update(Parameter target, Tensor value) {
        /// @throws ShapeException if the value has another shape or type than the parameter
        public Update {
            if (!target.spec().equals(value.spec())) {
                throw new ShapeException(
                        "an update of a parameter of " + target.spec() + " needs the same, got " + value.spec());
            }
            target = target.origin();
        }
    }

    /// Computes tensors and then writes parameters, in one plan. Called through [#evaluate] and [#update].
    ///
    /// For other threads it happens at once: nobody sees some parameters updated and others not, and what was recorded from
    /// values that another thread has replaced meanwhile is refused. [Parameter#changed()] is called for all that was written.
    /// If a step of the plan fails (a user's op throws), the parameters that were not reached yet keep their values
    /// and versions; those that may have been written count as changed, and their values should be restored.
    ///
    /// @return one dense buffer for each wanted tensor
    List<Buffer> run(List<Tensor> wanted, List<Update> updates);

    /// Computes the tensors now, together; reading them afterwards costs nothing.
    default void evaluate(Tensor... wanted) {
        update(List.of(wanted), List.of());
    }

    /// Computes the tensors and updates the parameters, in one plan. The tensors are of the time before the update; their
    /// graphs are let go, since it cannot be computed again.
    default void update(List<Tensor> wanted, List<Update> updates) {
        List<Tensor> missing = new ArrayList<>();
        for (Tensor t : wanted) {
            if (t.buffer() == null && !missing.contains(t)) {
                missing.add(t);
            }
        }
        if (missing.isEmpty() && updates.isEmpty()) {
            return;
        }
        List<Buffer> buffers = run(missing, updates);
        for (int i = 0; i < missing.size(); i++) {
            missing.get(i).compute(buffers.get(i), !updates.isEmpty());
        }
    }

    /// The evaluator that reading a tensor uses.
    static Evaluator standard() {
        return Standard.INSTANCE;
    }

    /// Finds the implementation once.
    final class Standard {
        private static final Evaluator INSTANCE =
                ServiceLoader.load(Evaluator.class, Evaluator.class.getClassLoader())
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalStateException("no adjoint.tensor.Evaluator on the class or module path"));

        private Standard() {}
    }
}
