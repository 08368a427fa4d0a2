package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Parameter;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A linear layer that stays as it is, and a change of low rank that is trained beside it (Hu et al. 2021):
/// `y = x W + b + (α / r) (x A) B`.
///
/// ```java
/// Layer tuned = Lora.in(model, Names.like("*.query", "*.value"), 8, 16, init); // computes the same as the model, at first
/// Trainer.of(tuned, Loss::crossEntropy, AdamW.rate(1e-3)).epochs(3).fit(train, test); // moves A and B only
/// Layer plain = Lora.merged(tuned); // linear layers again, as fast as the model's
/// ```
/// Shapes: x `[…, in]`, y `[…, out]`. W and b are the layer's own, in the same memory, [Parameter#frozen()], under their old
/// names; A starts He normal, B at 0.
///
/// @param weight W, `[in, out]`, not trained
/// @param bias b, `[out]`, if there is one, not trained
/// @param down A, `[in, r]`
/// @param up B, `[r, out]`
/// @param alpha α: how much the change counts. It is divided by r so that another rank needs no other learning rate.
public record Lora(Parameter weight, Optional<Parameter> bias, Parameter down, Parameter up, double alpha)
        implements Layer {
    /// Takes weight and bias frozen.
    ///
    /// @throws ShapeException if they do not fit together
    /// @throws AdjointException if α is not above 0
    public Lora {
        var layer = new Linear(weight, bias); // refuses what is none
        int rank = down.shape().rank() == 2 ? down.shape().dim(1) : 0;
        boolean fits = rank > 0 && down.shape().equals(Shape.of(layer.in(), rank));
        if (!fits || !up.shape().equals(Shape.of(rank, layer.out()))) {
            throw new ShapeException(
                    "Lora around %s needs a change of [%d, r] and [r, %d] with a rank r of 1 or more, got %s and %s"
                            .formatted(layer, layer.in(), layer.out(), down.shape(), up.shape()));
        }
        if (!(alpha > 0 && Double.isFinite(alpha))) {
            throw new AdjointException(
                    "Lora needs an alpha above 0, got " + alpha + ": usual is once or twice the rank");
        }
        weight = weight.frozen();
        bias = bias.map(Parameter::frozen);
    }

    /// Starts as the layer, whose weights it shares.
    ///
    /// @param rank r: how many directions the change has
    /// @param alpha α, usually once or twice the rank
    /// @throws ShapeException if the rank is less than 1
    public static Lora of(Linear layer, int rank, double alpha, Init init) {
        if (rank < 1) {
            throw new ShapeException("Lora around " + layer + " needs a rank of 1 or more, got " + rank);
        }
        Init typed = init.type(layer.weight().type());
        Tensor down = typed.weight(layer.in(), rank, layer.in(), rank);
        Tensor up = typed.make(Init.zeros(), rank, layer.out(), rank, layer.out());
        return new Lora(layer.weight(), layer.bias(), Parameter.of(down), Parameter.of(up), alpha);
    }

    /// A network with this around each [Linear] whose path matches. It shares the network's weights, and trains none of them, nor
    /// their running statistics: what it trains is A and B, and what later stands in a place of it. Layers without A and B run
    /// as in inference.
    ///
    /// All parameters have their old names, beside them `body.query.down` and `body.query.up`: the network's files load into it.
    ///
    /// @param paths which, by their place in the network: `body.query`; [adjoint.optim.Names] are such
    /// @throws AdjointException if no linear layer is there
    public static Patched in(Layer model, Predicate<String> paths, int rank, double alpha, Init init) {
        var linear = new LinkedHashMap<String, Linear>();
        model.sublayers()
                .forEach((path, layer) -> {
                    if (layer instanceof Linear l) {
                        linear.put(path, l);
                    }
                });
        List<String> chosen = linear.keySet().stream().filter(paths).toList();
        if (chosen.isEmpty()) {
            throw new AdjointException(
                    "Lora found no Linear at a path that matches, only at " + String.join(", ", linear.keySet()));
        }
        Map<Linear, Lora> made = new IdentityHashMap<>(); // a layer in two places gets one change
        Patched tuned = Patched.of(model);
        for (String path : chosen) {
            Lora lora = made.computeIfAbsent(linear.get(path), l -> of(l, rank, alpha, init));
            tuned = tuned.with(path, lora);
        }
        return tuned.holding(model.parameters().values());
    }

    /// The plain layer that computes the same, with weights of its own: `W + (α / r) A B`.
    public Linear merged() {
        Tensor sum = weight.value().add(change(down.value()));
        return new Linear(Parameter.of(sum), bias.map(b -> Parameter.of(b.value())));
    }

    /// A network with the plain layers in the places of those of this kind, under the names that they had. All else is the same, and
    /// trainable again.
    public static Patched merged(Layer tuned) {
        Map<Lora, Linear> made = new IdentityHashMap<>();
        Patched plain = Patched.of(tuned).released();
        for (Map.Entry<String, Layer> e : tuned.sublayers().entrySet()) {
            if (e.getValue() instanceof Lora lora) {
                plain = plain.with(e.getKey(), made.computeIfAbsent(lora, l -> l.merged()));
            }
        }
        return plain;
    }

    private Tensor change(Tensor xA) {
        return xA.matmul(up.value()).mul(alpha / down.shape().dim(1)); // […, r] · [r, out] -> […, out]
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        Linear.require(this, weight, x);
        Tensor y = x.matmul(weight.value()); // […, in] · [in, out] -> […, out]
        Tensor own = bias.isPresent() ? y.add(bias.get().value()) : y;
        return own.add(change(x.matmul(down.value())));
    }

    @Override
    public String toString() {
        int rank = down.shape().dim(1);
        return "Lora(" + weight.shape().dim(0) + " -> " + weight.shape().dim(1) + ", rank " + rank + ")";
    }
}
