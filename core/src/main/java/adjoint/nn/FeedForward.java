package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// Two linear layers with an activation between them, for each step by itself: `y = f(x W) V` (Vaswani et al. 2017); with a gate
/// `y = (f(x G) · x W) V`, which with `SILU` is called SwiGLU (Shazeer 2020).
///
/// Shapes: x and y `[…, C]`.
///
/// @param up `W`, `C` to hidden
/// @param gate `G`, `C` to hidden, if there is one
/// @param down `V`, hidden to `C`
/// @param activation f
public record FeedForward(Linear up, Optional<Linear> gate, Linear down, Activation activation) implements Layer {
    /// @throws ShapeException if the layers do not fit together
    public FeedForward {
        boolean fits = up.out() == down.in() && gate.stream().allMatch(g -> g.in() == up.in() && g.out() == up.out());
        if (!fits) {
            throw new ShapeException(
                    "FeedForward needs layers that fit together, got "
                            + up
                            + gate.map(g -> ", a gate " + g).orElse("")
                            + " and "
                            + down);
        }
    }

    /// Without a gate.
    public FeedForward(int width, int hidden, Activation activation, Init init) {
        this(new Linear(width, hidden, init), Optional.empty(), new Linear(hidden, width, init), activation);
    }

    /// SwiGLU, without biases, as Llama has it.
    public static FeedForward swiGlu(int width, int hidden, Init init) {
        return new FeedForward(
                Linear.withoutBias(width, hidden, init),
                Optional.of(Linear.withoutBias(width, hidden, init)),
                Linear.withoutBias(hidden, width, init),
                Activation.SILU);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Tensor inner = up.apply(x, pass);
        return down.apply(
                gate.isPresent() ? activation.of(gate.get().apply(x, pass)).mul(inner) : activation.of(inner), pass);
    }

    @Override
    public String toString() {
        return "FeedForward("
                + up.in()
                + ", "
                + up.out()
                + " hidden, "
                + (gate.isPresent() ? "gated " : "")
                + activation
                + ")";
    }
}
