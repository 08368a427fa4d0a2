package adjoint.nn;

import adjoint.tensor.Tensor;

import java.util.function.UnaryOperator;

/// The usual elementwise nonlinearities, as layers. Shapes: any, unchanged.
///
/// The [#gain] makes up for what an activation takes away, as a factor for first weights: for those in PyTorch's
/// table (identity, sigmoid, tanh, ReLU, leaky ReLU, SELU) the number there; for the others `1 / √E[f(z)²]` with
/// standard normal z, which keeps the mean square from layer to layer (He et al. 2015; for ReLU it is √2).
public enum Activation implements Layer {
    /// `x`
    IDENTITY(1, x -> x),
    /// `max(x, 0)`
    RELU(Math.sqrt(2), Tensor::relu),
    /// `min(max(x, 0), 6)`
    RELU6(Math.sqrt(2), Tensor::relu6),
    /// `x` where positive, `0.01 x` elsewhere.
    LEAKY_RELU(Math.sqrt(2 / 1.0001), x -> x.leakyRelu(0.01)),
    /// `x` where positive, `eˣ - 1` elsewhere.
    ELU(1.245198, x -> x.elu(1)),
    /// Self-normalizing ELU.
    SELU(0.75, Tensor::selu),
    /// `x Φ(x)`
    GELU(1.533530, Tensor::gelu),
    /// GELU by its tanh approximation.
    GELU_TANH(1.533581, Tensor::geluTanh),
    /// `x · sigmoid(x)`, also called swish.
    SILU(1.676532, Tensor::silu),
    /// `x · tanh(softplus(x))`
    MISH(1.486848, Tensor::mish),
    /// `1 / (1 + e⁻ˣ)`
    SIGMOID(1, Tensor::sigmoid),
    /// Hyperbolic tangent.
    TANH(5.0 / 3, Tensor::tanh),
    /// `log(1 + eˣ)`
    SOFTPLUS(1.041867, Tensor::softplus),
    /// `x / (1 + |x|)`
    SOFTSIGN(2.337533, Tensor::softsign);

    private final double gain;
    private final UnaryOperator<Tensor> function;

    Activation(double gain, UnaryOperator<Tensor> function) {
        this.gain = gain;
        this.function = function;
    }

    /// The factor for the weights before it: `Init.heNormal(SELU.gain())`.
    public double gain() {
        return gain;
    }

    /// The function itself.
    public Tensor of(Tensor x) {
        return function.apply(x);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return function.apply(x);
    }
}
