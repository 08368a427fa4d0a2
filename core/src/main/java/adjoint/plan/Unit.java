package adjoint.plan;

import adjoint.kernel.DType;
import adjoint.kernel.View;
import adjoint.tensor.Ints;
import adjoint.tensor.Reduce;
import adjoint.tensor.Shape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Nodes that are computed together: one operation of its own kind, or elementwise operations fused over one space.
final class Unit {
    /// The nodes, in reverse order of recording until the unit is complete.
    final List<Node> members = new ArrayList<>();

    /// The space of a fused unit; null for an operation on its own.
    final Shape space;

    final DType compute;

    /// The axes over which the unit's last reductions go, or null.
    Ints reduced;

    /// How many of the last axes make a row that members ask for; 0 if none does.
    int rowAxes;

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

    /// The space without its rows: what a node that is the same all along a row looks like.
    Shape rows() {
        int[] dims = space.dims();
        return Shape.of(Arrays.copyOf(dims, dims.length - rowAxes));
    }

    /// Whether a member has one value for each row rather than for each point.
    boolean isNarrow(Node member) {
        return rowAxes > 0 && (member.inRow || !(member.op instanceof Reduce) && !member.shape().equals(space));
    }

    /// What an elementwise member or a reduction reads, as a window over the unit's space.
    View operand(Node member, Node input) {
        boolean wide = member.op instanceof Reduce || !isNarrow(member);
        return wide ? input.layout.view(space) : alongRows(input.layout.view(member.shape()));
    }

    // A window over a member's shape, which has the extents of the rows (with some axes of 1 more or less).
    private View alongRows(View view) {
        int[] dims = space.dims();
        long[] strides = new long[dims.length];
        int at = 0;
        for (int i = 0; i < view.dims().length; i++) {
            if (view.dims()[i] != 1) {
                while (dims[at] == 1) {
                    at++;
                }
                strides[at++] = view.strides()[i];
            }
        }
        return new View(view.slot(), view.offset(), view.type(), dims, strides);
    }

    /// Whether a member's value can be handed on to another within the unit, without a way through memory.
    boolean passes(Node from, Node member, Node input) {
        View window = operand(member, input);
        boolean narrow = isNarrow(from);
        long[] dense = View.denseStrides(narrow ? rows().dims() : space.dims());
        for (int i = 0; i < window.dims().length; i++) {
            long expected = i < dense.length ? dense[i] : 0;
            if (window.dims()[i] != 1 && window.strides()[i] != expected) {
                return false;
            }
        }
        return input.layout.start() == 0;
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
