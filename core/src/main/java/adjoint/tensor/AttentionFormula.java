package adjoint.tensor;

import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;

import java.util.List;

/// Attention written in tensor operations, with its matrices `[B, H, T, S]` in memory: for derivatives beyond the first, and
/// for the rarer ones.
///
/// With P the softmax, Z dropout's factors, g the output's cotangent: `W = Z (g vᵀ)` is the cotangent of P, and
/// `soften(W) = P (W - Σ_s P W)` that of the scores.
final class AttentionFormula {
    private final AttentionRule rule;
    private final Tensor q; // [B, H, T, D]
    private final Tensor k; // [B, H, S, D]: a head for each of the queries'
    private final Tensor v; // [B, H, S, E]
    private final int keyHeads;
    private final Tensor p; // [B, H, T, S]
    private final Tensor z; // [B, H, T, S] or null

    private AttentionFormula(AttentionRule rule, Tensor q, Tensor k, Tensor v, Tensor mask, Tensor key) {
        this.rule = rule;
        this.keyHeads = k.dim(2);
        this.q = swap(q);
        this.k = repeat(k);
        this.v = repeat(v);
        this.p = weights(mask);
        this.z = key == null ? null : factors(key);
    }

    /// Of the inputs of [Attention] or [AttentionGradient].
    static AttentionFormula of(AttentionRule rule, List<Tensor> in, int rest) {
        return new AttentionFormula(rule, in.get(0), in.get(1), in.get(2), rule.mask(in, rest), rule.key(in, rest));
    }

    /// What [Attention] computes.
    Tensor output() {
        return swap(drop(p).matmul(v));
    }

    /// The cotangent of an input for one of the log-sums.
    Tensor logSumVjp(int input, Tensor g) {
        return input == 2 ? null : fromScores(input, p.mul(g.unsqueeze(-1)));
    }

    /// The cotangent of a mask that is added.
    Tensor maskVjp(Tensor g) {
        return soften(drop(swap(g).matmul(v.t())));
    }

    /// The cotangent of an input of [AttentionGradient] for the cotangent `u` of its result.
    ///
    /// `Σ u result` is how `Σ g output` changes when q, k or v moves along u. For v it is linear. For q and k the scores move
    /// along A (`scale u kᵀ` or `scale q uᵀ`), and it is `Σ soften(W) A`.
    Tensor gradientVjp(AttentionGradient.Result result, int input, Tensor cotangent, Tensor u) {
        Tensor g = swap(cotangent);
        boolean forCotangent = input == AttentionGradient.COTANGENT;
        if (result == AttentionGradient.Result.V) {
            Tensor wide = repeat(u);
            if (forCotangent) {
                return swap(drop(p).matmul(wide));
            }
            return input == 2 ? null : fromScores(input, soften(drop(g.matmul(wide.t()))));
        }
        boolean alongQ = result == AttentionGradient.Result.Q;
        Tensor along = alongQ ? swap(u) : repeat(u);
        Tensor a = scaled(alongQ ? along.matmul(k.t()) : q.matmul(along.t()));
        if (forCotangent) {
            return swap(drop(soften(a)).matmul(v));
        }
        if (input == 2) {
            return fold(drop(soften(a)).t().matmul(g));
        }
        Tensor w = drop(g.matmul(v.t()));
        Tensor inner = a.mul(w).sub(w.mul(mean(a))).sub(a.mul(mean(w)));
        Tensor found = fromScores(input, soften(inner));
        if (input == 0 && !alongQ) {
            return found.add(swap(scaled(soften(w).matmul(along))));
        }
        return input == 1 && alongQ ? found.add(fold(scaled(soften(w).t().matmul(along)))) : found;
    }

    // What a cotangent of the scores is for queries, keys or the mask.
    private Tensor fromScores(int input, Tensor ds) {
        return switch (input) {
            case 0 -> swap(scaled(ds.matmul(k)));
            case 1 -> fold(scaled(ds.t().matmul(q)));
            default -> ds;
        };
    }

    private Tensor weights(Tensor mask) {
        Tensor scores = scaled(q.matmul(k.t()));
        Tensor seen = null;
        if (mask != null && mask.type() == DType.BOOL) {
            seen = mask;
        } else if (mask != null) {
            scores = scores.add(mask);
            seen = mask.gt(constant(Double.NEGATIVE_INFINITY));
        }
        if (rule.causal()) {
            Shape square = Shape.of(q.dim(2), k.dim(2));
            Tensor distance =
                    Tensor.apply(new Iota(square, DType.INT64, 1)).sub(Tensor.apply(new Iota(square, DType.INT64, 0)));
            Tensor past = distance.le(Tensor.constant(DType.INT64, k.dim(2) - q.dim(2)));
            seen = seen == null ? past : seen.and(past);
        }
        if (seen == null) {
            return scores.softmax(-1);
        }
        scores = Tensor.where(seen, scores, constant(-1e30));
        Tensor top = scores.max(-1).stopGradient().unsqueeze(-1);
        Tensor e = Tensor.where(seen, scores.sub(top).exp(), constant(0));
        Tensor sum = e.sum(-1).unsqueeze(-1);
        return e.div(Tensor.where(sum.gt(constant(0)), sum, constant(1))); // rows that see nothing stay 0
    }

    private Tensor factors(Tensor key) {
        double complement = 1 - rule.dropout();
        Tensor random = Tensor.apply(new RandomOp(Distribution.UNIFORM, p.shape(), DType.FLOAT32), key);
        Tensor stays = random.lt(Tensor.constant(DType.FLOAT32, (float) complement));
        return Tensor.where(stays, constant(1 / complement), constant(0));
    }

    private Tensor drop(Tensor x) {
        return z == null ? x : x.mul(z);
    }

    private Tensor soften(Tensor w) {
        return p.mul(w.sub(mean(w)));
    }

    // Over the keys, weighted.
    private Tensor mean(Tensor w) {
        return p.mul(w).sum(-1).unsqueeze(-1);
    }

    private Tensor scaled(Tensor x) {
        return x.mul(constant(rule.scale()));
    }

    private Tensor constant(double value) {
        return Tensor.constant(q.type(), value);
    }

    // [B, T, H, D] -> [B, H, T, D] and back.
    private static Tensor swap(Tensor x) {
        return x.transpose(1, 2);
    }

    // [B, S, G, D] -> [B, H, S, D]
    private Tensor repeat(Tensor x) {
        int times = keyHeads == 0 ? 1 : q.dim(1) / keyHeads;
        return swap(x).repeatInterleave(1, times);
    }

    // The adjoint: [B, H, S, D] -> [B, S, G, D].
    private Tensor fold(Tensor x) {
        int times = keyHeads == 0 ? 1 : q.dim(1) / keyHeads;
        return swap(x.reshape(x.dim(0), keyHeads, times, x.dim(2), x.dim(3)).sum(2));
    }
}
