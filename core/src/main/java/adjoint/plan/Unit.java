package adjoint.plan;

import adjoint.kernel.DType;
import adjoint.tensor.Ints;
import adjoint.tensor.Shape;

import java.util.ArrayList;
import java.util.List;

/// Nodes that are computed together: one operation of its own kind, or elementwise operations fused over one space.
final class Unit {
    /// The nodes, in reverse order of recording until the unit is complete.
    final List<Node> members = new ArrayList<>();

    /// The space of a fused unit; null for an operation on its own.
    final Shape space;

    final DType compute;

    /// The axes over which the unit's reductions go, or null.
    Ints reduced;

    /// Greater than that of every unit that reads from this one: keeps the units free of cycles while they grow.
    int height;

    Unit(Node first, Shape space, DType compute, int height) {
        this.space = space;
        this.compute = compute;
        this.height = height;
        add(first);
    }

    void add(Node node) {
        members.add(node);
        node.unit = this;
    }

    boolean isFused() {
        return space != null;
    }

    /// Where it stands in the order of recording.
    int position() {
        int position = 0;
        for (Node n : members) {
            position = Math.max(position, n.index);
        }
        return position;
    }
}
