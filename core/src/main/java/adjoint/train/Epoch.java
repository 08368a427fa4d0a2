package adjoint.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What one epoch gave.
///
/// @param number from 1
/// @param steps done in the whole training when it ended
/// @param seconds it took, testing included
/// @param trainSeconds the steps alone took
/// @param metrics by name: `train.loss`, `test.loss`, `test.accuracy` …
public record Epoch(int number, long steps, double seconds, double trainSeconds, SequencedMap<String, Double> metrics) {
    /// Copies the map.
    public Epoch {
        metrics = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metrics));
    }
}
