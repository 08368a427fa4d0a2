package adjoint.cli;

import adjoint.grad.GradientCheck;
import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;
import adjoint.nn.Criterion;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The derivatives that `adjoint gradcheck` looks at: [OpChecks] and [LayerChecks] list them.
final class Checks {
    static final RandomKey KEY = RandomKey.of(7);
    private static final double STEP = 1e-3;

    private Checks() {}

    /// Largest relative errors.
    record Outcome(double first, double second) {
        Outcome worse(Outcome other) {
            return new Outcome(Math.max(first, other.first), Math.max(second, other.second));
        }
    }

    /// One line of the table.
    ///
    /// @param shapes of the inputs, for each trial
    record Row(String kind, String name, List<String> shapes, List<Supplier<Outcome>> trials) {
        Outcome run() {
            return trials.stream().map(Supplier::get).reduce(Outcome::worse).orElseThrow();
        }
    }

    static List<Row> all() {
        return Stream.of(OpChecks.rows(), LayerChecks.rows()).flatMap(List::stream).toList();
    }

    static Tensor normal(long stream, int... dims) {
        return settled(Tensor.random(Distribution.NORMAL, KEY.fold(stream), DType.FLOAT64, dims));
    }

    static Tensor settled(Tensor t) {
        return Tensor.of(t.toDoubles(), t.shape().dims());
    }

    /// A function, at some inputs each trial.
    static Row of(String kind, String name, Function<List<Tensor>, Tensor> f, List<List<Tensor>> inputs) {
        List<Supplier<Outcome>> trials = new ArrayList<>();
        for (List<Tensor> in : inputs) {
            trials.add(() -> {
                GradientCheck.Result r = GradientCheck.of(f, in.toArray(Tensor[]::new));
                return new Outcome(r.firstOrder(), r.secondOrder());
            });
        }
        return new Row(kind, name, inputs.stream().map(Checks::shapes).toList(), trials);
    }

    private static String shapes(List<Tensor> inputs) {
        return inputs.stream().map(t -> t.shape().toString()).collect(Collectors.joining(" "));
    }

    /// A layer: with respect to its input, and to its parameters.
    static Row layer(Layer layer, Tensor... inputs) {
        List<Supplier<Outcome>> trials = new ArrayList<>();
        for (Tensor x : inputs) {
            trials.add(() -> {
                GradientCheck.Result r = GradientCheck.of(in -> layer.apply(in.getFirst(), Pass.training(KEY)), x);
                return new Outcome(r.firstOrder(), r.secondOrder()).worse(parameters(layer, x));
            });
        }
        List<String> shapes = Stream.of(inputs).map(t -> t.shape().toString()).toList();
        return new Row(
                "layer", layer.toString().replaceFirst("\\(.*", "").toLowerCase(java.util.Locale.ROOT), shapes, trials);
    }

    /// A loss: with respect to the network's output.
    static Row loss(String name, Criterion loss, Tensor output, Tensor target) {
        return of("loss", name, in -> loss.of(in.getFirst(), target), List.of(List.of(output)));
    }

    // Parameters are moved along one direction, as GradientCheck moves inputs.
    private static Outcome parameters(Layer layer, Tensor x) {
        List<Parameter> ps = layer.parameters().values().stream().filter(Parameter::trainable).toList();
        if (ps.isEmpty()) {
            return new Outcome(0, 0);
        }
        Tensor u = normal(99, layer.apply(x, Pass.training(KEY)).shape().dims());
        Supplier<Tensor> first = () -> layer.apply(x, Pass.training(KEY)).mul(u).sum().add(anchor(ps));
        Supplier<Tensor> second =
                () -> {
                    List<Tensor> gradients = Gradients.of(first.get(), ps.stream().map(Parameter::value).toList());
                    Tensor sum = Tensor.full(DType.FLOAT64, 0);
                    for (int i = 0; i < ps.size(); i++) {
                        sum = sum.add(gradients.get(i).mul(normal(200 + i, ps.get(i).shape().dims())).sum());
                    }
                    return sum;
                };
        return new Outcome(along(first, ps), along(second, ps));
    }

    // Quadratic, so that a parameter that enters linearly has a second derivative to be found.
    private static Tensor anchor(List<Parameter> ps) {
        return ps.stream().map(p -> p.value().square().sum()).reduce(Tensor::add).orElseThrow();
    }

    private static double along(Supplier<Tensor> f, List<Parameter> ps) {
        List<double[]> start = ps.stream().map(p -> p.value().toDoubles()).toList();
        List<double[]> v = new ArrayList<>();
        List<Tensor> gradients = Gradients.of(f.get(), ps.stream().map(Parameter::value).toList());
        double analytic = 0;
        double scale = 0;
        for (int i = 0; i < ps.size(); i++) {
            v.add(normal(300 + i, ps.get(i).shape().dims()).toDoubles());
            double[] g = gradients.get(i).toDoubles();
            for (int k = 0; k < g.length; k++) {
                analytic += g[k] * v.get(i)[k];
                scale += Math.abs(g[k] * v.get(i)[k]);
            }
        }
        double[] at = {STEP, -STEP, 2 * STEP, -2 * STEP, 0};
        double[] s = new double[at.length];
        for (int j = 0; j < at.length; j++) {
            for (int i = 0; i < ps.size(); i++) {
                double[] moved = start.get(i).clone();
                for (int k = 0; k < moved.length; k++) {
                    moved[k] += at[j] * v.get(i)[k];
                }
                ps.get(i).set(Tensor.of(moved, ps.get(i).shape().dims()));
            }
            s[j] = f.get().item();
        }
        double numeric = (8 * (s[0] - s[1]) - (s[2] - s[3])) / (12 * STEP);
        return Math.abs(analytic - numeric) / Math.max(1, Math.max(scale, Math.abs(numeric)));
    }
}
