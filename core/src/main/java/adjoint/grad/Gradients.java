package adjoint.grad;

import adjoint.tensor.Formula;
import adjoint.tensor.Op;
import adjoint.tensor.Pad;
import adjoint.tensor.Parameter;
import adjoint.tensor.Recomputed;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Backpropagation: the chain rule, applied from the error back to what it depends on, newest operation first.
///
/// A gradient is recorded like any other tensor, so it can be differentiated again, and it is planned and fused with
/// everything else. Only what is asked for is recorded.
///
/// ```java
/// Tensor loss = model.apply(x, pass).sub(y).square().mean();
/// Tensor dw = Gradients.of(loss, w);
/// ```
public final class Gradients {
    private Gradients() {}

    /// The derivative of a scalar with respect to one tensor, of that tensor's shape.
    ///
    /// @throws GradientException if `y` is no floating scalar or does not depend on `x`
    public static Tensor of(Tensor y, Tensor x) {
        return of(y, List.of(x)).getFirst();
    }

    /// The derivatives of a scalar with respect to some tensors.
    ///
    /// @throws GradientException if `y` is no floating scalar or does not depend on one of them
    public static List<Tensor> of(Tensor y, List<Tensor> xs) {
        if (y.shape().size() != 1) {
            throw new GradientException(
                    "gradients need a scalar to start from, got "
                            + y.spec()
                            + ": reduce it with mean() or sum(), or give a cotangent");
        }
        return of(y, y.onesLike(), xs);
    }

    /// The vector-Jacobian product: the derivatives of `Σ y · cotangent` with respect to some tensors.
    ///
    /// @param cotangent of the shape and type of `y`
    public static List<Tensor> of(Tensor y, Tensor cotangent, List<Tensor> xs) {
        Map<Tensor, Tensor> found = sweep(y, cotangent, xs);
        List<Tensor> gradients = new ArrayList<>(xs.size());
        for (Tensor x : xs) {
            Tensor g = found.get(x);
            if (g == null) {
                throw new GradientException(Unreached.explain(y, x));
            }
            gradients.add(g);
        }
        return gradients;
    }

    /// The derivatives of a scalar with respect to those of the tensors that it depends on, by tensor.
    ///
    /// @throws GradientException if `y` is no floating scalar
    public static Map<Tensor, Tensor> ofReached(Tensor y, List<Tensor> xs) {
        if (y.shape().size() != 1) {
            of(y, xs); // refuses
        }
        Map<Tensor, Tensor> found = sweep(y, y.onesLike(), xs);
        Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
        for (Tensor x : xs) {
            if (found.containsKey(x)) {
                gradients.put(x, found.get(x));
            }
        }
        return gradients;
    }

    /// The derivatives of a scalar with respect to those of the parameters that it depends on.
    ///
    /// @throws GradientException if `y` is no floating scalar, or comes from values that an update has replaced since
    public static Map<Parameter, Tensor> ofParameters(Tensor y, List<Parameter> parameters) {
        List<Tensor> xs = parameters.stream().map(Parameter::value).toList();
        return ofParameters(y, parameters, ofReached(y, xs));
    }

    /// [#ofParameters(Tensor, List)] from what a sweep found.
    ///
    /// @param found by [#ofReached], of the parameters' values among others
    public static Map<Parameter, Tensor> ofParameters(Tensor y, List<Parameter> parameters, Map<Tensor, Tensor> found) {
        Map<Parameter, Tensor> gradients = new LinkedHashMap<>();
        for (Parameter p : parameters) {
            Tensor g = found.get(p.value());
            if (g != null) {
                gradients.put(p, g);
            }
        }
        List<Parameter> missing = parameters.stream().filter(p -> !gradients.containsKey(p)).toList();
        if (!missing.isEmpty() && (y.isLetGo() || Unreached.isStale(y, missing))) {
            throw new GradientException(Unreached.explain(y, missing.getFirst().value()));
        }
        return gradients;
    }

    /// The Jacobian-vector product (forward mode): how `y` changes when `x` moves along `tangent`.
    ///
    /// By differentiating twice backwards: the vjp is linear in its cotangent `u`, and the derivative of `vjp(u) · tangent`
    /// with respect to `u` is the jvp.
    public static Tensor jvp(Tensor y, Tensor x, Tensor tangent) {
        Tensor u =
                Tensor.of(new float[1], 1).to(y.type()).reshape().expand(y.shape().dims()); // stands for any cotangent
        Tensor vjp = of(y, u, List.of(x)).getFirst();
        return of(vjp.mul(tangent).sum(), u);
    }

    private static Map<Tensor, Tensor> sweep(Tensor y, Tensor cotangent, List<Tensor> xs) {
        return sweep(y, cotangent, xs, Set.of());
    }

