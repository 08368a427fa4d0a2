package adjoint.train;

import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Loss and metrics over the batches of an epoch.
final class Scores {
    private final List<Metric> metrics;
    private final List<Metric.Tally> tallies = new ArrayList<>();
    private double loss;
    private long examples;

    Scores(List<Metric> metrics) {
        this.metrics = metrics;
        metrics.forEach(m -> tallies.add(m.tally()));
    }

    void add(Tensor meanLoss, Tensor output, Tensor target) {
        int size = target.dim(0);
        loss += meanLoss.item() * size;
        examples += size;
        tallies.forEach(t -> t.add(output, target));
    }

    SequencedMap<String, Double> values(String prefix) {
        var values = new LinkedHashMap<String, Double>();
        values.put(prefix + "loss", loss / examples);
        for (int i = 0; i < metrics.size(); i++) {
            values.put(prefix + metrics.get(i).name(), tallies.get(i).value());
        }
        return values;
    }
}
