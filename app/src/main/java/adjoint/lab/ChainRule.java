package adjoint.lab;

import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// Backpropagation through three neurons, with every number written out: two inputs, two hidden neurons, one output, all
/// sigmoid, and half the squared error.
///
/// Each derivative is computed three ways: by the formula in plain Java, by [Gradients], and by a finite difference.
public final class ChainRule implements Experiment {
    private static final double X1 = 0.35;
    private static final double X2 = 0.9;
    private static final double T = 0.5; // the target
    private static final double RATE = 1;
    private static final double STEP = 1e-5; // of the finite differences: the error is of order STEP²

    /// Weights and biases, by the names that the tables use.
    private enum Weight {
        W11(0.1),
        W12(0.4),
        W21(0.8),
        W22(0.6),
        B1(0.1),
        B2(-0.2),
        V1(0.3),
        V2(0.9),
        C(0.05);

        private final double first;

        Weight(double first) {
            this.first = first;
        }

        static double[] all() {
            return java.util.Arrays.stream(values()).mapToDouble(w -> w.first).toArray();
        }

        double of(double[] weights) {
            return weights[ordinal()];
        }
    }

    /// The forward pass in plain Java: every value that the formulas name.
    private record Forward(double[] w, double z1, double z2, double h1, double h2, double z, double y, double e) {
        static Forward of(double[] w) {
            return from(w, 0, 0, 0, 0, 0, 0);
        }

        // With something added to each value on the way, for finite differences.
        static Forward from(double[] w, double dz1, double dz2, double dh1, double dh2, double dz, double dy) {
            double z1 = Weight.W11.of(w) * X1 + Weight.W12.of(w) * X2 + Weight.B1.of(w) + dz1;
            double z2 = Weight.W21.of(w) * X1 + Weight.W22.of(w) * X2 + Weight.B2.of(w) + dz2;
            double h1 = sigmoid(z1) + dh1;
            double h2 = sigmoid(z2) + dh2;
            double z = Weight.V1.of(w) * h1 + Weight.V2.of(w) * h2 + Weight.C.of(w) + dz;
            double y = sigmoid(z) + dy;
            return new Forward(w, z1, z2, h1, h2, z, y, (y - T) * (y - T) / 2);
        }
    }

    /// One derivative of the error.
    ///
    /// @param what of what
    /// @param formula the chain rule
    /// @param value the formula in plain Java
    /// @param gradient by [Gradients]
    /// @param difference by a finite difference
    record Derivative(String what, String formula, double value, double gradient, double difference) {}

    @Override
    public String name() {
        return "chain-rule";
    }

    @Override
    public String claim() {
        return "Backpropagation is the chain rule, applied from the error back to each weight: every neuron needs only what its"
                + " successors hand back and its own derivative (Rumelhart, Hinton & Williams 1986).";
    }

    @Override
    public Findings run(Setting setting) {
        double[] w = Weight.all();
        Forward f = Forward.of(w);
        List<Derivative> derivatives = derivatives(setting, f);
        double[] next = w.clone();
        List<List<String>> update = new ArrayList<>();
        for (Weight weight : Weight.values()) {
            Derivative d = derivatives.get(derivatives.size() - w.length + weight.ordinal());
            next[weight.ordinal()] -= RATE * d.gradient;
            update.add(List.of(d.what, digits(weight.first), digits(d.gradient), digits(next[weight.ordinal()])));
        }
        Forward after = Forward.of(next);
        double worst = worst(derivatives, d -> Math.abs(d.value - d.gradient));
        double rough = worst(derivatives, d -> Math.abs(d.value - d.difference));
        double expected = RATE * derivatives.stream().skip(6).mapToDouble(d -> d.value * d.value).sum();
        return new Findings(
                List.of(
                        Text.of(
                                "x1 = %s, x2 = %s, target t = %s, learning rate %s; the seed plays no part",
                                X1, X2, T, RATE),
                        "s(z) = 1 / (1 + exp(-z)), whose derivative is s(z) (1 - s(z))",
                        "float64; Adjoint's values by Gradients.of, all from one error",
                        Text.of("finite differences: (E(v + %s) - E(v - %s)) / %s", STEP, STEP, 2 * STEP)),
                List.of(
                        forward(f),
                        backward(derivatives),
                        new Table(
                                "One step down the gradient: new = old - rate x dE/d",
                                List.of("weight", "old", "dE/d", "new"),
                                update),
                        new Table(
                                "The error before and after",
                                List.of("", "y", "E"),
                                List.of(
                                        List.of("before", digits(f.y), digits(f.e)),
                                        List.of("after", digits(after.y), digits(after.e))))),
                List.of(new Findings.Figure("The network", drawing())),
                List.of(
                        Text.of(
                                "Read the second table from top to bottom: each derivative is one above it, times what lies"
                                        + " between. The formula and Adjoint differ by %.1e at most, the formula and the finite"
                                        + " differences by %.1e.",
                                worst, rough),
                        Text.of(
                                "One step with rate %s %s the error from %s to %s, by %s; the squares of the gradient promise"
                                        + " %s for a small step.",
                                RATE,
                                after.e < f.e ? "lowers" : "does not lower",
                                digits(f.e),
                                digits(after.e),
                                digits(f.e - after.e),
                                digits(expected))));
    }

