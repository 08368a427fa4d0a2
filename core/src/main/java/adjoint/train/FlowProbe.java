package adjoint.train;

import adjoint.kernel.DType;
import adjoint.nn.Layer;
import adjoint.nn.Norm;
import adjoint.nn.Pass;
import adjoint.optim.Optimizer;
import adjoint.tensor.Binary;
import adjoint.tensor.Evaluator.Update;
import adjoint.tensor.Parameter;
import adjoint.tensor.Tensor;
import adjoint.tensor.Unary;
import adjoint.train.GradientFlow.LayerFlow;
import adjoint.train.GradientFlow.Nonlinearity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Measures the [GradientFlow] of one step, as further outputs of the step's own plan.
///
/// ```java
/// var probe = new FlowProbe(model);
/// Tensor loss = criterion.of(model.apply(x, pass.observing(probe)), y);
/// optimizer.step(loss, List.of(), pass.updates(), probe);
/// GradientFlow flow = probe.flow(loss.item());
/// ```
/// For one step.
public final class FlowProbe implements Optimizer.Probe, Pass.Observer {
    private static final int NUMBERS = 9; // of each layer
    private static final double ENDS = 0.94; // of a range from -1 to 1: within 3 % of its ends

    private final Map<String, Parameter> parameters;
    private final Map<String, Run> ran = new LinkedHashMap<>(); // by path
    private final Deque<Tensor> inside = new ArrayDeque<>(); // what went into the layers that are running
    private final Map<Tensor, Tensor> normed = new IdentityHashMap<>(); // what a norm made of a tensor
    private List<Unit> units = List.of();
    private Tensor numbers;

    private record Run(Layer layer, Tensor output) {}

    /// A layer with weights.
    ///
    /// @param point its outputs
    /// @param active what the nonlinearity makes of them
    private record Unit(
            String path, Layer layer, Parameter weight, Tensor point, Tensor active, Nonlinearity nonlinearity) {}

    /// For a step of this network.
    public FlowProbe(Layer model) {
        parameters = model.parameters();
    }

    @Override
    public void input(String path, Layer layer, Tensor input) {
        inside.push(input);
    }

    @Override
    public void output(String path, Layer layer, Tensor output) {
        Tensor input = inside.pop();
        ran.put(path, new Run(layer, output));
        if (layer instanceof Norm) {
            normed.put(input, output);
        }
    }

    @Override
    public List<Tensor> points(Tensor loss) {
        Map<String, Parameter> weights = new HashMap<>(); // the largest of a layer
        parameters.forEach((name, p) -> {
            if (p.trainable() && p.shape().rank() > 1) {
                weights.merge(owner(name), p, (a, b) -> a.shape().size() < b.shape().size() ? b : a);
            }
        });
        Map<Tensor, Tensor> nonlinear = nonlinear(loss);
        List<Unit> found = new ArrayList<>();
        ran.forEach((path, run) -> {
            Parameter weight = weights.get(path);
            if (weight != null && run.output.type().isFloating()) {
                Tensor point = normed.getOrDefault(run.output, run.output);
                Tensor active = nonlinear.getOrDefault(point, point);
                found.add(new Unit(path, run.layer, weight, point, active, kind(active, point)));
            }
        });
        units = List.copyOf(found);
        return units.stream().map(Unit::point).toList();
    }

    // The innermost layer that ran and has it.
    private String owner(String parameter) {
        String path = parameter;
        do {
            int dot = path.lastIndexOf('.');
            path = dot < 0 ? "" : path.substring(0, dot);
        } while (!path.isEmpty() && !ran.containsKey(path));
        return path;
    }

    private static Nonlinearity kind(Tensor active, Tensor point) {
        return active == point
                ? Nonlinearity.OTHER
                : switch ((Unary) active.op()) {
                    case RELU -> Nonlinearity.RELU;
                    case TANH -> Nonlinearity.TANH;
                    default -> Nonlinearity.SIGMOID;
                };
    }

    private static Map<Tensor, Tensor> nonlinear(Tensor loss) {
        Map<Tensor, Tensor> found = new IdentityHashMap<>();
        List<Tensor> gates = new ArrayList<>();
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var open = new ArrayDeque<Tensor>(List.of(loss));
        while (!open.isEmpty()) {
            Tensor t = open.pop();
            if (t.op() == Unary.RELU || t.op() == Unary.TANH || t.op() == Unary.SIGMOID) {
                found.put(t.input(0), t);
            }
            if (t.op() == Binary.MUL) {
                gates.addAll(t.inputs().stream().filter(g -> isGate(g, t)).toList());
            }
            t.inputs().stream().filter(seen::add).forEach(open::push);
        }
        found.values().removeAll(gates);
        return found;
    }

