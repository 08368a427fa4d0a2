package adjoint.plan;

import adjoint.kernel.BlockProgram;
import adjoint.kernel.DType;
import adjoint.tensor.Attention;
import adjoint.tensor.AttentionGradient;
import adjoint.tensor.Binary;
import adjoint.tensor.Cast;
import adjoint.tensor.Compare;
import adjoint.tensor.Fill;
import adjoint.tensor.Ints;
import adjoint.tensor.Op;
import adjoint.tensor.Reduce;
import adjoint.tensor.Select;
import adjoint.tensor.Shape;
import adjoint.tensor.Unary;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Groups nodes into units: elementwise operations over the same space join the unit that reads them, up to the reductions at
/// the end; reductions over short rows join it too, with what is computed from them row by row (softmax, layer norm).
/// Reductions of the same axes that read the same memory go together.
///
/// Goes from the results backwards. A unit's height is greater than that of every unit that reads from it; a node may join a
/// reader's unit if that keeps true for all its readers. So units never wait for each other in a circle.
final class Fuser {
    private static final int MEMBERS = 48;

    /// The most operations that are worth repeating rather than writing and reading their result.
    private static final int CHEAP = 8;

    private record Work(Op op, List<Node> inputs) {}

    private final List<Unit> units = new ArrayList<>();
    private final Map<Shape, List<Unit>> bySpace = new HashMap<>();
    private final Map<Work, Unit> siblings = new HashMap<>();

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
        Op work = sharedWork(node.op);
        Unit sibling = work == null ? null : siblings.get(new Work(work, node.inputs));
        if (sibling != null) { // reads the same inputs, none of which is placed yet: may rise freely
            sibling.height = Math.max(sibling.height, needed);
            sibling.add(node);
            return;
        }
        if (isElementwise(node)) {
            repeatWhereCheaper(node);
        }
        if (isFusable(node)) {
            for (Unit unit : candidates(node)) {
                int height = heightWith(unit, node);
                if ((height <= unit.height || canRise(unit, height)) && accepts(unit, node)) {
                    unit.height = Math.max(unit.height, height);
                    unit.add(node);
                    return;
                }
            }
        }
        boolean fusable = isFusable(node);
        var unit = new Unit(node, fusable ? space(node) : null, fusable ? computeType(node) : null, needed);
        if (node.op instanceof Reduce r) {
            unit.reduced = r.axes();
        }
        if (work != null) {
            siblings.put(new Work(work, node.inputs), unit);
        }
        units.add(unit);
        if (fusable) {
            bySpace.computeIfAbsent(unit.space, s -> new ArrayList<>()).add(unit);
        }
    }

    // A value that other units read is computed again there, rather than written and read, if they get all that it is
    // made
    // of without reading more than now. The unit that is placed last among them keeps the node.
    private void repeatWhereCheaper(Node node) {
        if (node.kept || node.consumers.size() < 2) {
            return;
        }
        List<Unit> readers = node.consumers.stream().map(c -> c.unit).distinct().toList();
        if (readers.size() < 2) {
            return;
        }
        Set<Node> sources = new LinkedHashSet<>();
        if (!cheapSources(node, sources, new int[] {CHEAP})) {
            return;
        }
        for (Unit unit : readers.subList(0, readers.size() - 1)) {
            if (readsDirectly(unit, node) && readsNoMore(unit, node, sources)) {
                repeat(node, unit);
            }
        }
    }

    // What an elementwise value is made of, through a few elementwise operations of the same shape.
    private static boolean cheapSources(Node node, Set<Node> sources, int[] left) {
        if (--left[0] < 0) {
            return false;
        }
        for (Node input : node.inputs) {
            Node base = input.layout.base();
            if (base == input && isElementwise(base) && base.shape().equals(node.shape()) && !base.kept) {
                if (!cheapSources(base, sources, left)) {
                    return false;
                }
            } else if (!(base.op instanceof Fill)) {
                sources.add(base);
            }
        }
        return true;
    }

    private static boolean readsDirectly(Unit unit, Node node) {
        return unit.isFused()
                && unit.space.equals(node.shape())
                && unit.compute == computeType(node)
                && unit.members.size() + CHEAP < MEMBERS
                && node.consumers.stream()
                        .filter(c -> c.unit == unit)
                        .allMatch(c -> c.inputs.stream().allMatch(i -> i == node || i.layout.base() != node));
    }

    private static boolean readsNoMore(Unit unit, Node node, Set<Node> sources) {
        long more =
                sources.stream()
                        .filter(s ->
                                s.bytes() * 2 > node.bytes() && s.consumers.stream().noneMatch(c -> c.unit == unit))
                        .count();
        return more <= 1;
    }

    // Units that come to read a source must stay below the one that computes it: it is not placed yet.
    private static void repeat(Node node, Unit unit) {
        var twin = new Node(node.index, node.op, node.inputs, node.spec, -1);
        twin.layout = Layout.of(twin);
        for (Node consumer : List.copyOf(node.consumers)) {
            if (consumer.unit == unit) {
                consumer.inputs.replaceAll(i -> i == node ? twin : i);
                node.consumers.remove(consumer);
                twin.consumers.add(consumer);
            }
        }
        twin.inputs.forEach(input -> input.layout.base().consumers.add(twin));
        unit.add(twin);
    }

    // The units of the readers, those over more points first; for a reduction also others that read the same memory.
    private List<Unit> candidates(Node node) {
        Set<Unit> found = new LinkedHashSet<>();
        for (Node consumer : node.consumers) {
            if (consumer.unit.isFused()) {
                found.add(consumer.unit);
            }
        }
        List<Unit> candidates = new ArrayList<>(found);
        candidates.sort(Comparator.comparingLong(u -> -u.space.size()));
        if (node.op instanceof Reduce) {
            for (Unit unit : bySpace.getOrDefault(space(node), List.of())) {
                if (!found.contains(unit) && reads(unit, node.input(0))) {
                    candidates.add(unit);
                }
            }
        }
        return candidates;
    }

    // Whether the unit reads or computes what leads to the node, one or two operations back.
    private static boolean reads(Unit unit, Node node) {
        Node base = node.layout.base();
        return base.unit == unit
                || base.consumers.stream().anyMatch(c -> c.unit == unit)
                || isElementwise(base)
                        && base.inputs.stream()
                                .map(i -> i.layout.base())
                                .anyMatch(i ->
                                        !(i.op instanceof Fill) && i.consumers.stream().anyMatch(c -> c.unit == unit));
    }

    // Whether the node fits into the unit, which is prepared for it.
    /// What one step computes together with this op's result, from the same inputs: equal for all ops of the step. Null if
    /// the op is a step of its own.
    private static Op sharedWork(Op op) {
        return switch (op) {
            case Attention a -> new Attention(a.rule(), Attention.Result.OUTPUT);
            case AttentionGradient a -> new AttentionGradient(a.rule(), AttentionGradient.Result.Q);
            default -> null;
        };
    }

    private static boolean accepts(Unit unit, Node node) {
        if (unit.compute != computeType(node) || unit.members.size() >= MEMBERS) {
            return false;
        }
        if (unit.space.equals(node.shape()) && !(node.op instanceof Reduce)) {
            return passesAll(unit, node);
        }
        int rowAxes = unit.rowAxes;
        if (!(node.op instanceof Reduce r)) {
            unit.rowAxes = rowAxes == 0 ? rowAxesOf(unit, node.shape()) : rowAxes;
            if (isOfRows(unit, node.shape()) && passesAll(unit, node)) {
                return true;
            }
        } else if (unit.space.equals(space(node))) {
            if (joinsLast(unit, node, r)) {
                unit.reduced = r.axes();
                return true;
            }
            if (joinsRow(unit, node, r) && passesAll(unit, node)) {
                return true;
            }
        }
        unit.rowAxes = rowAxes;
        node.inRow = false;
        return false;
    }

    // A result of the last reductions comes when all points are done: nobody within the unit can read it.
    private static boolean joinsLast(Unit unit, Node node, Reduce r) {
        boolean free = unit.reduced == null && isUniform(r.axes(), unit.space.rank(), unit.rowAxes);
        return (free || r.axes().equals(unit.reduced)) && node.consumers.stream().noneMatch(c -> c.unit == unit);
    }

    // Sets the unit's row if this is its first.
    private static boolean joinsRow(Unit unit, Node node, Reduce r) {
        int axes = r.axes().length();
        boolean last = r.axes().at(0) == unit.space.rank() - axes; // sorted, so these are the last ones
        if (!last || unit.rowAxes != 0 && unit.rowAxes != axes || !canBeRow(unit, axes) || !node.type().isFloating()) {
            return false;
        }
        unit.rowAxes = axes;
        node.inRow = true;
        return true;
    }

    private static boolean canBeRow(Unit unit, int axes) {
        long length = 1;
        for (int i = 1; i <= axes; i++) {
            length *= unit.space.dim(-i);
        }
        return length >= 2
                && length <= BlockProgram.LONGEST_ROW
                && unit.compute.isFloating()
                && (unit.reduced == null || isUniform(unit.reduced, unit.space.rank(), axes));
    }

    // How many last axes of the unit's space a shape lacks, 0 if it is not the rest of it.
    private static int rowAxesOf(Unit unit, Shape shape) {
        if (shape.size() == 1) {
            return 0;
        }
        long length = 1;
        for (int axes = 1; axes < unit.space.rank(); axes++) {
            length *= unit.space.dim(-axes);
            if (length * shape.size() == unit.space.size() && canBeRow(unit, axes)) {
                return axes;
            }
        }
        return 0;
    }

    // Either all or none of the last axes are reduced.
    private static boolean isUniform(Ints reduced, int rank, int axes) {
        long inRow = Arrays.stream(reduced.toArray()).filter(axis -> axis >= rank - axes).count();
        return inRow == 0 || inRow == axes;
    }

    // Whether a shape is that of the rows but for axes of extent 1.
    private static boolean isOfRows(Unit unit, Shape shape) {
        if (unit.rowAxes == 0) {
            return false;
        }
        int[] rows = Arrays.stream(unit.rows().dims()).filter(d -> d != 1).toArray();
        return Arrays.equals(rows, Arrays.stream(shape.dims()).filter(d -> d != 1).toArray());
    }

    // What members of the unit read of the node must not need a way through memory.
    private static boolean passesAll(Unit unit, Node node) {
        for (Node consumer : node.consumers) {
            if (consumer.unit == unit) {
                for (Node input : consumer.inputs) {
                    if (input.layout.base() == node && !unit.passes(node, consumer, input)) {
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
