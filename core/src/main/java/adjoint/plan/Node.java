package adjoint.plan;

import adjoint.kernel.DType;
import adjoint.tensor.Op;
import adjoint.tensor.Shape;
import adjoint.tensor.Spec;

import java.util.ArrayList;
import java.util.List;

/// A value of the simplified graph from which a plan is made.
final class Node {
    /// The place in the order of recording; settled anew once the graph is complete.
    int index;

    /// Null for a leaf.
    final Op op;

    final List<Node> inputs;
    final Spec spec;

    /// The number of a leaf; -1 for others.
    final int leaf;

    /// The nodes that read this one's memory, directly or through views.
    final List<Node> consumers = new ArrayList<>();

    /// Where its elements lie in the memory of its base.
    Layout layout;

    /// The unit that computes it; null for leaves, views and constants.
    Unit unit;

    /// Whether its value is asked for, and so is stored in any case.
    boolean kept;

    /// For a reduction: whether it brings a row together for other members of its unit.
    boolean inRow;

    /// Where it is stored, once that is settled: slot and byte offset.
    int slot = -1;

    long offset;

    Node(int index, Op op, List<Node> inputs, Spec spec, int leaf) {
        this.index = index;
        this.op = op;
        this.inputs = new ArrayList<>(inputs);
        this.spec = spec;
        this.leaf = leaf;
    }

    Node input(int i) {
        return inputs.get(i);
    }

    Shape shape() {
        return spec.shape();
    }

    DType type() {
        return spec.type();
    }

    boolean isLeaf() {
        return leaf >= 0;
    }

    long bytes() {
        return spec.shape().size() * spec.type().bytes();
    }
}