    // x * sigmoid(x) is SiLU, whose flat ends are no ends.
    private static boolean isGate(Tensor gate, Tensor product) {
        return gate.op() == Unary.SIGMOID && product.inputs().contains(gate.input(0));
    }

    @Override
    public List<Tensor> wanted(Map<Parameter, Tensor> gradients, Map<Tensor, Tensor> atPoints, List<Update> updates) {
        Map<Parameter, Tensor> next = new IdentityHashMap<>();
        updates.forEach(u -> next.put(u.target(), u.value()));
        List<Tensor> all = new ArrayList<>(units.size() * NUMBERS);
        for (Unit u : units) {
            Tensor w = u.weight.value();
            Tensor g = gradients.get(u.weight);
            Tensor n = next.get(u.weight);
            Tensor d = atPoints.get(u.point);
            all.add(rms(w));
            all.add(g == null ? unknown() : rms(g));
            all.add(n == null ? unknown() : rms(n.sub(w)));
            all.add(rms(u.point));
            all.add(d == null ? unknown() : rms(d));
            all.add(u.point.dim(0) < 2 ? unknown() : rms(u.point.sub(u.point.mean(0))));
            all.add(spread(w));
            all.add(g == null ? unknown() : spread(g));
            all.add(idle(u));
        }
        if (all.isEmpty()) {
            return List.of();
        }
        numbers = Tensor.stack(0, all.toArray(Tensor[]::new));
        return List.of(numbers);
    }

    private static Tensor unknown() {
        return Tensor.scalar(Double.NaN);
    }

    // Scaled by the largest, so that squares of what has nearly vanished are not lost in float32.
    private static Tensor rms(Tensor x) {
        Tensor largest = x.stopGradient().abs().max();
        Tensor scale = Tensor.where(largest.gt(0), largest, largest.onesLike());
        return x.div(scale).square().mean().sqrt().mul(scale).to(DType.FLOAT32);
    }

    // How far the columns, one for each unit, are from being all the same.
    private static Tensor spread(Tensor x) {
        Tensor same = x.mean(-1).unsqueeze(x.shape().rank() - 1);
        return x.dim(-1) < 2 ? unknown() : rms(x.sub(same));
    }

    private static Tensor idle(Unit u) {
        Tensor y = u.active;
        Tensor share =
                switch (u.nonlinearity) {
                    case RELU -> {
                        int[] examples = IntStream.range(0, y.shape().rank() - 1).toArray();
                        yield y.max(examples).le(0).to(y.type()).mean();
                    }
                    case SIGMOID -> y.mul(2).sub(1).abs().gt(ENDS).to(y.type()).mean();
                    case TANH -> y.abs().gt(ENDS).to(y.type()).mean();
                    case OTHER -> Tensor.scalar(0);
                };
        return share.to(DType.FLOAT32);
    }

    /// What was measured, once the step is computed.
    ///
    /// @param loss of the step
    public GradientFlow flow(double loss) {
        double[] n = numbers == null ? new double[0] : numbers.toDoubles();
        List<LayerFlow> layers = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            Unit u = units.get(i);
            int at = i * NUMBERS;
            layers.add(
                    new LayerFlow(
                            u.path,
                            u.layer.toString(),
                            n[at],
                            n[at + 1],
                            n[at + 2],
                            n[at + 3],
                            n[at + 4],
                            u.point.shape().size(),
                            share(n[at + 5], n[at + 3]),
                            likeness(n[at + 6], n[at]),
                            likeness(n[at + 7], n[at + 1]),
                            u.nonlinearity,
                            n[at + 8]));
        }
        return new GradientFlow(layers, loss);
    }

    private static double share(double part, double whole) {
        return whole == 0 ? 0 : part / whole;
    }

    // What has no numbers but 0 is alike, and what has no second unit is not.
    private static double likeness(double spread, double whole) {
        return Double.isNaN(spread) ? 0 : whole == 0 ? 1 : Math.max(0, 1 - spread / whole);
    }
}