    // Not beyond the ends.
    private static Map<Tensor, Tensor> sweep(Tensor y, Tensor cotangent, List<Tensor> xs, Set<Tensor> ends) {
        if (!y.type().isFloating() || !y.spec().equals(cotangent.spec())) {
            throw new GradientException(
                    "gradients need a floating tensor and a cotangent of its shape, got "
                            + y.spec()
                            + " and "
                            + cotangent.spec());
        }
        Set<Tensor> asked = new HashSet<>(xs);
        List<Tensor> order = new ArrayList<>();
        Set<Tensor> needed = dependents(y, asked, ends, order);
        Map<Tensor, Tensor> cotangents = new HashMap<>();
        if (needed.contains(y)) {
            cotangents.put(y, cotangent);
        }
        for (Tensor node : order.reversed()) { // newest first
            Tensor g = asked.contains(node) ? cotangents.get(node) : cotangents.remove(node);
            if (g == null || ends.contains(node)) {
                continue;
            }
            Op op = node.op();
            if (op instanceof Recomputed recomputed) {
                again(recomputed, node, g, asked, cotangents);
                continue;
            }
            if (op instanceof Formula.Result result) {
                inside(result, node, g, needed, cotangents);
                continue;
            }
            for (int i = 0; i < node.inputs().size(); i++) {
                Tensor input = node.input(i);
                if (needed.contains(input) && op.passesGradient(i)) {
                    Tensor contribution = op.vjp(node, i, g);
                    if (contribution != null) {
                        cotangents.merge(input, unbroadcast(contribution, input.shape()), Pad::sum);
                    }
                }
            }
        }
        return cotangents;
    }

    // Through a function that is recorded again: what it reads is either its input or a leaf.
    private static void again(Recomputed op, Tensor node, Tensor g, Set<Tensor> asked, Map<Tensor, Tensor> cotangents) {
        Tensor input = op.input(node, g);
        List<Tensor> ends = new ArrayList<>(List.of(input));
        asked.stream().filter(t -> t.inputs().isEmpty() && t != node.input(1)).forEach(ends::add);
        sweep(op.output(input), g, ends, Set.of(input))
                .forEach((t, part) -> cotangents.merge(t == input ? node.input(1) : t, part, Pad::sum));
    }

    // Through the operations that a formula is made of, as far as its inputs.
    private static void inside(
            Formula.Result op, Tensor node, Tensor g, Set<Tensor> needed, Map<Tensor, Tensor> cotangents) {
        List<Tensor> asked = node.inputs().stream().filter(needed::contains).distinct().toList();
        sweep(op.compose(node.inputs()), g, asked, new HashSet<>(node.inputs()))
                .forEach((t, part) -> cotangents.merge(t, part, Pad::sum));
    }

    // All nodes that lead from an asked-for tensor to y, listed with inputs before outputs. An explicit stack, since
    // graphs may be hundreds of thousands of operations deep.
    private static Set<Tensor> dependents(Tensor y, Set<Tensor> asked, Set<Tensor> ends, List<Tensor> order) {
        Set<Tensor> seen = new HashSet<>();
        Set<Tensor> needed = new HashSet<>();
        var stack = new ArrayDeque<Tensor>();
        var next = new ArrayDeque<int[]>();
        stack.push(y);
        next.push(new int[1]);
        seen.add(y);
        while (!stack.isEmpty()) {
            Tensor node = stack.peek();
            int i = next.peek()[0]++;
            if (i < node.inputs().size() && !ends.contains(node)) {
                Tensor input = node.input(i);
                if (input.type().isFloating() && node.op().passesGradient(i) && seen.add(input)) {
                    stack.push(input);
                    next.push(new int[1]);
                }
                continue;
            }
            stack.pop();
            next.pop();
            boolean leads = asked.contains(node);
            for (int k = 0; !ends.contains(node) && k < node.inputs().size() && !leads; k++) {
                leads = needed.contains(node.input(k)) && node.op().passesGradient(k);
            }
            if (leads) {
                needed.add(node);
                order.add(node);
            }
        }
        return needed;
    }

    /// Sums a cotangent over the axes along which its tensor was broadcast.
    private static Tensor unbroadcast(Tensor g, Shape shape) {
        if (g.shape().equals(shape)) {
            return g;
        }
        int extra = g.shape().rank() - shape.rank();
        if (extra < 0) {
            throw new ShapeException("a vjp gave a cotangent of " + g.shape() + " for an input of " + shape);
        }
        int[] axes = new int[g.shape().rank()];
        int count = 0;
        for (int i = 0; i < axes.length; i++) {
            if (i < extra || shape.dim(i - extra) == 1 && g.dim(i) != 1) {
                axes[count++] = i;
            }
        }
        return (count == 0 ? g : g.sum(Arrays.copyOf(axes, count))).reshape(shape.dims());
    }
}
