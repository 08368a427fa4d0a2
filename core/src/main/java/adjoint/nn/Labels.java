package adjoint.nn;

import adjoint.kernel.DType;
import adjoint.tensor.Iota;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/// Integer labels beside scores `[…, C]`: what the losses of classification share.
///
/// A comparison with 0 … C-1 and a masked sum take the label's score: they fuse with what stands around them, where a
/// gather would cost a scatter on the way back.
///
/// @param label int `[…]`
/// @param hot bool `[…, C]`, true at the label
record Labels(Tensor label, Tensor hot) {
    private static final int EXACT = 1 << 24;

    static Labels of(String loss, Tensor scores, Tensor label) {
        boolean fits =
                label.type().isInteger()
                        && scores.type().isFloating()
                        && scores.shape().rank() > 0
                        && label.shape().equals(scores.shape().without(-1));
        if (!fits) {
            throw new ShapeException(
                    loss
                            + " needs scores [.., C] and int labels [..], got "
                            + scores.spec()
                            + " and "
                            + label.spec()
                            + remedy(scores, label));
        }
        // As floats, which fuse with the scores: exact for so few classes, and a label beyond is none of them.
        DType type = scores.dim(-1) < EXACT ? scores.type() : label.type();
        Tensor classes = Tensor.apply(new Iota(Shape.of(scores.dim(-1)), type, 0));
        return new Labels(label, label.to(type).unsqueeze(-1).eq(classes)); // [.., 1] = [C] -> [.., C]
    }

    private static String remedy(Tensor scores, Tensor label) {
        if (scores.shape().rank() > 0 && label.shape().equals(scores.shape().without(-1))) {
            return ": convert the labels with to(DType.INT32)";
        }
        if (scores.shape().equals(label.shape())) {
            return ": the scores have no axis of classes, or the labels one too many";
        }
        boolean rows = scores.shape().rank() == 2 && label.shape().rank() == 1;
        return rows ? ": give each of the " + scores.dim(0) + " rows of scores one label" : "";
    }

    /// The label's score, from `[…, C]` or `[C]`: `[…]`.
    Tensor take(Tensor scores) {
        return Tensor.where(hot, scores, scores.zerosLike()).sum(-1);
    }

    /// Class weights as a tensor `[C]` of the type of the scores.
    static Optional<Tensor> weights(String loss, Optional<Tensor> weights, Tensor scores) {
        return weights.map(w -> {
            if (!w.shape().equals(Shape.of(scores.dim(-1)))) {
                throw new ShapeException(
                        loss
                                + " needs a weight for each of "
                                + scores.dim(-1)
                                + " classes, got "
                                + Arrays.toString(w.toFloats()));
            }
            return w.to(scores.type());
        });
    }

    /// What the mean of [#reduce] divides by: the weights of the labels that count, added up.
    static double weight(Tensor target, Optional<Tensor> weights, OptionalLong ignored) {
        float[] each = weights.map(Tensor::toFloats).orElse(new float[0]);
        double sum = 0;
        for (double label : target.toDoubles()) {
            boolean counts = ignored.isEmpty() || label != ignored.getAsLong();
            boolean weighted = label >= 0 && label < each.length;
            sum += counts ? weighted ? each[(int) label] : 1 : 0;
        }
        return sum;
    }

    /// Reduces losses `[…]`, weighted already. Labels outside the classes give NaN, so that they cannot pass unseen;
    /// ignored ones give 0 and do not count. The mean is over the weights of those that count.
    Tensor reduce(Tensor losses, Optional<Tensor> weights, OptionalLong ignored, Reduction reduction) {
        Tensor classes = Tensor.full(label.type(), hot.dim(-1));
        Tensor valid = label.ge(0).and(label.lt(classes));
        Tensor checked = Tensor.where(valid, losses, Tensor.full(losses.type(), Double.NaN));
        if (weights.isEmpty() && ignored.isEmpty()) {
            return reduction.of(checked);
        }
        Tensor weight = weights.map(this::take).orElseGet(losses::onesLike);
        if (ignored.isPresent()) {
            Tensor counted = label.ne(ignored.getAsLong());
            checked = Tensor.where(counted, checked, checked.zerosLike());
            weight = Tensor.where(counted, weight, weight.zerosLike());
        }
        return reduction == Reduction.MEAN ? checked.sum().div(weight.sum()) : reduction.of(checked);
    }
}
