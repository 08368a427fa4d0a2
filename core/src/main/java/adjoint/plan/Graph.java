package adjoint.plan;

import adjoint.kernel.BlockProgram.Kind;
import adjoint.kernel.DType;
import adjoint.tensor.Binary;
import adjoint.tensor.Cast;
import adjoint.tensor.Composite;
import adjoint.tensor.Expand;
import adjoint.tensor.Fill;
import adjoint.tensor.Flip;
import adjoint.tensor.Formula;
import adjoint.tensor.Ints;
import adjoint.tensor.Op;
import adjoint.tensor.Permute;
import adjoint.tensor.Recomputed;
import adjoint.tensor.Reduce;
import adjoint.tensor.Reshape;
import adjoint.tensor.Select;
import adjoint.tensor.Shape;
import adjoint.tensor.Slice;
import adjoint.tensor.Spec;
import adjoint.tensor.StopGradient;
import adjoint.tensor.Tensor;
import adjoint.tensor.Unary;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The recorded operations with equal ones merged and needless ones gone. What nobody needs never gets in, since
/// recording starts at what is wanted; what simplification leaves over is dropped by [#ordered].
final class Graph {
    private record Key(Op op, List<Node> inputs) {}

    private record Applied(Formula formula, List<Node> inputs) {}

    private final Map<Key, Node> known = new HashMap<>();
    private final Map<Applied, List<Node>> formulas = new HashMap<>(); // with their results
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Integer, Node> leaves = new HashMap<>();

    final List<Node> wanted = new ArrayList<>();
    final List<Node> targets = new ArrayList<>();
    final List<Node> values = new ArrayList<>();

    static Graph of(Recording recording) {
        var graph = new Graph();
        int[] wiring = recording.wiring();
        Node[] made = new Node[recording.nodes()];
        int at = 0;
        for (int i = 0; i < made.length; i++) {
            int count = wiring[at++];
            if (count < 0) {
                made[i] = graph.leaf(recording.spec(i), wiring[at++]);
                continue;
            }
            List<Node> inputs = new ArrayList<>(count);
            for (int k = 0; k < count; k++) {
                inputs.add(made[wiring[at++]]);
            }
            made[i] = graph.made(recording.op(i), inputs, recording.spec(i));
        }
        for (int i = 0; i < recording.wantedCount(); i++) {
            graph.wanted.add(made[wiring[at++]]);
        }
        while (at < wiring.length) {
            graph.targets.add(made[wiring[at++]]);
            graph.values.add(made[wiring[at++]]);
        }
        Folding.fold(graph, graph.nodes);
        return graph;
    }

    private Node leaf(Spec spec, int number) {
        return leaves.computeIfAbsent(number, n -> put(null, List.of(), spec, n));
    }

    private Node put(Op op, List<Node> inputs, Spec spec, int leaf) {
        var node = new Node(nodes.size(), op, inputs, spec, leaf);
        nodes.add(node);
        return node;
    }

    // What a composite is made of, with its inputs in the places of the tensors that it is written for.
    private Node expand(Composite op, List<Node> inputs) {
        if (op instanceof Formula.Result(Formula formula, int index)) { // once for all its results
            var key = new Applied(formula, inputs);
            if (!formulas.containsKey(key)) {
                formulas.put(key, formula.build(inputs, this::made));
            }
            return formulas.get(key).get(index);
        }
        Map<Tensor, Node> known = new HashMap<>();
        List<Tensor> stand = new ArrayList<>();
        for (Node input : inputs) {
            Tensor t = Tensor.apply(new Fill(input.shape(), input.type(), 0));
            stand.add(t);
            known.put(t, input);
        }
        return expand(op.compose(stand), known);
    }

    private Node made(Op op, List<Node> inputs, Spec spec) {
        return op instanceof Composite c ? expand(c, inputs) : add(op, inputs, spec);
    }

    private Node expand(Tensor tensor, Map<Tensor, Node> made) {
        Node node = made.get(tensor);
        if (node == null) {
            List<Node> inputs = new ArrayList<>();
            tensor.inputs().forEach(t -> inputs.add(expand(t, made)));
            node = made(tensor.op(), inputs, tensor.spec());
            made.put(tensor, node);
        }
        return node;
    }

    /// A node that copies another into dense memory of its own.
    Node copy(Node node) {
        var key = new Key(new Cast(node.type()), List.of(node)); // a cast to the same type never gets here otherwise
        return known.computeIfAbsent(key, k -> put(k.op, k.inputs, node.spec, -1));
    }

    /// The node for an operation: an equal one known already, a simpler one, or a new one.
    Node add(Op op, List<Node> inputs, Spec spec) {
        Node simpler = simplify(op, inputs, spec);
        if (simpler != null) {
            return simpler;
        }
        return known.computeIfAbsent(new Key(op, inputs), k -> put(k.op, k.inputs, spec, -1));
    }

    private Node add(Op op, Node input, Spec spec) {
        return add(op, List.of(input), spec);
    }

    private Node fill(Spec spec, double value) {
        return add(new Fill(spec.shape(), spec.type(), value), List.of(), spec);
    }

    private Node expanded(Node node, Shape shape) {
        return add(new Expand(shape), node, new Spec(shape, node.type()));
    }

