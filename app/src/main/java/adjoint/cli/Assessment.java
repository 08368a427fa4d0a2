package adjoint.cli;

import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.nn.Criterion;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.plan.Engine;
import adjoint.tensor.Tensor;
import adjoint.train.Answers;
import adjoint.train.ConfusionMatrix;
import adjoint.train.Metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// How a network does on a test set, in detail.
///
/// @param results `test.loss` and metrics
/// @param matrix which class was taken for which; of no classes where numbers are predicted
/// @param mistakes the worst, the most certain first
record Assessment(SequencedMap<String, Double> results, ConfusionMatrix matrix, List<Mistake> mistakes) {
    private static final int MISTAKES = 30;

    /// An example that was taken for what it is not.
    ///
    /// @param values its input
    /// @param shape their shape
    /// @param certainty the probability of the wrong class
    record Mistake(float[] values, int[] shape, int actual, int predicted, double certainty) {}

    /// Of a network that tells these classes, or predicts a number where there are none.
    static Assessment of(Layer model, Batches test, List<String> classes, Criterion criterion, Engine engine) {
        List<Metric> metrics =
                classes.isEmpty()
                        ? List.of(Metric.r2())
                        : List.of(Metric.accuracy(), Metric.precision(), Metric.recall(), Metric.f1());
        return of(model, test, classes, metrics, criterion, engine);
    }

    /// By these metrics.
    static Assessment of(
            Layer model, Batches test, List<String> classes, List<Metric> metrics, Criterion criterion, Engine engine) {
        boolean classifies = !classes.isEmpty();
        var matrix = new ConfusionMatrix(classes.size());
        List<Mistake> mistakes = new ArrayList<>();
        List<Metric.Tally> tallies = metrics.stream().map(Metric::tally).toList();
        double loss = 0;
        for (Batch batch : test) {
            Tensor output = model.apply(batch.x(), Pass.inference());
            Tensor error = criterion.of(output, batch.y());
            engine.evaluate(output, error);
            loss += error.item() * batch.size() / test.size();
            tallies.forEach(t -> t.add(output, batch.y()));
            if (classifies) {
                Answers answers = Answers.of(output, batch.y());
                matrix.add(answers.actual(), answers.predicted());
                collect(answers, batch, mistakes);
            }
        }
        SequencedMap<String, Double> results = new LinkedHashMap<>();
        results.put("test.loss", loss);
        for (int i = 0; i < metrics.size(); i++) {
            results.put("test." + metrics.get(i).name(), tallies.get(i).value());
        }
        return new Assessment(results, matrix, List.copyOf(mistakes));
    }

    private static void collect(Answers answers, Batch batch, List<Mistake> mistakes) {
        int[] dims = batch.x().shape().dims();
        int[] shape = java.util.Arrays.copyOfRange(dims, 1, dims.length);
        float[] all = batch.x().toFloats();
        int width = all.length / batch.size();
        for (int i = 0; i < answers.size(); i++) {
            int predicted = answers.predicted()[i];
            if (predicted != answers.actual()[i]) {
                float[] values = java.util.Arrays.copyOfRange(all, i * width, (i + 1) * width);
                mistakes.add(
                        new Mistake(values, shape, answers.actual()[i], predicted, answers.probability(i, predicted)));
            }
        }
        mistakes.sort(Comparator.comparingDouble(Mistake::certainty).reversed());
        if (mistakes.size() > MISTAKES) {
            mistakes.subList(MISTAKES, mistakes.size()).clear();
        }
    }
}
