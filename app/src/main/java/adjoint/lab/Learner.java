package adjoint.lab;

import adjoint.chart.Chart;
import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.data.Dataset;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.optim.Optimizer;
import adjoint.optim.Rule;
import adjoint.plan.Engine;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.train.Metric;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Trains a network for a number of steps and tests it every so often.
///
/// @param train in the order in which it is read, epoch after epoch
/// @param test all of it, each time
/// @param steps at most
/// @param every after how many steps to test
/// @param goal where to stop: this test accuracy; above 1 for never
/// @param seed of what is random in the passes
/// @param engine computes
record Learner(Batches train, Dataset test, int steps, int every, double goal, long seed, Engine engine) {
    private static final int TEST_BATCH = 500;

    /// One test.
    ///
    /// @param step after how many steps
    /// @param loss the mean over the batches since the last test; NaN or infinite once the training has gone astray
    /// @param accuracy on the test examples
    record Point(int step, double loss, double accuracy) {}

    /// The course of a training.
    ///
    /// @param points the tests in order; none before the first step
    /// @param seconds without the tests
    /// @param first of them those of the first step, in which everything is planned
    record Course(List<Point> points, double seconds, double first) {
        /// The seconds of each step behind the first, in the mean.
        double each() {
            return (seconds - first) / Math.max(1, points.getLast().step() - 1);
        }

        /// After how many steps a test first gave this accuracy or more.
        OptionalInt stepsTo(double accuracy) {
            return points.stream().filter(p -> p.accuracy >= accuracy).mapToInt(Point::step).findFirst();
        }

        double best() {
            return points.stream().mapToDouble(Point::accuracy).max().orElse(0);
        }

        double last() {
            return points.isEmpty() ? 0 : points.getLast().accuracy;
        }

        double[] steps() {
            return points.stream().mapToDouble(Point::step).toArray();
        }

        /// Test accuracy by steps.
        Chart.Line line(String title, int number) {
            return Chart.Line.of(title, number, steps(), accuracies());
        }

        double[] accuracies() {
            return points.stream().mapToDouble(Point::accuracy).toArray();
        }
    }

    Course run(Layer model, Rule rule) {
        return run(model, rule, optimizer -> optimizer, point -> {});
    }

    /// @param change the optimizer's options
    /// @param watch told each test
    Course run(Layer model, Rule rule, UnaryOperator<Optimizer> change, Consumer<Point> watch) {
        var optimizer = change.apply(new Optimizer(rule, model.parameters()).on(engine));
        RandomKey key = RandomKey.of(seed);
        List<Point> points = new ArrayList<>();
        double seconds = 0;
        double first = 0;
        double losses = 0;
        int counted = 0;
        int step = 0;
        for (int epoch = 0; step < steps; epoch++) {
            for (Batch batch : train.epoch(epoch)) {
                long start = System.nanoTime();
                Pass pass = Pass.training(key.fold(step));
                Tensor loss = Loss.crossEntropy(model.apply(batch.x(), pass), batch.y());
                optimizer.step(loss, pass.updates());
                seconds += (System.nanoTime() - start) / 1e9;
                first = step == 0 ? seconds : first;
                losses += loss.item();
                counted++;
                step++;
                boolean astray = !Double.isFinite(losses);
                if (step % every == 0 || step == steps || astray) {
                    points.add(new Point(step, losses / counted, astray ? 0 : accuracy(model)));
                    watch.accept(points.getLast());
                    losses = 0;
                    counted = 0;
                }
                if (step == steps || astray || !points.isEmpty() && points.getLast().accuracy >= goal) {
                    return new Course(List.copyOf(points), seconds, first);
                }
            }
        }
        return new Course(List.copyOf(points), seconds, first);
    }

    double accuracy(Layer model) {
        Metric.Tally tally = Metric.accuracy().tally();
        for (Batch batch : test.batched(TEST_BATCH)) {
            Tensor logits = model.apply(batch.x(), Pass.inference());
            engine.evaluate(logits);
            tally.add(logits, batch.y());
        }
        return tally.value();
    }
}
