package adjoint.tensor;

import adjoint.kernel.Values;

import java.util.ArrayDeque;
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
    private final List<Node> nodes; // inputs before outputs; their numbers go on behind those of the formula's inputs
    private final List<Integer> results;
    private final int hash;

    private record Node(Op op, List<Integer> inputs, Spec spec) {}

    private Formula(List<Spec> inputs, List<Node> nodes, List<Integer> results) {
        this.inputs = List.copyOf(inputs);
        this.nodes = List.copyOf(nodes);
        this.results = List.copyOf(results);
        this.hash = List.of(inputs, nodes, results).hashCode();
    }

    /// Traces a function: calls it once, on tensors that only stand for its inputs. Gives nothing if what it records has leaves of its
    /// own, whose numbers may be others at the next call, or if it needs to know its inputs: their values, or derivatives between them.
    ///
    /// Constants that are structure (0, ±1, ±2, ±0.5, [Tensor#full]) and branches stay as they are in this call.
    ///
    /// @param inputs the shapes and types of what it will be applied to
    public static Optional<Formula> trace(List<Spec> inputs, UnaryOperator<List<Tensor>> function) {
        Map<Tensor, Integer> numbers = new HashMap<>();
        List<Tensor> stand = new ArrayList<>();
        for (Spec spec : inputs) {
            stand.add(Tensor.apply(new StandIn(spec), stand.toArray(Tensor[]::new)));
            numbers.put(stand.getLast(), numbers.size());
        }
        List<Tensor> made;
        try {
            made = List.copyOf(function.apply(List.copyOf(stand)));
        } catch (AdjointException e) {
            return Optional.empty(); // of what stands in, or of the function itself, which will say so again
        }
        List<Node> nodes = new ArrayList<>();
        for (Tensor result : made) {
            if (!trace(result, numbers, nodes)) {
                return Optional.empty();
            }
        }
        return Optional.of(new Formula(inputs, nodes, made.stream().map(numbers::get).toList()));
    }

    // False if it meets a leaf.
    private static boolean trace(Tensor root, Map<Tensor, Integer> numbers, List<Node> nodes) {
        var open = new ArrayDeque<Tensor>();
        open.push(root);
        while (!open.isEmpty()) {
            Tensor tensor = open.peek();
            List<Tensor> inputs = tensor.inputs(); // before the op: another thread may compute it now and let it go
            Op op = tensor.op();
            Optional<Tensor> missing = inputs.stream().filter(t -> !numbers.containsKey(t)).findFirst();
            if (numbers.containsKey(tensor)) {
                open.pop();
            } else if (op == null) {
                return false;
            } else if (missing.isPresent()) {
                open.push(missing.get());
            } else {
                nodes.add(new Node(op, inputs.stream().map(numbers::get).toList(), tensor.spec()));
                numbers.put(tensor, numbers.size());
                open.pop();
            }
        }
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

    /// Makes one of its operations of inputs that were made before.
    @FunctionalInterface
    public interface Maker<T> {
        T make(Op op, List<T> inputs, Spec spec);
    }

    /// Its results, made operation by operation.
    public <T> List<T> build(List<T> inputs, Maker<T> maker) {
        List<T> made = new ArrayList<>(inputs);
        for (Node node : nodes) {
            made.add(maker.make(node.op, node.inputs.stream().map(made::get).toList(), node.spec));
        }
        return results.stream().map(made::get).toList();
    }

    private Spec spec(int number) {
        return number < inputs.size() ? inputs.get(number) : nodes.get(number - inputs.size()).spec;
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
            return formula.spec(formula.results.get(index));
        }

        @Override
        public Tensor compose(List<Tensor> inputs) {
            return formula.build(inputs, (op, in, spec) -> Tensor.apply(op, in.toArray(Tensor[]::new))).get(index);
        }

        /// Not called: [adjoint.grad.Gradients] goes through [#compose].
        @Override
        public Tensor vjp(Tensor output, int input, Tensor g) {
            throw new UnsupportedOperationException("the derivative goes through the formula's operations");
        }
    }

    /// Stands for an input that is not there yet, which may have been computed from any of those before it.
    private record StandIn(Spec spec) implements CustomOp {
        @Override
        public String label() {
            return "stand-in";
        }

        @Override
        public Spec infer(List<Tensor> inputs) {
            return spec;
        }

        @Override
        public void compute(List<Values> inputs, Values output) {
            throw new AdjointException("a formula's input has no values yet");
        }

        @Override
        public Tensor vjp(Tensor output, int input, Tensor g) {
            throw new AdjointException("it is not known how a formula's inputs depend on each other");
        }
    }
}
