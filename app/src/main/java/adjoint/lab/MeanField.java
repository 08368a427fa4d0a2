package adjoint.lab;

import adjoint.nn.Activation;

import java.util.function.DoubleUnaryOperator;

/// What mean-field theory says of a wide random network without biases (Poole et al. 2016; Schoenholz et al. 2017): how the mean
/// square `q` of what goes into the neurons changes from layer to layer, and the gradient's mean square with it.
///
/// `q' = σ² E[φ(√q z)²]` and `χ(q) = σ² E[φ'(√q z)²]`, with standard normal `z` and weights of variance `σ² / n`. Backwards, the
/// mean square of the gradient is multiplied by `χ` in each layer.
///
/// @param function φ
/// @param derivative φ'
/// @param variance σ²
record MeanField(DoubleUnaryOperator function, DoubleUnaryOperator derivative, double variance) {
    private static final int POINTS = 1000; // an even number: none lies at 0, where ReLU has no derivative
    private static final double FAR = 9;
    private static final int ROUNDS = 5_000;

    /// For one of the classic activations.
    static MeanField of(Activation activation, double variance) {
        return switch (activation) {
            case SIGMOID -> new MeanField(MeanField::sigmoid, u -> sigmoid(u) * (1 - sigmoid(u)), variance);
            case TANH -> new MeanField(Math::tanh, u -> 1 - Math.tanh(u) * Math.tanh(u), variance);
            case RELU -> new MeanField(u -> Math.max(u, 0), u -> u > 0 ? 1 : 0, variance);
            default -> throw new IllegalArgumentException("no theory here for " + activation);
        };
    }

    private static double sigmoid(double u) {
        return 1 / (1 + Math.exp(-u));
    }

    /// The next layer's `q`.
    double next(double q) {
        return variance * mean(function, q);
    }

    /// By what the gradient's mean square is multiplied, one layer back.
    double chi(double q) {
        return variance * mean(derivative, q);
    }

    /// Where `q` ends after very many layers; it may be 0 or infinite.
    double fixedPoint() {
        double q = 1;
        for (int i = 0; i < ROUNDS; i++) {
            double next = next(q);
            if (Math.abs(next - q) <= 1e-13 * q || next > 1e100 || next < 1e-100) {
                return next;
            }
            q = next;
        }
        return q;
    }

    // E[f(√q z)²], by the midpoint rule.
    private static double mean(DoubleUnaryOperator f, double q) {
        double step = 2 * FAR / POINTS;
        double sum = 0;
        for (int i = 0; i < POINTS; i++) {
            double z = -FAR + (i + 0.5) * step;
            double value = f.applyAsDouble(Math.sqrt(q) * z);
            sum += value * value * Math.exp(-z * z / 2);
        }
        return sum * step / Math.sqrt(2 * Math.PI);
    }
}
