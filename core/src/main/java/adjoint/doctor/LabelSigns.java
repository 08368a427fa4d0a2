package adjoint.doctor;

import adjoint.data.Batch;
import adjoint.data.Dataset;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Whether labels belong to their inputs: whether who looks alike has the same label more often than by chance.
final class LabelSigns {
    private static final int EXAMPLES = 1500;
    private static final int FEWEST = 150;
    private static final int VALUES = 6_000_000; // of all examples together; fewer examples where each is large
    private static final double SURE = 2.5; // standard deviations above chance

    private LabelSigns() {}

    static Optional<Finding> shuffled(Patient patient, Course course) {
        Dataset data = patient.batches().data();
        if (data.size() < FEWEST || data.classes().isEmpty() && data.label(0) < 0 || learnt(course)) {
            return Optional.empty();
        }
        int[] picked = Dataset.shuffledIndices(data.size(), patient.seed(), 0);
        int width = Arrays.stream(data.exampleShape()).reduce(1, Math::multiplyExact);
        int examples = Math.clamp(VALUES / Math.max(1, width), FEWEST, EXAMPLES);
        Batch sample = data.batch(Arrays.copyOf(picked, Math.min(examples, picked.length)));
        if (sample.y().shape().rank() != 1 || !sample.y().type().isInteger() || !sample.x().type().isFloating()) {
            return Optional.empty();
        }
        int[] labels = Arrays.stream(sample.y().toDoubles()).mapToInt(v -> (int) v).toArray();
        double chance = chance(labels);
        if (chance > 0.95) {
            return Optional.empty(); // hardly more than one class
        }
        double deviation = Math.sqrt(chance * (1 - chance) / labels.length);
        double alike = alike(sample.x(), labels);
        return alike > chance + SURE * deviation
                ? Optional.empty()
                : Optional.of(
                        new Finding(
                                Ailment.SHUFFLED_LABELS,
                                "",
                                FlowSigns.format(
                                        "of %,d examples, %.1f %% have the label of the one that looks most like them,"
                                                + " where chance gives %.1f %%; and the network does not get better than"
                                                + " chance either",
                                        labels.length, 100 * alike, 100 * chance),
                                "Look whether inputs and labels are in the same order: both must be shuffled, sorted and"
                                        + " filtered together. If they are, looks do not tell the class here, and more"
                                        + " steps are needed (--steps, examine(patient, steps)) to see it learn"));
    }

    // Better than always giving the shares of the classes.
    private static boolean learnt(Course course) {
        Tensor y = course.last().y();
        if (y.shape().rank() != 1 || !y.type().isInteger()) {
            return true;
        }
        Map<Double, Integer> counts = new HashMap<>();
        double[] labels = y.toDoubles();
        Arrays.stream(labels).forEach(l -> counts.merge(l, 1, Integer::sum));
        double entropy =
                counts.values().stream()
                        .mapToDouble(c -> -c / (double) labels.length * Math.log(c / (double) labels.length))
                        .sum();
        return course.late() < 0.8 * entropy;
    }

    private static double chance(int... labels) {
        Map<Integer, Integer> counts = new HashMap<>();
        Arrays.stream(labels).forEach(l -> counts.merge(l, 1, Integer::sum));
        double n = labels.length;
        return counts.values().stream().mapToDouble(c -> c / n * (c - 1) / (n - 1)).sum();
    }

    // The share of examples whose nearest other one has their label.
    private static double alike(Tensor x, int... labels) {
        int n = labels.length;
        double[] values = standardized(x.reshape(n, -1));
        int width = values.length / n;
        int[] same = new int[n];
        IntStream.range(0, n)
                .parallel()
                .forEach(i -> {
                    double nearest = Double.POSITIVE_INFINITY;
                    for (int j = 0; j < n; j++) {
                        if (j != i) {
                            double d = distance(values, i * width, j * width, width, nearest);
                            if (d < nearest) {
                                nearest = d;
                                same[i] = labels[j] == labels[i] ? 1 : 0;
                            }
                        }
                    }
                });
        return Arrays.stream(same).sum() / (double) n;
    }

    private static double distance(double[] values, int a, int b, int width, double enough) {
        double sum = 0;
        for (int k = 0; k < width && sum < enough; k++) {
            double d = values[a + k] - values[b + k];
            sum += d * d;
        }
        return sum;
    }

    // Each column by its own deviation, so that none outweighs the others for its unit's sake; not for pictures.
    private static double[] standardized(Tensor x) {
        if (x.dim(1) > 100) {
            return x.toDoubles();
        }
        Tensor centred = x.sub(x.mean(0));
        Tensor deviation = centred.square().mean(0).sqrt();
        return centred.div(deviation.add(1e-12)).toDoubles();
    }
}
