package adjoint.nn;

import static adjoint.nn.LayerTest.refused;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.grad.Gradients;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.function.DoubleBinaryOperator;

/// The losses against plain loops that follow PyTorch's documentation.
class LossTest {
    private static final double[][] X = {{0.5, -1.2, 2.0}, {1.5, 0.3, -0.7}, {-2.0, 0.1, 0.4}, {0.0, 3.0, -1.0}};
    private static final int[] LABELS = {2, 0, 1, 1};
    private static final double[] WEIGHTS = {1, 2, 0.5};
    private static final Tensor LOGITS = matrix(X);

    private static Tensor matrix(double[][] rows) {
        return Tensor.of(
                java.util.Arrays.stream(rows).flatMapToDouble(java.util.Arrays::stream).toArray(),
                rows.length,
                rows[0].length);
    }

    private static Tensor labels(int... labels) {
        return Tensor.of(labels, labels.length);
    }

    private static double logSoftmax(double[] row, int c) {
        double sum = 0;
        for (double v : row) {
            sum += Math.exp(v);
        }
        return row[c] - Math.log(sum);
    }

    private static double crossEntropy(int[] labels, double[] weights, double smoothing, int ignored) {
        double loss = 0;
        double count = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == ignored) {
                continue;
            }
            double w = weights[labels[i]];
            double all = 0;
            for (int c = 0; c < 3; c++) {
                all -= weights[c] * logSoftmax(X[i], c);
            }
            loss += (1 - smoothing) * -w * logSoftmax(X[i], labels[i]) + smoothing / 3 * all;
            count += w;
        }
        return loss / count;
    }

    @Test
    void crossEntropyOfLabels() {
        double[] same = {1, 1, 1};
        var ce = new CrossEntropy();
        var weighted = ce.weights(1, 2, 0.5f);
        Tensor y = labels(LABELS);
        assertEquals(crossEntropy(LABELS, same, 0, -1), Loss.crossEntropy(LOGITS, y).item(), 1e-14);
        assertEquals(crossEntropy(LABELS, WEIGHTS, 0, -1), weighted.of(LOGITS, y).item(), 1e-14);
        assertEquals(crossEntropy(LABELS, same, 0.1, -1), ce.labelSmoothing(0.1).of(LOGITS, y).item(), 1e-14);
        assertEquals(crossEntropy(LABELS, WEIGHTS, 0.1, -1), weighted.labelSmoothing(0.1).of(LOGITS, y).item(), 1e-14);
        int[] some = {2, -100, 1, -100};
        assertEquals(crossEntropy(some, same, 0, -100), ce.ignoreLabel(-100).of(LOGITS, labels(some)).item(), 1e-14);
        var all = weighted.labelSmoothing(0.1).ignoreLabel(-100);
        assertEquals(crossEntropy(some, WEIGHTS, 0.1, -100), all.of(LOGITS, labels(some)).item(), 1e-14);
        double[] each = ce.reduction(Reduction.NONE).of(LOGITS, y).toDoubles();
        assertEquals(-logSoftmax(X[3], 1), each[3], 1e-14);
        double sum = java.util.Arrays.stream(each).sum();
        assertEquals(sum, ce.reduction(Reduction.SUM).of(LOGITS, y).item(), 1e-13);
        assertEquals(sum / 4, ce.reduction(Reduction.BATCH_MEAN).of(LOGITS, y).item(), 1e-13);
        Tensor images = LOGITS.reshape(2, 2, 3); // [B, T, C]
        Tensor longs = Tensor.of(new long[] {2, 0, 1, 1}, 2, 2);
        assertEquals(sum / 4, Loss.crossEntropy(images, longs).item(), 1e-13);
        assertEquals(each[0], Loss.crossEntropy(LOGITS.get(0), Tensor.of(new int[] {2}).reshape()).item(), 1e-14);
    }

    @Test
    void crossEntropyOfProbabilities() {
        double[][] p = {{0.2, 0.3, 0.5}, {1, 0, 0}, {0, 0.5, 0.5}, {0.1, 0.8, 0.1}};
        double plain = 0;
        double full = 0;
        for (int i = 0; i < 4; i++) {
            for (int c = 0; c < 3; c++) {
                plain -= p[i][c] * logSoftmax(X[i], c) / 4;
                full -= WEIGHTS[c] * (0.9 * p[i][c] + 0.1 / 3) * logSoftmax(X[i], c) / 4;
            }
        }
        assertEquals(plain, Loss.crossEntropy(LOGITS, matrix(p)).item(), 1e-14);
        var ce = new CrossEntropy().weights(1, 2, 0.5f).labelSmoothing(0.1);
        assertEquals(full, ce.of(LOGITS, matrix(p)).item(), 1e-14);
    }

    @Test
    void labelsOutsideTheClassesCannotPassUnseen() {
        assertTrue(Double.isNaN(Loss.crossEntropy(LOGITS, labels(2, 0, 3, 1)).item()));
        assertTrue(Double.isNaN(Loss.crossEntropy(LOGITS, labels(2, 0, -1, 1)).item()));
        assertTrue(Double.isNaN(Loss.negativeLogLikelihood(LOGITS, labels(2, 0, 3, 1)).item()));
        Loss.checkLabels(new int[] {0, 9}, 10);
        String remedy = ": give the network more outputs, or correct the labels";
        refused(
                "label 10 at position 1 does not lie in 0 to 9" + remedy,
                () -> Loss.checkLabels(new int[] {0, 10}, 10));
        refused("label -1 at position 0 does not lie in 0 to 9" + remedy, () -> Loss.checkLabels(new int[] {-1}, 10));
    }

    @Test
    void extremeLogitsStayFinite() {
        Tensor x = Tensor.of(new float[] {1e4f, -1e4f, 0, Float.NEGATIVE_INFINITY, 5, 5}, 2, 3);
        Tensor loss = Loss.crossEntropy(x, labels(1, 2));
        assertEquals((2e4 + Math.log(2)) / 2, loss.item(), 1e-2);
        Tensor far = Tensor.of(new float[] {200, -200, 20, -20, 0}, 5);
        Tensor yes = Tensor.of(new float[] {1, 0, 1, 0, 1}, 5);
        float[] bce = new BinaryCrossEntropy().reduction(Reduction.NONE).of(far, yes).toFloats();
        assertEquals(2.06e-9, bce[2], 1e-11);
        assertEquals(2.06e-9, bce[3], 1e-11);
        assertEquals(Math.log(2), bce[4], 1e-6);
        float[] g = Gradients.of(Loss.binaryCrossEntropy(far, yes), far).toFloats();
        assertEquals(-0.1f, g[4], 1e-6, "at 0 too: (σ(0) - 1) / 5");
        assertEquals(0, g[0], 1e-9);
    }

    private static double mean(double[] x, double[] t, DoubleBinaryOperator f) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += f.applyAsDouble(x[i], t[i]) / x.length;
        }
        return sum;
    }

    private static void check(Criterion criterion, double[] x, double[] t, DoubleBinaryOperator f) {
        assertEquals(mean(x, t, f), criterion.of(Tensor.of(x, x.length), Tensor.of(t, t.length)).item(), 1e-7);
    }

    @Test
    void pointwiseAgainstLoops() {
        double[] x = {0.3, -1.5, 2.5, 0.9, -0.2};
        double[] t = {0.5, 1.0, 0.0, 0.7, 1.0};
        double[] signs = {1, -1, -1, 1, -1};
        double[] rates = {0.3, 1.5, 2.5, 0.9, 0.2};
        double[] counts = {0, 3, 1, 2, 0};
        check(Loss::meanSquaredError, x, t, (a, b) -> (a - b) * (a - b));
        check(Loss::meanAbsoluteError, x, t, (a, b) -> Math.abs(a - b));
        check(Loss::huber, x, t, (a, b) -> huber(a - b, 1));
        check(Pointwise.huber(0.3), x, t, (a, b) -> huber(a - b, 0.3));
        check(Loss::smoothL1, x, t, (a, b) -> huber(a - b, 1));
        check(Pointwise.smoothL1(0.3), x, t, (a, b) -> huber(a - b, 0.3) / 0.3);
        check(Loss::klDivergence, x, t, (a, b) -> b == 0 ? 0 : b * (Math.log(b) - a));
        check(Loss::hinge, x, signs, (a, b) -> Math.max(0, 1 - a * b));
        check(Loss::poisson, x, counts, (a, b) -> Math.exp(a) - a * b);
        check(Pointwise.poissonOfRate(), rates, counts, (a, b) -> a - b * Math.log(a + 1e-8));
        check(Loss::binaryCrossEntropy, x, t, (a, b) -> binary(a, b, 1));
        check(new BinaryCrossEntropy().positiveWeight(3), x, t, (a, b) -> binary(a, b, 3));
    }

    private static double huber(double d, double delta) {
        return Math.abs(d) <= delta ? d * d / 2 : delta * (Math.abs(d) - delta / 2);
    }

    private static double binary(double x, double t, double weight) {
        double p = 1 / (1 + Math.exp(-x));
        return -weight * t * Math.log(p) - (1 - t) * Math.log(1 - p);
    }

    @Test
    void classLossesAgainstLoops() {
        double margin = 0;
        double squared = 0;
        double nll = 0;
        for (int i = 0; i < 4; i++) {
            nll -= X[i][LABELS[i]] / 4;
            for (int c = 0; c < 3; c++) {
                double lack = c == LABELS[i] ? 0 : Math.max(0, 1 - X[i][LABELS[i]] + X[i][c]);
                margin += lack / 3 / 4;
                squared += lack * lack / 3;
            }
        }
        Tensor y = labels(LABELS);
        assertEquals(nll, Loss.negativeLogLikelihood(LOGITS, y).item(), 1e-14);
        assertEquals(
                Loss.crossEntropy(LOGITS, y).item(),
                Loss.negativeLogLikelihood(LOGITS.logSoftmax(-1), y).item(),
                1e-14);
        assertEquals(margin, Loss.multiClassMargin(LOGITS, y).item(), 1e-14);
        assertEquals(squared, new MultiClassMargin(1, 2, Reduction.SUM).of(LOGITS, y).item(), 1e-13);
        var ignoring = new NegativeLogLikelihood().weights(1, 2, 0.5f).ignoreLabel(0);
        double expected = -(0.5 * X[0][2] + 2 * X[2][1] + 2 * X[3][1]) / 4.5;
        assertEquals(expected, ignoring.of(LOGITS, y).item(), 1e-14);
        assertEquals(-X[1][0], new NegativeLogLikelihood().reduction(Reduction.NONE).of(LOGITS, y).toDoubles()[1]);
    }

    @Test
    void pairsAgainstLoops() {
        Tensor a = matrix(new double[][] {{1, 0}, {1, 1}, {0, 0}});
        Tensor b = matrix(new double[][] {{2, 0}, {0, 3}, {1, 1}});
        double[] cos = {1, Math.sqrt(0.5), 0};
        assertArrayEquals(cos, Loss.cosineSimilarity(a, b).toDoubles(), 1e-9);
        assertEquals((0 + 1 - Math.sqrt(0.5) + 1) / 3, Loss.cosineDistance(a, b).item(), 1e-9);
        Tensor label = Tensor.of(new double[] {-1, -1, 1}, 3);
        double[] each = new CosineEmbedding(0.2, Reduction.NONE).of(a, b, label).toDoubles();
        assertArrayEquals(new double[] {0.8, Math.sqrt(0.5) - 0.2, 1}, each, 1e-9);
        Tensor v = matrix(new double[][] {{0.5, 2}, {1, 1}, {0, 4}});
        double[] nll = new GaussianNll().reduction(Reduction.NONE).of(a, b, v).toDoubles();
        assertEquals((Math.log(0.5) + 1 / 0.5) / 2, nll[0], 1e-12);
        assertEquals((Math.log(4) + 1.0 / 4) / 2, nll[5], 1e-12);
        assertEquals((Math.log(1e-6) + 1 / 1e-6) / 2, nll[4], 1e-6);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Tensor x = Tensor.zeros(32, 10);
        String crossEntropy = "cross-entropy needs scores [.., C] and int labels [..], got float32 ";
        refused(
                crossEntropy + "[32, 10] and float32 [32]: convert the labels with to(DType.INT32)",
                () -> Loss.crossEntropy(x, Tensor.zeros(32)));
        refused(
                crossEntropy + "[32] and int32 [32]: the scores have no axis of classes, or the labels one too many",
                () -> Loss.crossEntropy(Tensor.zeros(32), labels(new int[32])));
        refused(
                crossEntropy + "[32, 10] and int32 [16]: give each of the 32 rows of scores one label",
                () -> Loss.crossEntropy(x, labels(new int[16])));
        refused(crossEntropy + "[] and int32 [16]", () -> Loss.crossEntropy(Tensor.scalar(1), labels(new int[16])));
        String squared =
                "squared error needs output and target of one shape and one floating type, got float32 [32, 1] and ";
        refused(
                squared + "float32 [32]: reshape one of them",
                () -> Loss.meanSquaredError(Tensor.zeros(32, 1), Tensor.zeros(32)));
        refused(squared + "float32 [1, 1]", () -> Loss.meanSquaredError(Tensor.zeros(32, 1), Tensor.zeros(1, 1)));
        refused(
                squared + "int32 [32, 1]: convert with to(DType)",
                () -> Loss.meanSquaredError(Tensor.zeros(32, 1), Tensor.of(new int[32], 32, 1)));
        refused(
                "cross-entropy needs a weight for each of 10 classes, got [1.0, 2.0]",
                () -> new CrossEntropy().weights(1, 2).of(x, labels(new int[32])));
        refused(
                "cross-entropy needs a label smoothing in [0, 1], got 1.5",
                () -> new CrossEntropy().labelSmoothing(1.5));
        refused(
                "cross-entropy ignores the label -1, which needs int labels [..], got probabilities float32 [32, 10]",
                () -> new CrossEntropy().ignoreLabel(-1).of(x, x));
        refused(
                "binary cross-entropy needs one positive weight or 10, got 2",
                () -> new BinaryCrossEntropy().positiveWeight(1, 2).of(x, x));
        refused("huber needs a positive delta, got 0.0", () -> Pointwise.huber(0));
        refused("multi-class margin needs a power of 1 or 2, got 3", () -> new MultiClassMargin(1, 3, Reduction.MEAN));
        refused(
                "cosine embedding needs labels 1 or -1 of float32 [32], got int32 [32]",
                () -> new CosineEmbedding().of(x, x, labels(new int[32])));
        refused(
                "cosine similarity needs vectors [.., n], got scalars",
                () -> Loss.cosineSimilarity(Tensor.scalar(1), Tensor.scalar(1)));
    }

    @Test
    void softmaxBeforeCrossEntropyIsRefused() {
        Tensor x = Tensor.zeros(4, 3);
        String remedy = ": leave it out of the network, and apply it where probabilities are wanted";
        refused(
                "cross-entropy takes logits and applies softmax itself, got the output of softmax" + remedy,
                () -> Loss.crossEntropy(x.softmax(-1), labels(0, 1, 2, 0)));
        refused(
                "binary cross-entropy takes logits and applies sigmoid itself, got the output of sigmoid" + remedy,
                () -> Loss.binaryCrossEntropy(x.sigmoid(), x));
        refused(
                "cross-entropy takes logits and applies softmax itself, got the output of softmax" + remedy,
                () -> Loss.crossEntropy(x.softmax(-1).clip(1e-7, 1), labels(0, 1, 2, 0)));
        refused(
                "cross-entropy takes logits and applies softmax itself, got the output of sigmoid" + remedy,
                () -> Loss.crossEntropy(x.sigmoid().maximum(1e-7), labels(0, 1, 2, 0)));
        refused(
                "binary cross-entropy takes logits and applies sigmoid itself, got the output of sigmoid" + remedy,
                () -> Loss.binaryCrossEntropy(x.sigmoid().clip(1e-7, 1 - 1e-7), x));
        List.of(x.logSoftmax(-1), x.exp().div(2), x.div(x.exp()))
                .forEach(fine -> Loss.crossEntropy(fine, labels(0, 1, 2, 0)));
    }

    @Test
    void whatABatchCounts() {
        Tensor y = labels(0, 1, 2, 1);
        assertEquals(4, new CrossEntropy().weight(y));
        assertEquals(3, new CrossEntropy().ignoreLabel(2).weight(y));
        assertEquals(1 + 5 + 2 + 5, new CrossEntropy().weights(1, 5, 2).weight(y));
        assertEquals(11, new NegativeLogLikelihood().weights(1, 5, 2).ignoreLabel(2).weight(y));
        assertEquals(4, new CrossEntropy().ignoreLabel(2).reduction(Reduction.BATCH_MEAN).weight(y));
        assertEquals(4, Pointwise.huber(1).weight(Tensor.zeros(4, 2)));
    }

    @Test
    void elementsOfBinaryCrossEntropyCanBeWeighted() {
        Tensor x = Tensor.of(new double[] {0.5, -1, 2, 0}, 2, 2);
        Tensor t = Tensor.of(new double[] {1, 0, 0, 1}, 2, 2);
        double[] each = new BinaryCrossEntropy().reduction(Reduction.NONE).of(x, t).toDoubles();
        Tensor weights = Tensor.of(new double[] {2, 0}, 2);
        assertEquals(
                2 * (each[0] + each[2]) / 4, new BinaryCrossEntropy().elementWeights(weights).of(x, t).item(), 1e-14);
        refused(
                "binary cross-entropy needs element weights that broadcast to [2, 2], got [3, 2, 2]",
                () -> new BinaryCrossEntropy().elementWeights(Tensor.ones(3, 2, 2)).of(x, t));
    }

    @Test
    void remediesAreSaid() {
        refused(
                "cross-entropy needs scores [.., C] and int labels [..], got float32 [3, 4] and int32 [2]: give each of the"
                        + " 3 rows of scores one label",
                () -> Loss.crossEntropy(Tensor.zeros(3, 4), labels(0, 1)));
        refused(
                "Linear(6 -> 2) needs a last dimension of 6, got [4, 2, 3]: flatten it first with flatten(1)",
                () -> new Linear(6, 2, Init.seeded(1)).forward(Tensor.zeros(4, 2, 3), Pass.inference()));
    }
}