    private static double worst(List<Derivative> all, ToDoubleFunction<Derivative> difference) {
        return all.stream().mapToDouble(difference).max().orElseThrow();
    }

    private static Table forward(Forward f) {
        return new Table(
                "Forward: from the inputs to the error",
                List.of("value", "formula", "is"),
                List.of(
                        List.of("z1", "w11 x1 + w12 x2 + b1", digits(f.z1)),
                        List.of("z2", "w21 x1 + w22 x2 + b2", digits(f.z2)),
                        List.of("h1", "s(z1)", digits(f.h1)),
                        List.of("h2", "s(z2)", digits(f.h2)),
                        List.of("z", "v1 h1 + v2 h2 + c", digits(f.z)),
                        List.of("y", "s(z)", digits(f.y)),
                        List.of("E", "(y - t)² / 2", digits(f.e))));
    }

    private static Table backward(List<Derivative> derivatives) {
        return new Table(
                "Backward: from the error to the weights",
                List.of("dE/d", "chain rule", "formula", "Adjoint", "finite difference"),
                derivatives.stream()
                        .map(d -> List.of(d.what, d.formula, digits(d.value), digits(d.gradient), digits(d.difference)))
                        .toList());
    }

    /// Every derivative, from the output back: those of the values, then those of the weights.
    static List<Derivative> derivatives(Setting setting) {
        return derivatives(setting, Forward.of(Weight.all()));
    }

    private static List<Derivative> derivatives(Setting setting, Forward f) {
        double dy = f.y - T;
        double dz = dy * f.y * (1 - f.y);
        double dh1 = dz * Weight.V1.first;
        double dh2 = dz * Weight.V2.first;
        double dz1 = dh1 * f.h1 * (1 - f.h1);
        double dz2 = dh2 * f.h2 * (1 - f.h2);
        double[] g = byAdjoint(setting);
        List<Derivative> all = new ArrayList<>();
        all.add(of(all, "y", "y - t", dy, g, s -> Forward.from(f.w, 0, 0, 0, 0, 0, s).e));
        all.add(of(all, "z", "dE/dy · y (1 - y)", dz, g, s -> Forward.from(f.w, 0, 0, 0, 0, s, 0).e));
        all.add(of(all, "h1", "dE/dz · v1", dh1, g, s -> Forward.from(f.w, 0, 0, s, 0, 0, 0).e));
        all.add(of(all, "h2", "dE/dz · v2", dh2, g, s -> Forward.from(f.w, 0, 0, 0, s, 0, 0).e));
        all.add(of(all, "z1", "dE/dh1 · h1 (1 - h1)", dz1, g, s -> Forward.from(f.w, s, 0, 0, 0, 0, 0).e));
        all.add(of(all, "z2", "dE/dh2 · h2 (1 - h2)", dz2, g, s -> Forward.from(f.w, 0, s, 0, 0, 0, 0).e));
        String[] formulas = {
            "dE/dz1 · x1",
            "dE/dz1 · x2",
            "dE/dz2 · x1",
            "dE/dz2 · x2",
            "dE/dz1",
            "dE/dz2",
            "dE/dz · h1",
            "dE/dz · h2",
            "dE/dz"
        };
        double[] values = {dz1 * X1, dz1 * X2, dz2 * X1, dz2 * X2, dz1, dz2, dz * f.h1, dz * f.h2, dz};
        for (Weight weight : Weight.values()) {
            int i = weight.ordinal();
            String name = weight.name().toLowerCase(java.util.Locale.ROOT);
            all.add(of(all, name, formulas[i], values[i], g, s -> Forward.of(moved(f.w, i, s)).e));
        }
        return all;
    }

