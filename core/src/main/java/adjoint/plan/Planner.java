package adjoint.plan;

import adjoint.kernel.Kernel;
import adjoint.kernel.Kernels;
import adjoint.kernel.Step;
import adjoint.kernel.View;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Concat;
import adjoint.tensor.Fill;
import adjoint.tensor.MatMul;
import adjoint.tensor.Reshape;
import adjoint.tensor.Shape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Turns a recording into a [Plan]: simplify, fuse, order, place.
final class Planner {
    private final Recording recording;
    private final Kernels kernels;
    private final boolean inPlace;

    private final List<Plan.PlannedStep> steps = new ArrayList<>();
    private final ArenaLayout arena = new ArenaLayout();

    /// The computed node behind each update, by the parameter's leaf.
    private final Map<Node, Node> updates = new LinkedHashMap<>();

    /// The updates whose value is written by the step that computes it.
    private final Set<Node> direct = new HashSet<>();

    private Planner(Recording recording, Kernels kernels, boolean inPlace) {
        this.recording = recording;
        this.kernels = kernels;
        this.inPlace = inPlace;
    }

    static Plan plan(Recording recording, Kernels kernels) {
        Plan plan = new Planner(recording, kernels, true).plan();
        // Updates that read each other in a circle (a swap) cannot all be in place: compute all, then copy.
        return plan != null ? plan : new Planner(recording, kernels, false).plan();
    }

    private Plan plan() {
        Graph graph = Graph.of(recording);
        settleResults(graph);
        List<Node> nodes = settleLayouts(graph, kernels);
        graph.wanted.forEach(n -> n.kept = true);
        graph.values.forEach(n -> n.kept = true);
        List<Unit> units = Fuser.fuse(nodes);
        chooseInPlace();
        List<Unit> order = order(graph, units);
        if (order == null) {
            return null;
        }
        place(graph, order);
        List<Plan.Place> results = graph.wanted.stream().map(n -> new Plan.Place(n.slot, n.offset, n.spec)).toList();
        return new Plan(steps, arena.size(), results, recording.leafCount());
    }

    // What is asked for must be computed by a unit, not be a leaf, a view or a constant.
    private void settleResults(Graph graph) {
        graph.wanted.replaceAll(n -> isStored(n) ? n : graph.copy(n));
        for (int i = 0; i < graph.values.size(); i++) {
            Node value = graph.values.get(i);
            Node settled = isStored(value) ? value : graph.copy(value);
            graph.values.set(i, settled);
            if (updates.put(graph.targets.get(i), settled) != null) {
                throw new AdjointException(
                        "one step updates a parameter of " + settled.spec + " twice: give each parameter one update");
            }
        }
    }

    private static boolean isStored(Node node) {
        return !node.isLeaf() && !Layout.isView(node) && !(node.op instanceof Fill);
    }

    // Gives every node its layout, with copies where strides cannot express it or an op wants dense inputs.
    private static List<Node> settleLayouts(Graph graph, Kernels kernels) {
        boolean copied = false;
        List<Node> nodes = graph.ordered();
        for (Node node : nodes) {
            for (int i = 0; i < node.inputs.size(); i++) {
                boolean wantsDense = node.op != null && !Layout.isView(node) && !Lowering.takesStrides(node);
                if (wantsDense && !node.input(i).layout.isDense()) {
                    copied |= copyInput(graph, node, i);
                }
            }
            if (node.op instanceof MatMul && isOneMatrix(node.input(1).shape())) {
                View anywhere = View.dense(0, 0, node.type(), node.shape().dims());
                copied |= kernels.wantsRows(Lowering.product(node, anywhere)) && copyInput(graph, node, 1);
            }
            node.layout = Layout.of(node);
            if (node.layout == null && node.op instanceof Reshape) {
                copied |= copyInput(graph, node, 0);
                node.layout = Layout.of(node);
            }
        }
        return copied ? graph.ordered() : nodes;
    }

    // Many would be copied one by one, though it be the same one.
    private static boolean isOneMatrix(Shape shape) {
        return Arrays.stream(shape.dims(), 0, shape.rank() - 2).allMatch(d -> d == 1);
    }

    private static boolean copyInput(Graph graph, Node node, int i) {
        Node copy = graph.copy(node.input(i));
        copy.layout = Layout.of(copy);
        node.inputs.set(i, copy);
        return true;
    }

    private void chooseInPlace() {
        if (!inPlace) {
            return;
        }
        Set<Node> values = new HashSet<>();
        updates.forEach((target, value) -> {
            if (values.add(value) && Fuser.isElementwise(value) && readsAligned(value.unit, target)) {
                direct.add(target);
            }
        });
    }

