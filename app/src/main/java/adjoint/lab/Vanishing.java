package adjoint.lab;

import adjoint.chart.Chart;
import adjoint.data.Batch;
import adjoint.kernel.DType;
import adjoint.models.Mlp;
import adjoint.nn.Activation;
import adjoint.nn.Init;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// Vanishing gradients: the size of the loss's gradient in each layer of deep networks at their first step, measured, and as mean-field
/// theory has it.
public final class Vanishing implements Experiment {
    private static final int BATCH = 32;
    private static final double DECADES = 25; // that float32 holds with room for small elements
    private static final double SMALL = 0.01; // the classic "small random numbers", whatever the width
    private static final List<Activation> ACTIVATIONS = List.of(Activation.SIGMOID, Activation.TANH, Activation.RELU);

    /// A scheme for first weights.
    ///
    /// @param name in tables
    /// @param scheme of the weights
    /// @param variance σ² of the theory: their variance times the width
    private record Start(String name, Init.Scheme scheme, double variance) {}

    /// One network.
    private record Case(Activation activation, Start start, GradientProbe probe) {
        int depth() {
            return probe.activations().length;
        }

        double slope() {
            return GradientProbe.slope(probe.activations());
        }

        // The gradients as the theory has them with the measured q of each layer; the last is taken from the
        // measurement.
        double[] predicted() {
            MeanField theory = MeanField.of(activation, start.variance);
            double[] sizes = new double[depth()];
            sizes[sizes.length - 1] = probe.activations()[sizes.length - 1];
            for (int l = sizes.length - 1; l > 0; l--) {
                sizes[l - 1] = sizes[l] * Math.sqrt(theory.chi(probe.inputs()[l]));
            }
            return sizes;
        }

        double atFixedPoint() {
            return slopeAtFixedPoint(activation, start);
        }

        String title() {
            return activation.name().toLowerCase(Locale.ROOT) + ", " + start.name;
        }
    }

    private static double slopeAtFixedPoint(Activation activation, Start start) {
        MeanField theory = MeanField.of(activation, start.variance);
        return -Math.log10(theory.chi(theory.fixedPoint())) / 2;
    }

    private static List<Start> starts(Activation activation, int width) {
        double gain = activation == Activation.RELU ? Math.sqrt(2) : 1;
        return List.of(
                new Start("naive", Init.normal(SMALL), SMALL * SMALL * width),
                new Start("Xavier", Init.xavierNormal(), 1),
                new Start("He", Init.heNormal(), 2),
                new Start("orthogonal", Init.orthogonal(gain), gain * gain));
    }

    @Override
    public String name() {
        return "vanishing";
    }

    @Override
    public String claim() {
        return "In deep networks the gradient shrinks or grows by a constant factor in each layer (Hochreiter 1991; Bengio et al. 1994)."
                + " The factor follows from activation and first weights: the gradient's mean square changes by χ = σ²E[φ'(√q z)²] per"
                + " layer (Poole et al. 2016; Schoenholz et al. 2017).";
    }

    @Override
    public Findings run(Setting setting) {
        int width = setting.choose(32, 128, 1000);
        int[] depths =
                setting.choose(new int[] {5, 12}, new int[] {5, 10, 20, 50, 100}, new int[] {5, 10, 20, 50, 100});
        Examples examples = Examples.of(setting);
        Batch batch = examples.train().batch(Examples.first(BATCH));
        List<Case> cases = new ArrayList<>();
        for (Activation activation : ACTIVATIONS) {
            for (int depth : depths) {
                setting.say("%s, %d layers of %d", activation.name().toLowerCase(Locale.ROOT), depth, width);
                for (Start start : starts(activation, width)) {
                    cases.add(new Case(activation, start, probe(setting, activation, start, width, depth, batch)));
                }
            }
        }
        int deepest = depths[depths.length - 1];
        List<Case> deep = cases.stream().filter(c -> c.depth() == deepest).toList();
        return new Findings(
                List.of(
                        Text.of("%s; one batch of %d, pixels with mean 0 and deviation 1", examples.name(), BATCH),
                        Text.of(
                                "hidden layers of %d neurons, biases 0, ten classes, cross-entropy; float64 where float32 would underflow",
                                width),
                        Text.of(
                                "naive: N(0, %s²); Xavier: N(0, 2 / (in + out)); He: N(0, 2 / in); orthogonal: rows of length 1"
                                        + " (√2 for ReLU)",
                                SMALL),
                        "slope: of the least squares line through log10 of the root mean square of dE/dh by layer; above 0 the gradient"
                                + " shrinks on its way back, below 0 it grows",
                        "theory: -½ log10 χ(q), with the q measured in each layer, and with the q that very many layers lead to",
                        "dashed in the figures: the theory with the measured q"),
                List.of(slopes(deep, deepest), reach(cases, depths)),
                ACTIVATIONS.stream().map(a -> figure(deep, a, deepest)).toList(),
                words(deep));
    }

