package adjoint.plan;

import adjoint.kernel.Step.Convolution.Operand;
import adjoint.tensor.Binary;
import adjoint.tensor.Convolution;
import adjoint.tensor.Expand;
import adjoint.tensor.Fill;
import adjoint.tensor.Ints;
import adjoint.tensor.MatMul;
import adjoint.tensor.Op;
import adjoint.tensor.Permute;
import adjoint.tensor.Reshape;
import adjoint.tensor.Shape;
import adjoint.tensor.Spec;
import adjoint.tensor.Unary;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Moves a factor for each channel from the output of a convolution or product into its kernel, and gathers what is added
/// for each channel: `(conv(x, w) + b - m) s + β` becomes `conv(x, w s) + ((b - m) s + β)`, which is how a batch norm in inference
/// comes to cost nothing. In training the statistics read the convolution's output, which must then be there as it is.
final class Folding {
    /// A node as `core + shift`: the core a convolution or product that nobody else reads, the shift `[C]` or null for none.
    ///
    /// @param scaled whether a factor went into the core, so that the node itself is no more
    private record Affine(Node core, Node shift, boolean scaled) {}

    private final Graph graph;
    private final int[] readers; // of each node of the graph as it was recorded
    private final Map<Node, Affine> parts = new HashMap<>();
    private final Map<Node, Node> replaced = new HashMap<>();

    private Folding(Graph graph, int... readers) {
        this.graph = graph;
        this.readers = readers;
    }

    /// @param nodes those of the graph, inputs before outputs, numbered in that order
    static void fold(Graph graph, List<Node> nodes) {
        if (nodes.stream().noneMatch(Folding::isCore)) {
            return;
        }
        var folding = new Folding(graph, readers(graph, nodes));
        for (Node node : List.copyOf(nodes)) {
            if (folding.readers[node.index] > 0) {
                folding.visit(node);
            }
        }
        graph.wanted.replaceAll(folding::now);
        graph.values.replaceAll(folding::now);
    }

    // What is asked for counts as read; what leads nowhere reads nothing.
    private static int[] readers(Graph graph, List<Node> nodes) {
        int[] readers = new int[nodes.size()];
        graph.wanted.forEach(n -> readers[n.index]++);
        graph.values.forEach(n -> readers[n.index]++);
        for (Node node : nodes.reversed()) {
            if (readers[node.index] > 0) {
                node.inputs.forEach(input -> readers[input.index]++);
            }
        }
        return readers;
    }

    private static boolean isCore(Node node) {
        return node.op instanceof MatMul || node.op instanceof Convolution c && c.target() != Operand.W;
    }

    private Node now(Node node) {
        return replaced.getOrDefault(node, node);
    }

    private void visit(Node node) {
        Affine affine = isCore(node) ? new Affine(node, null, false) : affine(node);
        if (affine != null) {
            parts.put(node, affine);
            if (affine.scaled) {
                Node core = reshape(affine.core, node.shape().dims());
                replaced.put(node, affine.shift == null ? core : add(Binary.ADD, core, affine.shift));
            }
        }
        node.inputs.replaceAll(this::now);
    }

    private Affine affine(Node node) {
        if (node.op instanceof Reshape && readers[node.input(0).index] == 1) { // a product of many axes is one of rows
            Affine affine = parts.get(node.input(0));
            return affine != null && isLast(node, affine.core.shape().dim(-1)) ? affine : null;
        }
        if (!(node.op instanceof Binary op) || op != Binary.ADD && op != Binary.SUB && op != Binary.MUL) {
            return null;
        }
        Affine affine = affine(op, node, node.input(0), node.input(1));
        return affine != null || op == Binary.SUB ? affine : affine(op, node, node.input(1), node.input(0));
    }

    private Affine affine(Binary op, Node node, Node wide, Node other) {
        Affine affine = parts.get(wide);
        if (affine == null || readers[wide.index] != 1 || !wide.spec.equals(node.spec)) {
            return null;
        }
        Node vector = vector(now(other), node.shape().dim(-1));
        if (vector == null) {
            return null;
        }
        Node core = affine.core;
        Node shift = affine.shift;
        if (op == Binary.MUL) {
            // A kernel larger than the output is more work to scale than the output is.
            boolean pays = isStoredKernel(core) && kernel(core).shape().size() <= node.shape().size();
            return pays ? new Affine(scaled(core, vector), shift == null ? null : add(op, shift, vector), true) : null;
        }
        Node first = op == Binary.SUB ? graph.add(Unary.NEG, List.of(vector), vector.spec) : vector;
        return new Affine(core, shift == null ? first : add(op, shift, vector), affine.scaled);
    }

    // The values `[C]` of what is the same at all points but along the last axis, or null. A single number is not worth
    // it: the step behind multiplies as cheaply.
    private Node vector(Node node, int channels) {
        Node v = node;
        while (v.op instanceof Expand && v.shape().size() > channels && isLast(v.input(0), channels)) {
            v = v.input(0);
        }
        boolean number = v.op instanceof Fill || v.op instanceof Expand && !isLast(v.input(0), channels);
        return !number && isLast(v, channels) && v.shape().size() == channels ? reshape(v, channels) : null;
    }

    private static boolean isLast(Node node, int channels) {
        return node.shape().rank() > 0 && node.shape().dim(-1) == channels;
    }

    private static int kernelInput(Node core) {
        return core.op instanceof Convolution c && c.target() == Operand.X ? 0 : 1;
    }

    private static Node kernel(Node core) {
        return core.input(kernelInput(core));
    }

    // Not what is itself computed, such as the values of an attention: its own unit would have to be written once more.
    private static boolean isStoredKernel(Node core) {
        Node kernel = kernel(core);
        while (kernel.op instanceof Reshape || kernel.op instanceof Permute) {
            kernel = kernel.input(0);
        }
        return kernel.isLeaf();
    }

    private Node scaled(Node core, Node scale) {
        int at = kernelInput(core);
        Node w = kernel(core);
        Node kernel =
                core.op instanceof Convolution c && c.target() == Operand.X
                        ? transposed(w, scale, c.groups())
                        : add(Binary.MUL, w, scale);
        return graph.add(core.op, at == 0 ? List.of(kernel, core.input(1)) : List.of(core.input(0), kernel), core.spec);
    }

    // The kernel [kernel…, C, G K] of a transposed convolution makes the channels [G C].
    private Node transposed(Node w, Node scale, int groups) {
        int c = w.shape().dim(-2);
        int[] parted = Arrays.copyOf(w.shape().dims(), w.shape().rank() + 1);
        parted[parted.length - 2] = groups;
        parted[parted.length - 1] = w.shape().dim(-1) / groups;
        Node s = reshape(scale, groups, c);
        s = graph.add(new Permute(Ints.of(1, 0)), List.of(s), spec(s, c, groups));
        Node product = add(Binary.MUL, reshape(w, parted), reshape(s, c, groups, 1));
        return reshape(product, w.shape().dims());
    }

    private static Spec spec(Node like, int... dims) {
        return new Spec(Shape.of(dims), like.type());
    }

    private Node reshape(Node node, int... dims) {
        Spec spec = spec(node, dims);
        return graph.add(new Reshape(spec.shape()), List.of(node), spec);
    }

    // The first is of the result's shape.
    private Node add(Op op, Node a, Node b) {
        return graph.add(op, List.of(a, b), a.spec);
    }
}