    private Node simplify(Op op, List<Node> inputs, Spec spec) {
        Node x = inputs.isEmpty() ? null : inputs.getFirst();
        return switch (op) {
            case StopGradient _, Recomputed _ -> x;
            case Cast cast when cast.to() == x.type() -> x;
            case Cast _ when x.op instanceof Fill f -> fill(spec, cast(f.value(), x.type(), spec.type()));
            case Reshape _, Permute _, Expand _, Slice _, Flip _ -> movement(op, x, spec);
            case Unary u when x.op instanceof Fill f && spec.type().isFloating() ->
                    fill(spec, u.opcode().apply(f.value(), 0, 0));
            case Unary u when u == Unary.NEG && x.op == Unary.NEG -> x.input(0);
            case Binary b -> binary(b, x, inputs.get(1), spec);
            case Select _ when inputs.get(1) == inputs.get(2) && inputs.get(1).spec.equals(spec) -> inputs.get(1);
            case Reduce r -> reduce(r, x, spec);
            default -> null;
        };
    }

    // The rest of the conversion is [Fill]'s own.
    private static double cast(double value, DType from, DType to) {
        return from == DType.INT64 && to == DType.INT32 ? (int) (long) value : value;
    }

    private Node movement(Op op, Node x, Spec spec) {
        if (x.op instanceof Fill f) {
            return fill(spec, f.value());
        }
        return switch (op) {
            case Reshape _ when spec.equals(x.spec) -> x;
            case Reshape r when x.op instanceof Reshape -> add(r, x.input(0), spec);
            case Permute p when isIdentity(p.order()) -> x;
            case Permute p when x.op instanceof Permute q ->
                    add(new Permute(compose(q.order(), p.order())), x.input(0), spec);
            case Expand _ when spec.equals(x.spec) -> x;
            case Expand e when x.op instanceof Expand -> add(e, x.input(0), spec);
            case Slice _ when spec.equals(x.spec) -> x;
            case Flip f when x.op instanceof Flip g && g.equals(f) -> x.input(0);
            case Flip f when f.axes().length() == 0 -> x;
            default -> null;
        };
    }

    private static boolean isIdentity(Ints order) {
        for (int i = 0; i < order.length(); i++) {
            if (order.at(i) != i) {
                return false;
            }
        }
        return true;
    }

    private static Ints compose(Ints first, Ints second) {
        int[] order = new int[first.length()];
        for (int i = 0; i < order.length; i++) {
            order[i] = first.at(second.at(i));
        }
        return Ints.of(order);
    }

    private Node binary(Binary op, Node a, Node b, Spec spec) {
        boolean left = a.op instanceof Fill;
        boolean right = b.op instanceof Fill;
        double p = a.op instanceof Fill f ? f.value() : Double.NaN;
        double q = b.op instanceof Fill f ? f.value() : Double.NaN;
        if (left && right && spec.type().isFloating()) {
            return fill(spec, op.opcode().apply(p, q, 0));
        }
        if (right && isNeutral(op, q, spec) || (op == Binary.MUL || op == Binary.DIV) && right && q == 1) {
            return expanded(a, spec.shape());
        }
        if (op == Binary.ADD && left && isNeutral(op, p, spec) || op == Binary.MUL && left && p == 1) {
            return expanded(b, spec.shape());
        }
        if (op == Binary.SUB && left && isNeutral(Binary.ADD, p, spec) || op == Binary.MUL && left && p == -1) {
            return expanded(add(Unary.NEG, b, b.spec), spec.shape());
        }
        if ((op == Binary.MUL || op == Binary.DIV) && right && q == -1) {
            return expanded(add(Unary.NEG, a, a.spec), spec.shape());
        }
        if ((op == Binary.ADD || op == Binary.SUB) && b.op == Unary.NEG) {
            return add(op == Binary.ADD ? Binary.SUB : Binary.ADD, List.of(a, b.input(0)), spec);
        }
        return null;
    }

    // Whether adding or subtracting the zero changes nothing. Of floats, -0 + 0 is 0: only x + (-0) and x - 0 are x for
    // all x.
    private static boolean isNeutral(Binary op, double zero, Spec spec) {
        if (zero != 0 || op != Binary.ADD && op != Binary.SUB) {
            return false;
        }
        boolean negative = Double.doubleToRawLongBits(zero) != 0;
        return !spec.type().isFloating() || negative == (op == Binary.ADD);
    }

    private Node reduce(Reduce op, Node x, Spec spec) {
        long count = 1;
        for (int axis : op.axes().toArray()) {
            count *= x.shape().dim(axis);
        }
        if (count == 1) {
            return add(new Reshape(spec.shape()), x, spec);
        }
        if (!(x.op instanceof Fill f) || count == 0) {
            return null;
        }
        if (op.kind() != Kind.SUM) {
            return fill(spec, f.value());
        }
        boolean exact = spec.type().isFloating() || Math.abs(f.value() * count) <= Integer.MAX_VALUE;
        return exact ? fill(spec, f.value() * count) : null;
    }

    /// The nodes that lead to what is wanted, inputs before outputs, numbered in that order. An explicit stack, since
    /// graphs may be hundreds of thousands of operations deep.
    List<Node> ordered() {
        List<Node> order = new ArrayList<>();
        var seen = new boolean[nodes.size()];
        var stack = new ArrayDeque<Node>();
        var next = new ArrayDeque<int[]>();
        for (List<Node> roots : List.of(wanted, values, targets)) {
            for (Node root : roots) {
                push(root, seen, stack, next);
                while (!stack.isEmpty()) {
                    Node node = stack.peek();
                    int i = next.peek()[0]++;
                    if (i < node.inputs.size()) {
                        push(node.input(i), seen, stack, next);
                    } else {
                        order.add(stack.pop());
                        next.pop();
                    }
                }
            }
        }
        for (int i = 0; i < order.size(); i++) {
            order.get(i).index = i;
        }
        return order;
    }

    private static void push(Node node, boolean[] seen, ArrayDeque<Node> stack, ArrayDeque<int[]> next) {
        if (!seen[node.index]) {
            seen[node.index] = true;
            stack.push(node);
            next.push(new int[1]);
        }
    }
}
