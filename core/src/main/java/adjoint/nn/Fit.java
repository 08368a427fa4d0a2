package adjoint.nn;

import adjoint.tensor.Binary;
import adjoint.tensor.Select;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;
import adjoint.tensor.Unary;

/// Whether a loss's inputs fit together. Nothing broadcasts silently here: `[B, 1]` against `[B]` would be `[B, B]`.
final class Fit {
    private Fit() {}

    static void same(String loss, Tensor output, Tensor target) {
        if (!output.type().isFloating() || !output.spec().equals(target.spec())) {
            String remedy =
                    !output.shape().equals(target.shape())
                            ? output.shape().size() == target.shape().size() ? ": reshape one of them" : ""
                            : ": convert with to(DType)";
            throw new ShapeException(
                    loss
                            + " needs output and target of one shape and one floating type, got "
                            + output.spec()
                            + " and "
                            + target.spec()
                            + remedy);
        }
    }

    static void refuseSoftmax(String loss, Tensor logits) {
        Tensor x = unclipped(logits);
        boolean softmax =
                x.op() == Binary.DIV
                        && x.input(0).op() == Unary.EXP
                        && x.input(1).inputs().stream().anyMatch(sum -> sum.inputs().contains(x.input(0)));
        refuse(loss, "softmax", "softmax", softmax);
        refuse(loss, "softmax", "sigmoid", x.op() == Unary.SIGMOID);
    }

    static void refuseSigmoid(String loss, Tensor logits) {
        refuse(loss, "sigmoid", "sigmoid", unclipped(logits).op() == Unary.SIGMOID);
    }

    // Probabilities are often clipped before somebody takes their logarithm.
    private static Tensor unclipped(Tensor x) {
        Tensor inner = x;
        while (inner.op() == Binary.MIN || inner.op() == Binary.MAX || inner.op() instanceof Select) {
            inner = inner.op() instanceof Select ? inner.input(2) : inner.input(0);
        }
        return inner;
    }

    private static void refuse(String loss, String applied, String function, boolean found) {
        if (found) {
            throw new ShapeException(
                    loss
                            + " takes logits and applies "
                            + applied
                            + " itself, got the output of "
                            + function
                            + ": leave it out of the network, and apply it where probabilities are wanted");
        }
    }
}
