package adjoint.train;

import adjoint.data.Batch;
import adjoint.grad.Gradients;
import adjoint.nn.Criterion;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Where numbers that are not finite arise first.
///
/// @param path of the layer; empty for the network itself, the data and the loss
/// @param operation that makes them, or what holds them already: an input, a parameter
/// @param rows of the batch that hold them; none where there is no such axis
public record NonFinite(String path, String operation, List<Integer> rows) {
    private static final int AT_ONCE = 2_000; // results of one plan
    private static final int NAMED = 5;

    /// Copies the list.
    public NonFinite {
        rows = List.copyOf(rows);
    }

    @Override
    public String toString() {
        String where = path.isEmpty() ? "" : " in layer '" + path + "'";
        return operation + where + (rows.isEmpty() ? "" : ", for " + examples());
    }

    private String examples() {
        String numbers = rows.stream().limit(NAMED).map(String::valueOf).collect(Collectors.joining(", "));
        return rows.size() == 1
                ? "example " + numbers + " of the batch"
                : "examples "
                        + numbers
                        + (rows.size() > NAMED ? " … (" + rows.size() + " of the batch)" : " of the batch");
    }

    /// Where a training step breaks: forward and back once more, with the weights of now.
    ///
    /// @param pass that of the step, with the same key
    public static NonFinite inStep(Layer model, Criterion criterion, Batch batch, Pass pass, Evaluator evaluator) {
        var search = new Search(model);
        Tensor loss = criterion.of(model.apply(batch.x(), pass.observing(search)), batch.y());
        List<Parameter> trained = model.parameters().values().stream().filter(Parameter::trainable).toList();
        List<Tensor> results = new ArrayList<>(List.of(loss));
        results.addAll(Gradients.ofParameters(loss, trained).values());
        return search.find(evaluator, batch.size(), results.toArray(Tensor[]::new))
                .orElseGet(() ->
                        new NonFinite("", "none when the step is computed again, operation by operation", List.of()));
    }

    /// Says which layer recorded what: to be given to the pass.
    public static final class Search implements Pass.Observer {
        private final Map<Tensor, String> owners = new IdentityHashMap<>();
        private final Deque<String> inside = new ArrayDeque<>();
        private Tensor entered; // what the network is given
        private final Map<Parameter, String> names = new IdentityHashMap<>();

        /// In a run of this network.
        public Search(Layer model) {
            model.parameters().forEach((name, p) -> names.put(p, name));
        }

        @Override
        public void input(String path, Layer layer, Tensor input) {
            entered = entered == null ? input : entered;
            claim(input, inside.isEmpty() ? "" : inside.peek());
            inside.push(path);
        }

        @Override
        public void output(String path, Layer layer, Tensor output) {
            inside.pop();
            claim(output, path);
        }

        // What leads to it and belongs to nobody yet.
        private void claim(Tensor end, String path) {
            var open = new ArrayDeque<Tensor>(List.of(end));
            while (!open.isEmpty()) {
                Tensor t = open.pop();
                if (owners.putIfAbsent(t, path) == null) {
                    t.inputs().forEach(open::push);
                }
            }
        }

        /// The first of all that leads to these results whose numbers are not all finite.
        ///
        /// @param batch the number of examples
        public Optional<NonFinite> find(Evaluator evaluator, int batch, Tensor... results) {
            List<Tensor> order = new ArrayList<>();
            for (Tensor t : ordered(results)) {
                if (t.type().isFloating()) {
                    order.add(t);
                }
            }
            List<Tensor> masks = new ArrayList<>(); // infinite on purpose, and what is infinite because of them
            for (int from = 0; from < order.size(); from += AT_ONCE) {
                List<Tensor> part = order.subList(from, Math.min(order.size(), from + AT_ONCE));
                Tensor[] finite = part.stream().map(t -> t.isFinite().all()).toArray(Tensor[]::new);
                evaluator.evaluate(finite);
                for (int i = 0; i < finite.length; i++) {
                    if (finite[i].toBooleans()[0]) {
                        continue;
                    }
                    Tensor t = part.get(i);
                    if (!isMask(t, masks)) {
                        return Optional.of(describe(t, batch));
                    }
                    masks.add(t);
                }
            }
            return masks.stream().findFirst().map(t -> describe(t, batch));
        }

        private boolean isMask(Tensor t, List<Tensor> known) {
            boolean constant = t.inputs().isEmpty() && t.parameter() == null && t != entered;
            return (constant || t.inputs().stream().anyMatch(known::contains)) && !t.isNaN().any().toBooleans()[0];
        }

        private NonFinite describe(Tensor t, int batch) {
            String operation;
            String path = "";
            if (t.parameter() != null) {
                operation = "parameter '" + names.getOrDefault(t.parameter(), "?") + "' holds";
            } else if (t.op() == null) {
                operation = "the data holds";
            } else {
                path = owner(t);
                operation = t.op().label() + (owners.containsKey(t) ? "" : " of a derivative") + " gives";
            }
            return new NonFinite(path, operation + " " + kind(t), rows(t, batch));
        }

        // Of a derivative: that of the nearest number of the forward pass it is made of.
        private String owner(Tensor t) {
            var next = new ArrayDeque<Tensor>(List.of(t));
            Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
            while (!next.isEmpty()) {
                Tensor nearest = next.poll();
                if (owners.containsKey(nearest) && !owners.get(nearest).isEmpty()) {
                    return owners.get(nearest);
                }
                if (seen.add(nearest)) {
                    next.addAll(nearest.inputs());
                }
            }
            return "";
        }

        private static String kind(Tensor t) {
            return t.isNaN().any().toBooleans()[0] ? "NaN" : "infinite numbers";
        }

        private static List<Integer> rows(Tensor t, int batch) {
            int rank = t.shape().rank();
            if (rank == 0 || t.dim(0) != batch || t.parameter() != null) {
                return List.of();
            }
            Tensor finite = rank == 1 ? t.isFinite() : t.isFinite().all(IntStream.range(1, rank).toArray());
            boolean[] each = finite.toBooleans();
            return IntStream.range(0, each.length).filter(i -> !each[i]).boxed().toList();
        }

        // Inputs before what is made of them.
        private static List<Tensor> ordered(Tensor... results) {
            List<Tensor> order = new ArrayList<>();
            Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
            Set<Tensor> done = Collections.newSetFromMap(new IdentityHashMap<>());
            var open = new ArrayDeque<>(Arrays.asList(results).reversed());
            while (!open.isEmpty()) {
                Tensor t = open.peek();
                if (seen.add(t)) {
                    t.inputs().reversed().stream().filter(i -> !seen.contains(i)).forEach(open::push);
                } else {
                    open.pop();
                    if (done.add(t)) {
                        order.add(t);
                    }
                }
            }
            return order;
        }
    }
}
