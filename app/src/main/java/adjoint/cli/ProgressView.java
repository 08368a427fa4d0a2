package adjoint.cli;

import adjoint.train.Epoch;
import adjoint.train.TrainingEvent;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// Shows a training while it runs: a bar where someone watches, and a line for each epoch.
final class ProgressView implements Consumer<TrainingEvent>, AutoCloseable {
    private static final double SMOOTHING = 0.05;
    private static final int REFRESH_MILLIS = 200;
    private static final int MOST_LINES = 20; // of a long training

    private final PrintWriter out;
    private final Consumer<String> warnings;
    private final String metric;
    private final boolean terminal = Machine.isTerminal();
    private Optional<ProgressBar> bar = Optional.empty();
    private TrainingEvent.Started plan = new TrainingEvent.Started(0, 0, 0);
    private int epoch;
    private double loss;

    /// @param metric the name of the one that is shown
    /// @param warnings where they go
    ProgressView(PrintWriter out, Consumer<String> warnings, String metric) {
        this.out = out;
        this.warnings = warnings;
        this.metric = metric;
    }

    @Override
    public void accept(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Started s -> plan = s;
            case TrainingEvent.StepDone s -> step(s);
            case TrainingEvent.EpochDone e -> epoch(e.epoch());
            case TrainingEvent.Warned w -> warn(w.message());
            case TrainingEvent.FlowMeasured _,
                    TrainingEvent.Best _,
                    TrainingEvent.Stopped _,
                    TrainingEvent.Finished _ -> {}
        }
    }

    private void warn(String message) {
        close();
        warnings.accept(message);
    }

    private void step(TrainingEvent.StepDone s) {
        if (s.epoch() != epoch) {
            epoch = s.epoch();
            bar = terminal ? Optional.of(newBar()) : Optional.empty();
        }
        loss = s.step() == 1 ? s.loss() : loss + SMOOTHING * (s.loss() - loss);
        bar.ifPresent(b -> {
            b.stepBy(s.examples());
            b.setExtraMessage(String.format(Locale.ROOT, "loss %.4f", loss));
        });
    }

    private ProgressBar newBar() {
        return new ProgressBarBuilder()
                .setTaskName("epoch " + epoch + "/" + plan.epochs())
                .setInitialMax(plan.examplesPerEpoch())
                .setStyle(ProgressBarStyle.COLORFUL_UNICODE_BLOCK)
                .setUpdateIntervalMillis(REFRESH_MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(System.out))
                .clearDisplayOnFinish()
                .build();
    }

    private void epoch(Epoch e) {
        close();
        var m = e.metrics();
        String name = "test." + metric;
        if (e.number() % Math.ceilDiv(plan.epochs(), MOST_LINES) != 0 && e.number() < plan.epochs()) {
            return;
        }
        out.println(
                String.format(
                        Locale.ROOT,
                        "epoch %d/%d: train loss %.4f, test loss %.4f, test %s %.4f, %.1f s, %,.0f samples/s",
                        e.number(),
                        plan.epochs(),
                        m.get("train.loss"),
                        m.get("test.loss"),
                        metric,
                        m.get(name),
                        e.seconds(),
                        plan.examplesPerEpoch() / e.trainSeconds()));
        out.flush();
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
        bar = Optional.empty();
    }
}
