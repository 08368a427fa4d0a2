package adjoint.tensor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A function of tensors, traced once, that is recorded as one op for each of its results, however many operations it takes: so what
/// is recorded anew at every step, as an optimizer's rule for each parameter, costs little. The planner takes it apart.
///
/// Two are equal if they trace to the same operations.
public final class Formula {
    private final List<Spec> inputs;
    private final List<Node> nodes; // inputs before outputs; its number is that behind the formula's own inputs
    private final List<Integer> results;
    private final List<Spec> specs; // of the results
    private final int hash;

    private record Node(Op op, List<Integer> inputs) {}

    private Formula(List<Spec> inputs, List<Node> nodes, List<Integer> results, List<Spec> specs) {
        this.inputs = inputs;
        this.nodes = nodes;
        this.results = results;
        this.specs = specs;
        this.hash = List.of(inputs, nodes, results).hashCode();
    }

    /// Traces a function, or nothing if it reads numbers besides its inputs, which may be others at the next call.
    ///
    /// @param inputs the shapes and types of what it will be applied to
    /// @param function must record the same at every call
    public static Optional<Formula> trace(List<Spec> inputs, UnaryOperator<List<Tensor>> function) {
        Map<Tensor, Integer> numbers = new HashMap<>();
        List<Tensor> stand = new ArrayList<>();
        for (Spec spec : inputs) {
            stand.add(Tensor.apply(new Fill(spec.shape(), spec.type(), 0)));
            numbers.put(stand.getLast(), numbers.size());
        }
        List<Tensor> made = List.copyOf(function.apply(List.copyOf(stand)));
        List<Node> nodes = new ArrayList<>();
        for (Tensor result : made) {
            if (!trace(result, numbers, nodes)) {
                return Optional.empty();
            }
        }
        return Optional.of(
                new Formula(
                        List.copyOf(inputs),
                        List.copyOf(nodes),
                        made.stream().map(numbers::get).toList(),
                        made.stream().map(Tensor::spec).toList()));
    }

    private static boolean trace(Tensor tensor, Map<Tensor, Integer> numbers, List<Node> nodes) {
        if (numbers.containsKey(tensor)) {
            return true;
        }
        if (tensor.op() == null || !tensor.inputs().stream().allMatch(input -> trace(input, numbers, nodes))) {
            return false;
        }
        nodes.add(new Node(tensor.op(), tensor.inputs().stream().map(numbers::get).toList()));
        numbers.put(tensor, numbers.size());
        return true;
    }

    /// Its results, recorded.
    ///
    /// @throws ShapeException if the inputs are not as they were said to be
    public List<Tensor> apply(List<Tensor> inputs) {
        Tensor[] array = inputs.toArray(Tensor[]::new);
        List<Tensor> made = new ArrayList<>(results.size());
        for (int i = 0; i < results.size(); i++) {
            made.add(Tensor.apply(new Result(this, i), array));
        }
        return made;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Formula f
                        && hash == f.hash
                        && inputs.equals(f.inputs)
                        && nodes.equals(f.nodes)
                        && results.equals(f.results);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "a formula of " + nodes.size() + " operations";
    }

    /// One of a formula's results.
    public record Result(Formula formula, int index) implements Composite {
        @Override
        public String label() {
            return "formula";
        }

        @Override
        public Spec infer(List<Tensor> inputs) {
            boolean fits = inputs.size() == formula.inputs.size();
            for (int i = 0; fits && i < inputs.size(); i++) {
                fits = inputs.get(i).spec().equals(formula.inputs.get(i));
            }
            if (!fits) {
                throw new ShapeException(
                        "%s of %s was applied to %s"
                                .formatted(formula, formula.inputs, inputs.stream().map(Tensor::spec).toList()));
            }
            return formula.specs.get(index);
        }

        @Override
        public Tensor compose(List<Tensor> inputs) {
            List<Tensor> made = new ArrayList<>(inputs);
            for (Node node : formula.nodes) {
                made.add(Tensor.apply(node.op, node.inputs.stream().map(made::get).toArray(Tensor[]::new)));
            }
            return made.get(formula.results.get(index));
        }

        /// Not called: [adjoint.grad.Gradients] goes through [#compose].
        @Override
        public Tensor vjp(Tensor output, int input, Tensor g) {
            throw new UnsupportedOperationException("the derivative goes through the formula's operations");
        }
    }
}
