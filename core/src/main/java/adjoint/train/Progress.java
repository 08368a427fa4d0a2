package adjoint.train;

import adjoint.nn.Layer;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/// The epochs of a training so far: which was best, whether to go on, and what of it lies on disk.
final class Progress {
    private final Layer model;
    private final List<Metric> metrics;
    private final Optional<EarlyStopping> earlyStopping;
    private final Optional<RunFolder> folder;
    private final SequencedMap<String, Object> facts;
    private final Consumer<TrainingEvent> listener;
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final List<Epoch> history = new ArrayList<>();
    private int best;
    private int bestStopping; // the epoch with the best value of the early stopping's metric
    private Optional<String> stopped = Optional.empty();

    Progress(
            Layer model,
            List<Metric> metrics,
            Optional<EarlyStopping> earlyStopping,
            Optional<RunFolder> folder,
            SequencedMap<String, Object> facts,
            Consumer<TrainingEvent> listener) {
        this.model = model;
        this.metrics = metrics;
        this.earlyStopping = earlyStopping;
        this.folder = folder;
        this.facts = facts;
        this.listener = listener;
    }

    boolean stopped() {
        return stopped.isPresent();
    }

    private static String judge(Epoch epoch, List<Metric> metrics) {
        String part = epoch.metrics().containsKey("test.loss") ? "test." : "train.";
        return part + (metrics.isEmpty() ? "loss" : metrics.getFirst().name());
    }

    private boolean higherIsBetter(String metric) {
        return metrics.stream().anyMatch(m -> metric.endsWith("." + m.name()) && m.higherIsBetter());
    }

    // Whether a later epoch is better, not just as good. What is no number is never better than a number.
    private boolean improves(Epoch epoch, int before, String metric) {
        double now = value(epoch, metric);
        double then = before == 0 ? Double.NaN : value(history.get(before - 1), metric);
        if (Double.isNaN(now) || Double.isNaN(then)) {
            return before == 0 || !Double.isNaN(now);
        }
        return higherIsBetter(metric) ? now > then : now < then;
    }

    // Of epochs that are equally good, the one with the lower loss.
    private boolean isBest(Epoch epoch, String metric) {
        boolean tie = best > 0 && value(epoch, metric) == value(history.get(best - 1), metric);
        return improves(epoch, best, tie ? metric.replaceFirst("\\..*", ".loss") : metric);
    }

    private static double value(Epoch epoch, String metric) {
        return epoch.metrics().get(metric);
    }

    void add(Epoch epoch) {
        String metric = judge(epoch, metrics);
        boolean better = isBest(epoch, metric);
        Optional<String> watched = earlyStopping.map(EarlyStopping::metric);
        boolean hopeful = watched.isPresent() && improves(epoch, bestStopping, watched.get());
        history.add(epoch);
        best = better ? epoch.number() : best;
        bestStopping = hopeful ? epoch.number() : bestStopping;
        if (watched.isPresent() && epoch.number() - bestStopping >= earlyStopping.get().patience()) {
            stopped = Optional.of(watched.get() + " did not improve for " + earlyStopping.get().patience() + " epochs");
        }
        folder.ifPresent(f -> {
            if (epoch.number() == 1) {
                f.clear();
            }
            f.weights(RunFolder.LAST, model.parameters());
            if (better) {
                f.weights(RunFolder.BEST, model.parameters());
            }
            save(f, "running");
        });
        listener.accept(new TrainingEvent.EpochDone(epoch));
        if (better) {
            listener.accept(new TrainingEvent.Best(epoch.number(), metric, epoch.metrics().get(metric)));
        }
        stopped.ifPresent(reason -> listener.accept(new TrainingEvent.Stopped(epoch.number(), reason)));
    }

    Run finish(long examples) {
        folder.ifPresent(f -> {
            save(f, stopped.map(s -> "stopped: " + s).orElse("finished"));
            f.close();
        });
        var run =
                new Run(
                        history,
                        best,
                        judge(history.getFirst(), metrics),
                        stopped,
                        folder.map(RunFolder::path),
                        model.parameterCount(),
                        examples);
        listener.accept(new TrainingEvent.Finished(run.folder(), run.results()));
        return run;
    }

    // Says so in what was saved; leaves no empty folder behind.
    void fail(Throwable reason) {
        if (history.isEmpty()) {
            folder.ifPresent(RunFolder::abandon);
        } else {
            try {
                boolean interrupted = reason instanceof CancellationException;
                folder.ifPresent(f -> save(f, interrupted ? "interrupted" : "failed: " + reason.getMessage()));
            } catch (RuntimeException e) {
                reason.addSuppressed(e);
            }
            folder.ifPresent(RunFolder::close);
        }
    }

    private void save(RunFolder f, String state) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("state", state);
        all.put("started", started.toString());
        all.putAll(facts);
        all.put("parameters", model.parameterCount());
        all.put("results", new LinkedHashMap<>(history.get(best - 1).metrics()));
        all.put("bestEpoch", best);
        all.put("history", history);
        f.record(all);
    }
}