    // A unit may overwrite a parameter that it reads if it reads just the element that it writes.
    private static boolean readsAligned(Unit unit, Node target) {
        for (Node member : unit.members) {
            for (Node input : member.inputs) {
                if (input.layout.base() == target
                        && !(input.shape().equals(unit.space) && input.layout.isDense() && input.layout.start() == 0)) {
                    return false;
                }
            }
        }
        return true;
    }

    // A unit that overwrites a parameter waits for all that read it. Null if they wait for each other in a circle.
    private List<Unit> order(Graph graph, List<Unit> units) {
        Set<Node> kept = new HashSet<>(graph.wanted);
        updates.forEach((target, value) -> {
            if (!direct.contains(target)) {
                kept.add(value);
            }
        });
        var ordering = new Ordering(units, kept);
        for (Node target : direct) {
            Unit writer = updates.get(target).unit;
            for (Node reader : target.consumers) {
                if (reader.unit != writer) {
                    ordering.mustFollow(writer, reader.unit);
                }
            }
        }
        return ordering.order(units);
    }

    private void place(Graph graph, List<Unit> order) {
        Set<Node> kept = new HashSet<>(graph.wanted);
        kept.addAll(updates.values());
        Map<Node, Integer> lastUse = new HashMap<>();
        for (int i = 0; i < order.size(); i++) {
            for (Node member : order.get(i).members) {
                for (Node input : member.inputs) {
                    lastUse.put(input.layout.base(), i);
                }
            }
        }
        for (Node leaf : graph.ordered()) {
            if (leaf.isLeaf()) {
                leaf.slot = leaf.leaf + 1;
            }
        }
        direct.forEach(target -> updates.get(target).slot = target.slot);
        order.stream().flatMap(unit -> unit.members.stream()).forEach(Planner::settleParts);

        Map<Integer, List<Node>> dying = new HashMap<>();
        for (int i = 0; i < order.size(); i++) {
            Unit unit = order.get(i);
            for (Node member : unit.members) {
                boolean needed = isRead(member) || kept.contains(member);
                Node home = member.layout.base();
                if (needed && home.slot < 0) {
                    home.slot = 0;
                    home.offset = arena.take(home.bytes());
                    if (!kept.contains(home)) {
                        dying.computeIfAbsent(lastUse.getOrDefault(home, i), k -> new ArrayList<>()).add(home);
                    }
                }
            }
            for (Step step : Lowering.steps(unit, n -> n.layout.base().slot >= 0)) {
                addStep(step, describe(unit));
            }
            for (Node dead : dying.getOrDefault(i, List.of())) {
                arena.give(dead.offset, dead.bytes());
            }
        }
        updates.forEach((target, value) -> {
            if (!direct.contains(target)) {
                addStep(Lowering.copy(Lowering.dense(value), Lowering.dense(target)), "update " + target.spec);
            }
        });
    }

    // What is computed only to be put side by side with others is written where it belongs, if the step can.
    private static void settleParts(Node node) {
        if (!(node.op instanceof Concat concat)) {
            return;
        }
        List<Layout> parts = Layout.parts(node, concat.axis());
        for (int i = 0; i < parts.size(); i++) {
            Node input = node.input(i);
            Node part = input.layout.base();
            boolean whole = input.layout.isDense() && input.shape().size() == part.shape().size();
            if (whole && part.consumers.size() == 1 && !part.kept && Lowering.writesStrides(part)) {
                Layout place = parts.get(i).reshaped(part.shape().dims());
                part.layout = place != null && place.hasWholeRows() ? place : part.layout;
            }
        }
    }

    private static boolean isRead(Node member) {
        return member.consumers.stream().anyMatch(c -> c.unit != member.unit)
                || member.op instanceof adjoint.tensor.Reduce && !member.inRow;
    }

    private void addStep(Step step, String what) {
        Kernel kernel = kernels.prepare(step);
        long bytes = kernel.scratchBytes();
        long scratch = bytes == 0 ? 0 : arena.take(bytes);
        if (bytes > 0) {
            arena.give(scratch, bytes);
        }
        steps.add(new Plan.PlannedStep(step, kernel, scratch, what));
    }

    private static String describe(Unit unit) {
        var text = new StringBuilder();
        for (Node member : unit.members) {
            text.append(text.isEmpty() ? "" : " ").append(member.op.label());
        }
        return text.toString();
    }
}
