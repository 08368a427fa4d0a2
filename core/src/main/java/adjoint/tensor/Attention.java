package adjoint.tensor;

import java.util.ArrayList;
import java.util.List;

/// Scaled dot-product attention (Vaswani et al. 2017, "Attention is all you need", eq. 1), without the matrix of weights in
/// memory (Dao et al. 2022, "FlashAttention"): `softmax(scale q kᵀ + mask) v`, for each batch and head.
///
/// Inputs: q `[B, T, H, D]`, k `[B, S, G, D]`, v `[B, S, G, E]`, where each head of keys serves H / G heads of queries
/// (Ainslie et al. 2023); then, if the rule says so, a mask that broadcasts to `[B, H, T, S]`, and the random key of dropout
/// (int64 [2]). Time stands before heads, so that what a linear layer makes, and the next one takes, needs no rearranging;
/// [Tensor#attention] takes heads before time, by views.
///
/// A query that sees no key gives 0, and has gradients 0.
///
/// @param result which of two results of the same work this is; the planner computes both in one step
public record Attention(AttentionRule rule, Result result) implements Op {
    /// What attention computes.
    public enum Result {
        /// The weighted means `[B, T, H, E]`.
        OUTPUT,
        /// The logarithm of each softmax's denominator, `[B, H, T]`: all that backpropagation needs to remember.
        LOG_SUM
    }

    /// Position of the first input that not every attention has.
    public static final int REST = 3;

    /// The attention that [Tensor#attention] stands for: heads before time.
    static Tensor of(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
        if (q.shape().rank() != 4 || k.shape().rank() != 4 || v.shape().rank() != 4) {
            throw new ShapeException(
                    "attention needs queries [B, H, T, D], keys [B, G, S, D] and values [B, G, S, E], got "
                            + q.shape()
                            + ", "
                            + k.shape()
                            + " and "
                            + v.shape());
        }
        Tensor mask = options.mask();
        double scale = Double.isNaN(options.scale()) ? 1 / Math.sqrt(Math.max(1, q.dim(3))) : options.scale();
        var rule = new AttentionRule(options.isCausal(), scale, options.dropout(), mask != null);
        List<Tensor> inputs = new ArrayList<>();
        for (Tensor x : List.of(q, k, v)) {
            inputs.add(x.transpose(1, 2));
        }
        if (mask != null) {
            inputs.add(mask.type().isFloating() ? mask.to(q.type()) : mask);
        }
        if (options.dropout() > 0) {
            inputs.add(options.key().tensor());
        }
        return Tensor.apply(new Attention(rule, Result.OUTPUT), inputs.toArray(Tensor[]::new)).transpose(1, 2);
    }

    @Override
    public String label() {
        return result == Result.OUTPUT ? "attention" : "attention log-sum";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Tensor q = inputs.get(0);
        Shape output = rule.output(q, inputs.get(1), inputs.get(2), rule.mask(inputs, REST));
        boolean whole = result == Result.OUTPUT;
        return new Spec(whole ? output : Shape.of(q.dim(0), q.dim(2), q.dim(1)), q.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        List<Tensor> in = output.inputs();
        if (result == Result.LOG_SUM) {
            return AttentionFormula.of(rule, in, REST).logSumVjp(input, g);
        }
        if (input == REST) { // a bias that is learned: the whole matrix is its gradient
            return AttentionFormula.of(rule, in, REST).maskVjp(g);
        }
        List<Tensor> all = new ArrayList<>(in.subList(0, REST));
        all.add(output);
        all.add(Tensor.apply(new Attention(rule, Result.LOG_SUM), in.toArray(Tensor[]::new)));
        all.add(g);
        all.addAll(in.subList(REST, in.size()));
        return Tensor.apply(
                new AttentionGradient(rule, AttentionGradient.Result.values()[input]), all.toArray(Tensor[]::new));
    }

    @Override
    public boolean passesGradient(int input) {
        return input <= REST && (result == Result.OUTPUT || input != 2);
    }
}
