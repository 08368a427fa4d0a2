package adjoint.doctor;

import adjoint.data.Batch;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.optim.Optimizer;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.train.FlowProbe;
import adjoint.train.NonFinite;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Trains for some steps and puts everything back: the weights after it are those before.
final class Trial {
    private final Patient patient;
    private final RandomKey key;

    Trial(Patient patient) {
        this.patient = patient;
        this.key = RandomKey.of(patient.seed());
    }

    /// @param measured how many of the steps are measured, the first and the last among them
    Course run(int steps, int measured) {
        Map<Parameter, Tensor> before = saved(patient.model());
        try {
            Course course = go(steps, measured);
            if (course.broken().isEmpty() && isFinite(course)) {
                return course;
            }
            // The weights are spoilt: once more to where it happened, which gives the same bits.
            int good = course.losses().length - 1;
            restore(before);
            go(good, 1);
            return new Course(
                    course.losses(), course.flows(), course.first(), course.last(), Optional.of(search(good)));
        } finally {
            restore(before);
        }
    }

    private static boolean isFinite(Course course) {
        return Double.isFinite(course.losses()[course.losses().length - 1]);
    }

    private Course go(int steps, int measured) {
        var optimizer = new Optimizer(patient.rule(), patient.model().parameters()).on(patient.evaluator());
        optimizer = optimizer.allowUnused();
        if (patient.clipNorm().isPresent()) {
            optimizer = optimizer.clipNorm(patient.clipNorm().getAsDouble());
        }
        List<Double> losses = new ArrayList<>();
        List<Course.Sample> flows = new ArrayList<>();
        Course.Snapshot first = null;
        Course.Snapshot last = null;
        int every = Math.max(1, (steps - 1) / Math.max(1, measured - 1));
        var batches = new Supply(patient);
        for (int step = 0; step < steps; step++) {
            Batch batch = batches.next();
            boolean probed = step % every == 0 || step == steps - 1;
            var probe = new FlowProbe(patient.model());
            var entry = new Entry(patient.model());
            Pass pass = Pass.training(key.fold(step));
            Pass watched = probed ? pass.observing(probe) : pass;
            boolean kept = step == 0 || step == steps - 1;
            Tensor output = patient.model().apply(batch.x(), kept ? watched.observing(entry) : watched);
            Tensor loss = patient.criterion().of(output, batch.y());
            List<Tensor> wanted = new ArrayList<>(List.of(output));
            entry.entered().forEach(e -> wanted.add(e.x()));
            if (probed) {
                optimizer.step(loss, wanted, pass.updates(), probe);
                flows.add(new Course.Sample(step, probe.flow(loss.item())));
            } else {
                optimizer.step(loss, wanted, pass.updates());
            }
            losses.add(loss.item());
            if (kept) {
                last = new Course.Snapshot(batch.x(), batch.y(), output, loss.item(), entry.entered());
                first = step == 0 ? last : first;
            }
            if (!Double.isFinite(loss.item())) {
                break;
            }
        }
        double[] numbers = losses.stream().mapToDouble(Double::doubleValue).toArray();
        return new Course(numbers, flows, first, last, Optional.empty());
    }

    // In the step with this number, with the weights of now.
    private NonFinite search(int step) {
        var batches = new Supply(patient);
        Batch batch = batches.next();
        for (int i = 0; i < step; i++) {
            batch = batches.next();
        }
        return search(patient, batch, Pass.training(key.fold(step)))
                .orElseGet(() ->
                        new NonFinite("", "the loss is not finite, but not when it is computed again", List.of()));
    }

    static Optional<NonFinite> search(Patient patient, Batch batch, Pass pass) {
        var search = new NonFinite.Search(patient.model());
        Tensor output = patient.model().apply(batch.x(), pass.observing(search));
        Tensor loss = patient.criterion().of(output, batch.y());
        return search.find(patient.evaluator(), batch.size(), loss);
    }

    private static Map<Parameter, Tensor> saved(Layer model) {
        Map<Parameter, Tensor> all = new LinkedHashMap<>();
        // read() copies; by shape, since without dims an array is a vector, also for a parameter of one number
        model.parameters().values().forEach(p -> all.put(p, Tensor.of(p.value().read(), p.shape())));
        return all;
    }

    private static void restore(Map<Parameter, Tensor> saved) {
        saved.forEach(Parameter::set);
    }

    /// One batch after the other, epoch after epoch.
    private static final class Supply {
        private final Patient patient;
        private Iterator<Batch> batches;
        private int epoch;

        Supply(Patient patient) {
            this.patient = patient;
            this.batches = patient.batches().prefetch(0).epoch(0).iterator();
        }

        Batch next() {
            if (!batches.hasNext()) {
                batches = patient.batches().prefetch(0).epoch(++epoch).iterator();
            }
            return batches.next();
        }
    }
}
