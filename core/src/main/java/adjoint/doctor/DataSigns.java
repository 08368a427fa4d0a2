package adjoint.doctor;

import adjoint.grad.Gradients;
import adjoint.kernel.DType;
import adjoint.nn.BatchNorm;
import adjoint.nn.Criterion;
import adjoint.nn.Layer;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.tensor.AdjointException;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What inputs, outputs, targets and loss of a batch show.
final class DataSigns {
    private static final double LARGE = 20; // an input's root mean square
    private static final double SMALL = 1e-3;
    private static final double OFF_CENTRE = 10; // deviations from 0
    private static final double UNEVEN = 1e3; // one feature beside another
    private static final double SOFTMAX = 1e-4;
    private static final double ALIKE = 0.999; // the cosine of two directions
    private static final double WRONG = 3; // times what the loss should be
    private static final double FAR = 1e3; // a squared error before any training
    private static final double SAME = 1e-3;
    private static final int FEW_VALUES = 4;

    private DataSigns() {}

    static Optional<Finding> rawInputs(Course.Snapshot s) {
        return s.entered().stream().findFirst().filter(e -> !e.normed()).flatMap(DataSigns::raw);
    }

    private static Optional<Finding> raw(Course.Entered e) {
        double[] x = e.x().toDoubles();
        int width = e.x().shape().rank() == 2 ? e.x().dim(1) : 1; // of pictures, one number for all pixels
        double mean = Arrays.stream(x).average().orElse(0);
        double rms = Math.sqrt(Arrays.stream(x).map(v -> v * v).average().orElse(0));
        double deviation = Math.sqrt(Math.max(0, rms * rms - mean * mean));
        String seen = "";
        if (rms > LARGE || rms < SMALL && rms > 0) {
            seen = FlowSigns.format("what goes into it has a root mean square of %.3g, far from 1", rms);
        } else if (Math.abs(mean) > OFF_CENTRE * deviation && x.length > 1) {
            seen =
                    FlowSigns.format(
                            "what goes into it has a mean of %.3g with a deviation of only %.2g", mean, deviation);
        } else {
            double[] each = spans(x, width);
            if (each.length > 1 && each[each.length - 1] > UNEVEN * each[0]) {
                seen =
                        FlowSigns.format(
                                "one of its inputs varies by %.3g, another by %.3g", each[each.length - 1], each[0]);
            }
        }
        return seen.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        new Finding(
                                Ailment.RAW_INPUTS,
                                e.path(),
                                seen,
                                "Bring inputs to mean 0 and deviation 1:"
                                        + " data.map(Standardizer.perFeature(train)::apply), or overall(train) for"
                                        + " pictures"));
    }

    // The deviations of the inputs that vary, in rising order.
    private static double[] spans(double[] x, int width) {
        int rows = x.length / width;
        double[] spans = new double[width];
        for (int c = 0; c < width; c++) {
            double sum = 0;
            double squares = 0;
            for (int r = 0; r < rows; r++) {
                sum += x[r * width + c] / rows;
            }
            for (int r = 0; r < rows; r++) {
                squares += (x[r * width + c] - sum) * (x[r * width + c] - sum);
            }
            spans[c] = Math.sqrt(squares / rows);
        }
        return Arrays.stream(spans).filter(v -> v > 0).sorted().toArray();
    }

    static Optional<Finding> doubleSoftmax(Course.Snapshot s, Criterion criterion) {
        Tensor out = s.output();
        if (out.shape().rank() < 2 || out.dim(-1) < 2) {
            return doubleSigmoid(s);
        }
        boolean positive = out.ge(0).all().toBooleans()[0];
        double off = out.sum(-1).sub(1).abs().max().item();
        return positive && off < SOFTMAX && appliesSoftmax(criterion, s)
                ? Optional.of(
                        new Finding(
                                Ailment.DOUBLE_SOFTMAX,
                                "",
                                "the network's outputs are probabilities already (each row is positive and adds up to"
                                        + " 1), and the loss applies softmax to them once more",
                                "Leave the softmax out of the network: the loss wants logits"))
                : doubleSigmoid(s);
    }

    // Of every cross-entropy behind a softmax (smoothed, weighted, of mixed labels) the gradient moves with the
    // softmax, row by
    // row: whatever the targets are, between two outputs it differs by a multiple of what their softmax differs by.
    private static boolean appliesSoftmax(Criterion criterion, Course.Snapshot s) {
        try {
            Tensor z = Tensor.normal(RandomKey.of(0), s.output().shape().dims()).to(s.output().type());
            Tensor zero = z.zerosLike();
            Tensor gradient = gradient(criterion, z, s.y()).sub(gradient(criterion, zero, s.y()));
            Tensor softmax = z.softmax(-1).sub(1.0 / z.dim(-1));
            double along = gradient.mul(softmax).sum().item();
            double lengths = gradient.square().sum(-1).mul(softmax.square().sum(-1)).sqrt().sum().item();
            return along > ALIKE * lengths;
        } catch (RuntimeException _) { // it wants probabilities, for instance
            return false;
        }
    }

    private static Tensor gradient(Criterion criterion, Tensor z, Tensor y) {
        return Gradients.of(criterion.of(z, y), z);
    }

    private static Optional<Finding> doubleSigmoid(Course.Snapshot s) {
        Tensor out = s.output();
        if (!out.shape().equals(s.y().shape()) || !s.y().type().isFloating() || out.type() != s.y().type()) {
            return Optional.empty();
        }
        boolean between = out.gt(0).all().toBooleans()[0] && out.lt(1).all().toBooleans()[0];
        boolean same =
                s.y().ge(0).all().toBooleans()[0]
                        && s.y().le(1).all().toBooleans()[0]
                        && near(Loss.binaryCrossEntropy(out, s.y()).item(), s.loss());
        return between && same && out.shape().size() >= 8
                ? Optional.of(
                        new Finding(
                                Ailment.DOUBLE_SOFTMAX,
                                "",
                                "the network's outputs lie between 0 and 1 already, and Loss.binaryCrossEntropy applies"
                                        + " a sigmoid to them once more",
                                "Leave the sigmoid out of the network: the loss wants logits"))
                : Optional.empty();
    }

    private static boolean isLabels(Course.Snapshot s) {
        Tensor out = s.output();
        return s.y().type().isInteger()
                && out.shape().rank() >= 2
                && out.dim(-1) > 1
                && s.y().shape().equals(out.shape().without(-1));
    }

    private static boolean isCrossEntropy(Course.Snapshot s) {
        return isLabels(s) && near(crossEntropy(s), s.loss());
    }

    private static double crossEntropy(Course.Snapshot s) {
        try {
            return Loss.crossEntropy(s.output(), s.y()).item();
        } catch (AdjointException _) { // it is another loss
            return Double.NaN;
        }
    }

    private static boolean near(double a, double b) {
        return Math.abs(a - b) <= SAME * Math.max(Math.abs(a), Math.abs(b));
    }

    static Optional<Finding> lossScale(Course course) {
        Course.Snapshot s = course.first();
        if (isLabels(s)) {
            return scaled(course).or(() -> tooSure(s));
        }
        if (!s.y().type().isFloating()
                || !s.output().shape().equals(s.y().shape())
                || !near(Loss.meanSquaredError(s.output(), s.y().to(s.output().type())).item(), s.loss())) {
            return Optional.empty();
        }
        double size = Math.sqrt(s.y().to(DType.FLOAT64).square().mean().item());
        return size > LARGE && s.loss() > FAR
                ? Optional.of(
                        new Finding(
                                Ailment.LOSS_SCALE,
                                "",
                                FlowSigns.format(
                                        "the targets have a root mean square of %.3g, so that the squared error begins"
                                                + " at %.3g and its gradients are as much too large",
                                        size, s.loss()),
                                "Bring the targets to mean 0 and deviation 1 as well"))
                : size < SMALL && size > 0
                        ? Optional.of(
                                new Finding(
                                        Ailment.LOSS_SCALE,
                                        "",
                                        FlowSigns.format(
                                                "the targets have a root mean square of only %.3g, so that the squared"
                                                        + " error and its gradients nearly vanish",
                                                size),
                                        "Bring the targets to mean 0 and deviation 1"))
                        : Optional.empty();
    }

    // A multiple of the cross-entropy, at the beginning and at the end.
    private static Optional<Finding> scaled(Course course) {
        double first = course.first().loss() / crossEntropy(course.first());
        double last = course.last().loss() / crossEntropy(course.last());
        boolean factor = near(first, last) && (first > WRONG || first < 1 / WRONG) && course.losses().length > 1;
        if (!factor) {
            return Optional.empty();
        }
        int batch = course.first().y().dim(0);
        boolean sum = Math.abs(first - batch) < SAME * batch;
        return Optional.of(
                new Finding(
                        Ailment.LOSS_SCALE,
                        "",
                        sum
                                ? FlowSigns.format(
                                        "the loss is the sum over the %d examples of a batch, so that its gradient grows"
                                                + " with the batch",
                                        batch)
                                : FlowSigns.format("the loss is %.3g times the cross-entropy", first),
                        sum
                                ? "Use the mean: Reduction.MEAN"
                                : "Take the factor out, and set the learning rate instead"));
    }

    // Before any training, no class should be thought much likelier than the others.
    private static Optional<Finding> tooSure(Course.Snapshot s) {
        if (!isCrossEntropy(s)) {
            return Optional.empty();
        }
        double chance = Math.log(s.output().dim(-1));
        return s.loss() > WRONG * chance + 1
                ? Optional.of(
                        new Finding(
                                Ailment.LOSS_SCALE,
                                "",
                                FlowSigns.format(
                                        "before any training the loss is %.3g, where guessing among %d classes gives"
                                                + " %.3g: the network is sure of what it cannot know",
                                        s.loss(), s.output().dim(-1), chance),
                                "Give the last layer smaller first weights: init.with(Init.lecunNormal()), or scale the"
                                        + " inputs"))
                : Optional.empty();
    }

    static Optional<Finding> smallBatch(Patient patient) {
        int size = Math.min(patient.batches().batchSize(), patient.batches().size()); // all in one, if there are fewer
        boolean lonely = !patient.batches().dropLast() && patient.batches().size() % size == 1;
        if (size >= FEW_VALUES && !lonely) {
            return Optional.empty();
        }
        Map<String, Long> places = places(patient);
        if (size == 1) {
            return small(
                    places.keySet().stream(),
                    "a batch of 1 example has no variance from example to example for a batch norm",
                    "Use batches of 16 or more, or LayerNorm or GroupNorm");
        }
        return small(
                        places.keySet().stream().filter(path -> size * places.get(path) < FEW_VALUES),
                        "the variance of a batch of " + size + " examples is hardly more than chance",
                        "Use batches of 16 or more, or LayerNorm or GroupNorm")
                .or(() ->
                        small(
                                places.keySet().stream().filter(path -> lonely && places.get(path) == 1),
                                "the last batch of an epoch has 1 example, which has no variance for a batch norm",
                                "Leave the last batch out: batches.droppingLast()"));
    }

    private static Optional<Finding> small(Stream<String> paths, String message, String remedy) {
        return paths.findFirst().map(path -> new Finding(Ailment.BATCH_TOO_SMALL_FOR_NORM, path, message, remedy));
    }

    // How many values of each channel an example has for each batch norm, in the order in which they run.
    private static Map<String, Long> places(Patient patient) {
        Map<String, Long> found = new LinkedHashMap<>();
        Tensor x = patient.batches().prefetch(0).iterator().next().x();
        var observer =
                new Pass.Observer() {
                    @Override
                    public void input(String path, Layer layer, Tensor input) {
                        if (layer instanceof BatchNorm) {
                            found.putIfAbsent(path, input.shape().size() / input.dim(-1) / x.dim(0));
                        }
                    }

                    @Override
                    public void output(String path, Layer layer, Tensor output) {}
                };
        try {
            patient.model().apply(x, Pass.training(RandomKey.of(0)).observing(observer));
        } catch (AdjointException _) {
            return found; // batch norms refuse a single value, but this one was seen
        }
        return found;
    }
}
