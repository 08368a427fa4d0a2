package adjoint.nn;

import adjoint.kernel.DType;
import adjoint.tensor.ArgReduce;
import adjoint.tensor.Attention;
import adjoint.tensor.Binary;
import adjoint.tensor.Compare;
import adjoint.tensor.Convolution;
import adjoint.tensor.CumulativeSum;
import adjoint.tensor.CustomOp;
import adjoint.tensor.MatMul;
import adjoint.tensor.Parameter;
import adjoint.tensor.Pool;
import adjoint.tensor.Recurrent;
import adjoint.tensor.Reduce;
import adjoint.tensor.ScatterAdd;
import adjoint.tensor.ScatterAddAlongAxis;
import adjoint.tensor.Select;
import adjoint.tensor.Shape;
import adjoint.tensor.Spec;
import adjoint.tensor.Tensor;
import adjoint.tensor.Unary;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What a network is made of and what it costs, without computing anything: a row for each layer, printed as a table.
///
/// ```java
/// IO.println(Summary.of(model, 64, 28, 28));
/// ```
/// A row counts what is the layer's own, not what is inside the layers in it, so that the columns add up.
///
/// @param rows in the order in which the layers are entered
public record Summary(List<Row> rows) {

    /// One layer.
    ///
    /// @param path its place in the network, empty for the network itself
    /// @param type what it is: `Linear(784 -> 128)`
    /// @param output its output's shape
    /// @param parameters how many trainable numbers are its own
    /// @param parameterBytes memory of its parameters and states
    /// @param activationBytes memory of its output; 0 where a layer inside it made it
    /// @param operations floating-point operations of its own: `2 m n k` for a matrix product, one for each element
    ///     otherwise; moving numbers about is free
    public record Row(
            String path,
            String type,
            Shape output,
            long parameters,
            long parameterBytes,
            long activationBytes,
            long operations) {}

    /// Copies the list.
    public Summary {
        rows = List.copyOf(rows);
    }

    /// Of a network that takes float32 inputs of the shape, the batch included.
    public static Summary of(Layer model, int... inputDims) {
        return of(model, new Spec(Shape.of(inputDims), DType.FLOAT32));
    }

    /// Of a network that takes such inputs.
    public static Summary of(Layer model, Spec input) {
        var tally = new Tally();
        Tensor x = Tensor.full(input.type(), 0, input.shape().dims());
        tally.seen.add(x);
        model.apply(x, Pass.inference(adjoint.tensor.RandomKey.of(0)).observing(tally));
        return new Summary(tally.rows(model));
    }

    /// Trainable numbers in all.
    public long parameters() {
        return rows.stream().mapToLong(Row::parameters).sum();
    }

    /// Memory of all parameters and states.
    public long parameterBytes() {
        return rows.stream().mapToLong(Row::parameterBytes).sum();
    }

    /// Memory of all layers' outputs.
    public long activationBytes() {
        return rows.stream().mapToLong(Row::activationBytes).sum();
    }

    /// Floating-point operations in all.
    public long operations() {
        return rows.stream().mapToLong(Row::operations).sum();
    }

    /// The table.
    @Override
    public String toString() {
        var cells = new ArrayList<List<String>>();
        cells.add(List.of("layer", "type", "output", "parameters", "output MiB", "operations"));
        for (Row r : rows) {
            cells.add(
                    List.of(
                            r.path.isEmpty() ? "(all)" : r.path,
                            r.type,
                            r.output.toString(),
                            number(r.parameters),
                            r.activationBytes == 0 ? "-" : mebibytes(r.activationBytes),
                            number(r.operations)));
        }
        cells.add(List.of("total", "", "", number(parameters()), mebibytes(activationBytes()), number(operations())));
        int[] widths = new int[6];
        cells.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        var text = new StringBuilder();
        for (List<String> row : cells) {
            var line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String gap = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? "" : "  ").append(i < 3 ? row.get(i) + gap : gap + row.get(i));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text + "parameters and states: " + mebibytes(parameterBytes()) + " MiB\n";
    }

    private static String number(long n) {
        return n == 0 ? "-" : String.format(Locale.ROOT, "%,d", n);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%,.3f", bytes / (double) (1 << 20));
    }