    private static GradientProbe probe(
            Setting setting, Activation activation, Start start, int width, int depth, Batch batch) {
        var form = new Mlp.Form().activation(activation).scheme(start.scheme);
        boolean fits = Math.abs(slopeAtFixedPoint(activation, start)) * depth < DECADES;
        DType type = fits ? DType.FLOAT32 : DType.FLOAT64;
        Mlp model = Mlp.deep(784, width, depth, 10, form, Init.seeded(setting.seed()).type(type));
        return GradientProbe.of(model, batch, setting.engine());
    }

    private static Table slopes(List<Case> deep, int depth) {
        return new Table(
                Text.of("Slope per layer, %d layers: measured and by theory", depth),
                List.of(
                        "activation",
                        "weights",
                        "measured",
                        "theory, q of layers",
                        "theory, q at end",
                        "of weights' gradients"),
                deep.stream()
                        .map(c ->
                                List.of(
                                        c.activation.name().toLowerCase(Locale.ROOT),
                                        c.start.name,
                                        Text.slope(c.slope()),
                                        Text.slope(GradientProbe.slope(c.predicted())),
                                        Text.slope(c.atFixedPoint()),
                                        Text.slope(GradientProbe.slope(c.probe.weights()))))
                        .toList());
    }

    private static Table reach(List<Case> cases, int[] depths) {
        List<String> columns = new ArrayList<>(List.of("activation", "weights"));
        Arrays.stream(depths).forEach(d -> columns.add(d + " layers"));
        List<List<String>> rows = new ArrayList<>();
        for (Case first : cases.stream().filter(c -> c.depth() == depths[0]).toList()) {
            List<String> row =
                    new ArrayList<>(List.of(first.activation.name().toLowerCase(Locale.ROOT), first.start.name));
            cases.stream()
                    .filter(c -> c.title().equals(first.title()))
                    .forEach(c -> {
                        double[] g = c.probe.activations();
                        row.add(Text.of("%.1e", g[0] / g[g.length - 1]));
                    });
            rows.add(row);
        }
        return new Table("Gradient of the first hidden layer, as a multiple of the last one's", columns, rows);
    }

    private static Findings.Figure figure(List<Case> deep, Activation activation, int depth) {
        List<Chart.Line> lines = new ArrayList<>();
        double[] layers = IntStream.rangeClosed(1, depth).asDoubleStream().toArray();
        for (Case c : deep.stream().filter(c -> c.activation == activation).toList()) {
            var line = Chart.Line.of(c.start.name, lines.size() / 2, layers, c.probe.activations());
            lines.add(line);
            lines.add(line.beside(layers, c.predicted()));
        }
        String name = activation.name().toLowerCase(Locale.ROOT);
        return new Findings.Figure(
                Text.of("Gradients of %d %s layers, by layer", depth, name),
                new Chart(
                                new Chart.Axis("hidden layer, the first one beside the input", Chart.Scale.LINEAR),
                                new Chart.Axis("dE/dh, root mean square", Chart.Scale.LOGARITHMIC),
                                lines)
                        .svg());
    }

    private static List<String> words(List<Case> deep) {
        Case worst = deep.stream().max(Comparator.comparingDouble(Case::slope)).orElseThrow();
        Case even = deep.stream().min(Comparator.comparingDouble(c -> Math.abs(c.slope()))).orElseThrow();
        Case off =
                deep.stream()
                        .max(Comparator.comparingDouble(c -> Math.abs(c.slope() - GradientProbe.slope(c.predicted()))))
                        .orElseThrow();
        long shrinking = deep.stream().filter(c -> c.slope() > 0.01).count();
        long growing = deep.stream().filter(c -> c.slope() < -0.01).count();
        return List.of(
                Text.of(
                        "Of %d networks of %d layers, the gradient shrinks by more than 2.3 %% a layer in %d, grows as much in %d, and"
                                + " keeps its size within that in %d. It shrinks fastest with %s: to %.3f of itself in each layer. It is"
                                + " the most even with %s: a factor of %.4f a layer.",
                        deep.size(),
                        worst.depth(),
                        shrinking,
                        growing,
                        deep.size() - shrinking - growing,
                        worst.title(),
                        Math.pow(10, -worst.slope()),
                        even.title(),
                        Math.pow(10, -even.slope())),
                Text.of(
                        "With the q that is measured in each layer, theory and measurement differ by %.4f (log10 per layer) at the most,"
                                + " with %s: %s measured, %s expected. So the rate follows from activation and first weights%s",
                        Math.abs(off.slope() - GradientProbe.slope(off.predicted())),
                        off.title(),
                        Text.slope(off.slope()),
                        Text.slope(GradientProbe.slope(off.predicted())),
                        Math.abs(off.slope() - GradientProbe.slope(off.predicted())) < 0.02
                                ? ", as the papers say."
                                : " here only in part."));
    }
}
