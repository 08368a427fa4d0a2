package adjoint.cli;

import adjoint.grad.GradientCheck;
import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;
import adjoint.nn.Criterion;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
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
        return Tensor.of(t.toDoubles(), t.shape());
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
                GradientCheck.Result r =
                        GradientCheck.of(
                                in -> layer.apply(in.getFirst(), Pass.training(KEY)), layer.parameters().values(), x);
                return new Outcome(r.firstOrder(), r.secondOrder());
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
}
