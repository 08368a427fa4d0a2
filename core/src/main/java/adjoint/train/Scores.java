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
    private double weight;

    Scores(List<Metric> metrics) {
        this.metrics = metrics;
        metrics.forEach(m -> tallies.add(m.tally()));
    }

    /// @param share how much the batch counts beside others
    void add(Tensor meanLoss, double share, Tensor output, Tensor target) {
        loss += share == 0 ? 0 : meanLoss.item() * share;
        weight += share;
        tallies.forEach(t -> t.add(output, target));
    }

    SequencedMap<String, Double> values(String prefix) {
        var values = new LinkedHashMap<String, Double>();
        values.put(prefix + "loss", loss / weight);
        for (int i = 0; i < metrics.size(); i++) {
            values.put(prefix + metrics.get(i).name(), tallies.get(i).value());
        }
        return values;
    }
}
