package adjoint.train;

import adjoint.nn.Layer;
import adjoint.tensor.AdjointException;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
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
            Optional<Path> folder,
            SequencedMap<String, Object> facts,
            Consumer<TrainingEvent> listener) {
        this.model = model;
        this.metrics = metrics;
        this.earlyStopping = earlyStopping;
        this.folder = folder.map(RunFolder::prepare);
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

    // A later epoch must be better, not as good.
    private boolean improves(Epoch epoch, int before, String metric) {
        Double now = epoch.metrics().get(metric);
        if (now == null) {
            throw new AdjointException(
                    "there is no metric '" + metric + "', only " + String.join(", ", epoch.metrics().keySet()));
        }
        if (before == 0) {
            return true;
        }
        double then = history.get(before - 1).metrics().get(metric);
        return higherIsBetter(metric) ? now > then : now < then;
    }

    void add(Epoch epoch) {
        String metric = judge(epoch, metrics);
        boolean better = improves(epoch, best, metric);
        Optional<String> watched = earlyStopping.map(EarlyStopping::metric);
        boolean hopeful = watched.isPresent() && improves(epoch, bestStopping, watched.get());
        history.add(epoch);
        best = better ? epoch.number() : best;
        bestStopping = hopeful ? epoch.number() : bestStopping;
        if (watched.isPresent() && epoch.number() - bestStopping >= earlyStopping.get().patience()) {
            stopped = Optional.of(watched.get() + " did not improve for " + earlyStopping.get().patience() + " epochs");
        }
        folder.ifPresent(f -> {
            f.weights(RunFolder.LAST, model);
            if (better) {
                f.weights(RunFolder.BEST, model);
            }
            save(f, "running");
        });
        listener.accept(new TrainingEvent.EpochDone(epoch));
        if (better) {
            listener.accept(new TrainingEvent.Best(epoch.number(), metric, epoch.metrics().get(metric)));
        }
        stopped.ifPresent(reason -> listener.accept(new TrainingEvent.Stopped(epoch.number(), reason)));
    }

    Run finish(long examplesPerEpoch) {
        folder.ifPresent(f -> save(f, stopped.map(s -> "stopped: " + s).orElse("finished")));
        var run =
                new Run(
                        history,
                        best,
                        judge(history.getFirst(), metrics),
                        stopped,
                        folder.map(RunFolder::path),
                        model.parameterCount(),
                        examplesPerEpoch * history.size());
        listener.accept(new TrainingEvent.Finished(run.folder(), run.results()));
        return run;
    }

    // Says so in what was saved; leaves no empty folder behind.
    void fail(Throwable reason) {
        if (history.isEmpty()) {
            folder.ifPresent(RunFolder::abandon);
        } else {
            try {
                folder.ifPresent(f -> save(f, "failed: " + reason.getMessage()));
            } catch (RuntimeException e) {
                reason.addSuppressed(e);
            }
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