    // Collects rows while the network runs. What was recorded since the last event belongs to the layer that was
    // running.
    private static final class Tally implements Pass.Observer {
        private final List<Visit> visits = new ArrayList<>();
        private final Deque<Visit> open = new ArrayDeque<>();
        private final Set<Tensor> seen = new HashSet<>();
        private final Set<Tensor> outputs = new HashSet<>();

        private static final class Visit {
            private final String path;
            private final String type;
            private Spec output = new Spec(Shape.SCALAR, DType.FLOAT32);
            private long parameters;
            private long parameterBytes;
            private long activationBytes;
            private long operations;

            Visit(String path, String type) {
                this.path = path;
                this.type = type;
            }

            boolean owns(String parameter) {
                return path.isEmpty() || parameter.startsWith(path + ".");
            }
        }

        @Override
        public void input(String path, Layer layer, Tensor input) {
            if (!open.isEmpty()) {
                open.peek().operations += operationsBefore(input);
            }
            var visit = new Visit(path, TypeName.of(layer));
            visits.add(visit);
            open.push(visit);
        }

        @Override
        public void output(String path, Layer layer, Tensor output) {
            Visit visit = open.pop();
            visit.output = output.spec();
            visit.operations += operationsBefore(output);
            if (outputs.add(output)) {
                visit.activationBytes = output.shape().size() * output.type().bytes();
            }
        }

        private long operationsBefore(Tensor tensor) {
            long count = 0;
            var stack = new ArrayDeque<Tensor>();
            stack.push(tensor);
            while (!stack.isEmpty()) {
                Tensor t = stack.pop();
                if (seen.add(t)) {
                    count += cost(t);
                    t.inputs().forEach(stack::push);
                }
            }
            return count;
        }

        private static long cost(Tensor t) {
            long size = t.shape().size();
            return switch (t.op()) {
                case null -> 0;
                case MatMul _ -> 2 * size * t.input(0).dim(-1);
                case Convolution c -> convolution(c, t);
                case Pool p -> Math.max(size, t.inputs().getLast().shape().size());
                case Recurrent _ -> 2 * t.input(0).shape().size() * t.input(2).dim(0);
                case Attention _ -> // of each query and key, once with the keys and once with the values
                        2
                                * t.input(0).shape().without(-1).size()
                                * t.input(1).dim(1)
                                * (t.input(0).dim(-1) + t.input(2).dim(-1));
                case Unary _, Binary _, Compare _, Select _, CustomOp _ -> size;
                case Reduce _, ArgReduce _, CumulativeSum _ -> t.input(0).shape().size();
                case ScatterAdd _, ScatterAddAlongAxis _ -> t.input(1).shape().size();
                default -> 0; // moving, converting, counting
            };
        }

        // Two for each multiply-add: each element of the output meets the kernels that lead to its channel.
        private static long convolution(Convolution op, Tensor t) {
            return switch (op.target()) {
                case Y -> 2 * t.shape().size() * t.input(1).shape().without(-1).size();
                case X -> 2 * t.input(1).shape().size() * t.input(0).shape().without(-1).size();
                case W -> 2 * t.input(1).shape().size() * t.shape().without(-1).size();
            };
        }

        List<Row> rows(Layer model) {
            Set<Parameter> counted = Collections.newSetFromMap(new IdentityHashMap<>());
            for (Map.Entry<String, Parameter> e : model.parameters().entrySet()) {
                Visit owner = visits.getFirst(); // of what no inner layer owns
                for (Visit v : visits) {
                    owner = v.owns(e.getKey()) && v.path.length() > owner.path.length() ? v : owner;
                }
                Parameter p = e.getValue();
                if (counted.add(p)) {
                    owner.parameters += p.trainable() ? p.shape().size() : 0;
                    owner.parameterBytes += p.shape().size() * p.type().bytes();
                }
            }
            return visits.stream()
                    .map(v ->
                            new Row(
                                    v.path,
                                    v.type,
                                    v.output.shape(),
                                    v.parameters,
                                    v.parameterBytes,
                                    v.activationBytes,
                                    v.operations))
                    .toList();
        }
    }
}
