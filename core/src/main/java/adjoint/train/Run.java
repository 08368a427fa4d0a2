package adjoint.train;

import adjoint.tensor.AdjointException;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What a training gave.
///
/// @param history of all epochs, in order
/// @param bestEpoch the number of the best one
/// @param judgedBy the metric that says which one is best
/// @param stopped why it ended before its last epoch, if it did
/// @param folder where weights and `run.json` lie, if they were saved
/// @param parameters how many numbers were trained
/// @param examples how many examples the steps went through
public record Run(
        List<Epoch> history,
        int bestEpoch,
        String judgedBy,
        Optional<String> stopped,
        Optional<Path> folder,
        long parameters,
        long examples) {
    /// Copies the list.
    public Run {
        history = List.copyOf(history);
    }

    /// A metric of the best epoch: `best("test.accuracy")`.
    ///
    /// @throws AdjointException if there is no such metric; the message names those there are
    public double best(String metric) {
        return value(history.get(bestEpoch - 1), metric);
    }

    /// A metric of the last epoch.
    ///
    /// @throws AdjointException if there is no such metric; the message names those there are
    public double last(String metric) {
        return value(history.getLast(), metric);
    }

    private static double value(Epoch epoch, String metric) {
        Double value = epoch.metrics().get(metric);
        if (value == null) {
            throw new AdjointException(
                    "there is no metric '" + metric + "', only " + String.join(", ", epoch.metrics().keySet()));
        }
        return value;
    }

    /// All metrics of the best epoch.
    public SequencedMap<String, Double> results() {
        return history.get(bestEpoch - 1).metrics();
    }

    /// Steps done.
    public long steps() {
        return history.getLast().steps();
    }

    /// Seconds it took, testing included.
    public double seconds() {
        return history.stream().mapToDouble(Epoch::seconds).sum();
    }

    /// Examples a second while training, without testing.
    public double samplesPerSecond() {
        return examples / history.stream().mapToDouble(Epoch::trainSeconds).sum();
    }

    /// A line for each epoch; the best one is marked.
    public String summary() {
        var names = new LinkedHashMap<String, Integer>();
        history.getFirst().metrics().keySet().forEach(n -> names.put(n, Math.max(n.length(), 10)));
        var text = new StringBuilder(String.format(Locale.ROOT, "%5s %8s", "epoch", "seconds"));
        names.forEach((name, width) -> text.append(String.format(Locale.ROOT, "  %" + width + "s", name)));
        for (Epoch e : history) {
            text.append(String.format(Locale.ROOT, "%n%5d %8.1f", e.number(), e.seconds()));
            for (Map.Entry<String, Integer> n : names.entrySet()) {
                text.append(String.format(Locale.ROOT, "  %" + n.getValue() + ".4f", e.metrics().get(n.getKey())));
            }
            text.append(e.number() == bestEpoch ? "  best" : "");
        }
        stopped.ifPresent(reason -> text.append(String.format("%nstopped: %s", reason)));
        return text.toString();
    }
}
