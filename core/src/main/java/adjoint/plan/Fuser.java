package adjoint.plan;

import adjoint.kernel.DType;
import adjoint.tensor.Binary;
import adjoint.tensor.Cast;
import adjoint.tensor.Compare;
import adjoint.tensor.Fill;
import adjoint.tensor.Reduce;
import adjoint.tensor.Select;
import adjoint.tensor.Shape;
import adjoint.tensor.Unary;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Groups nodes into units: elementwise operations over the same space join the unit that reads them, up to the reductions at
/// the end.
///
/// Goes from the results backwards. A unit's height is greater than that of every unit that reads from it; a node may join a
/// reader's unit if that keeps true for all its readers. So units never wait for each other in a circle.
final class Fuser {
    private static final int MEMBERS = 48;

    private final List<Unit> units = new ArrayList<>();

    /// @param nodes inputs before outputs; each node's consumers are filled in here
    static List<Unit> fuse(List<Node> nodes) {
        var fuser = new Fuser();
        for (Node node : nodes) {
            if (!Layout.isView(node)) {
                node.inputs.forEach(input -> input.layout.base().consumers.add(node));
            }
        }
        for (Node node : nodes.reversed()) {
            if (!node.isLeaf() && !Layout.isView(node) && !isInlined(node)) {
                fuser.place(node);
            }
        }
        for (Unit unit : fuser.units) {
            unit.members.sort((a, b) -> Integer.compare(a.index, b.index));
        }
        return fuser.units;
    }

    // A constant stands in the code of the programs that use it, unless some other kind of step needs it in memory.
    private static boolean isInlined(Node node) {
        return node.op instanceof Fill && node.consumers.stream().allMatch(Fuser::isFusable);
    }

    static boolean isElementwise(Node node) {
        return switch (node.op) {
            case null -> false;
            case Unary _, Binary _, Compare _, Select _, Cast _ -> true;
            default -> false;
        };
    }

    static boolean isFusable(Node node) {
        return isElementwise(node) || node.op instanceof Reduce;
    }

    /// The type that an elementwise node or a reduction computes in.
    static DType computeType(Node node) {
        return switch (node.op) {
            case Compare _, Reduce _ -> node.input(0).type().computeType();
            case Cast cast when cast.to().isFloating() -> cast.to();
            case Cast _ -> node.input(0).type().computeType();
            default -> node.type().computeType();
        };
    }

    private static Shape space(Node node) {
        return node.op instanceof Reduce ? node.input(0).shape() : node.shape();
    }

    private void place(Node node) {
        int needed = 1;
        for (Node consumer : node.consumers) {
            needed = Math.max(needed, consumer.unit.height + 1);
        }
        if (isElementwise(node)) {
            Set<Unit> candidates = new LinkedHashSet<>();
            for (Node consumer : node.consumers) {
                candidates.add(consumer.unit);
            }
            for (Unit unit : candidates) {
                if (accepts(unit, node)) {
                    int height = heightWith(unit, node);
                    if (height <= unit.height || canRise(unit, height)) {
                        unit.height = Math.max(unit.height, height);
                        unit.add(node);
                        return;
                    }
                }
            }
        }
        boolean fusable = isFusable(node);
        var unit = new Unit(node, fusable ? space(node) : null, fusable ? computeType(node) : null, needed);
        if (node.op instanceof Reduce r) {
            unit.reduced = r.axes();
        }
        units.add(unit);
    }

    private static boolean accepts(Unit unit, Node node) {
        if (!unit.isFused()
                || unit.compute != computeType(node)
                || unit.members.size() >= MEMBERS
                || !unit.space.equals(node.shape())) {
            return false;
        }
        for (Node consumer : node.consumers) { // read inside the unit through a view: must be in memory before
            if (consumer.unit == unit) {
                for (Node input : consumer.inputs) {
                    if (input != node && input.layout.base() == node) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    // What the unit's height must be at least with the node in it: above all other readers of the node.
    private static int heightWith(Unit unit, Node node) {
        int height = 0;
        for (Node consumer : node.consumers) {
            if (consumer.unit != unit) {
                height = Math.max(height, consumer.unit.height + 1);
            }
        }
        return height;
    }

    private static boolean canRise(Unit unit, int height) {
        for (Node member : unit.members) {
            for (Node input : member.inputs) {
                Unit source = input.layout.base().unit;
                if (source != null && source != unit && source.height <= height) {
                    return false;
                }
            }
        }
        return true;
    }
}