    private static Derivative of(
            List<Derivative> before,
            String what,
            String formula,
            double value,
            double[] g,
            ToDoubleFunction<Double> e) {
        double difference = (e.applyAsDouble(STEP) - e.applyAsDouble(-STEP)) / (2 * STEP);
        return new Derivative(what, formula, value, g[before.size()], difference);
    }

    private static double[] moved(double[] w, int i, double by) {
        double[] moved = w.clone();
        moved[i] += by;
        return moved;
    }

    // The same network as tensors: dE/d y, z, h1, h2, z1, z2, and the weights in order.
    private static double[] byAdjoint(Setting setting) {
        Tensor[] w = new Tensor[Weight.values().length];
        for (Weight weight : Weight.values()) {
            w[weight.ordinal()] = Tensor.scalar(DType.FLOAT64, weight.first);
        }
        Tensor z1 = w[0].mul(X1).add(w[1].mul(X2)).add(w[4]);
        Tensor z2 = w[2].mul(X1).add(w[3].mul(X2)).add(w[5]);
        Tensor h1 = z1.sigmoid();
        Tensor h2 = z2.sigmoid();
        Tensor z = w[6].mul(h1).add(w[7].mul(h2)).add(w[8]);
        Tensor y = z.sigmoid();
        Tensor e = y.sub(T).square().mul(0.5);
        List<Tensor> asked = new ArrayList<>(List.of(y, z, h1, h2, z1, z2));
        asked.addAll(List.of(w));
        List<Tensor> gradients = Gradients.of(e, asked);
        setting.engine().evaluate(gradients.toArray(Tensor[]::new));
        return gradients.stream().mapToDouble(Tensor::item).toArray();
    }

    private static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    private static String digits(double x) {
        return Text.of("%.10f", x);
    }

    private static String drawing() {
        String circle =
                "<circle cx=\"%d\" cy=\"%d\" r=\"24\" fill=\"%s\" stroke=\"#3b75af\"/><text x=\"%d\" y=\"%d\">%s</text>\n";
        String line = "<path d=\"M%d %dL%d %d\" stroke=\"#999\"/><text x=\"%d\" y=\"%d\">%s</text>\n";
        return "<svg viewBox=\"0 0 640 220\" role=\"img\" font-size=\"13\" text-anchor=\"middle\">\n"
                + Text.of(line, 94, 60, 276, 60, 150, 52, "w11")
                + Text.of(line, 90, 146, 279, 71, 150, 114, "w12")
                + Text.of(line, 90, 74, 279, 149, 236, 124, "w21")
                + Text.of(line, 94, 160, 276, 160, 150, 178, "w22")
                + Text.of(line, 323, 66, 477, 104, 400, 76, "v1")
                + Text.of(line, 323, 154, 477, 116, 400, 152, "v2")
                + Text.of(line, 524, 110, 570, 110, 598, 115, "y → E")
                + Text.of(circle, 70, 60, "#fff", 70, 65, "x1")
                + Text.of(circle, 70, 160, "#fff", 70, 165, "x2")
                + Text.of(circle, 300, 60, "#eaf1f8", 300, 65, "h1")
                + Text.of(circle, 300, 160, "#eaf1f8", 300, 165, "h2")
                + Text.of(circle, 500, 110, "#eaf1f8", 500, 115, "y")
                + "<text x=\"300\" y=\"26\">z1 = … + b1</text><text x=\"300\" y=\"205\">z2 = … + b2</text>"
                + "<text x=\"500\" y=\"76\">z = … + c</text></svg>\n";
    }
}
