package adjoint.doctor;

import adjoint.data.Batch;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.optim.Optimizer;
import adjoint.tensor.AdjointException;
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
        if (steps < 1) {
            throw new AdjointException("the doctor needs 1 step of training or more, got " + steps);
        }
        Map<Parameter, Tensor> before = saved(patient.model());
        try {
            return go(steps, measured);
        } finally {
            restore(before);
        }
    }

    private Course go(int steps, int measured) {
        var optimizer = new Optimizer(patient.rule(), patient.model().parameters()).on(patient.evaluator());
        optimizer = optimizer.allowUnused().keepFinite(); // so that what breaks can be computed again
        if (patient.clipNorm().isPresent()) {
            optimizer = optimizer.clipNorm(patient.clipNorm().getAsDouble());
        }
        optimizer = patient.setting().apply(optimizer);
        List<Double> losses = new ArrayList<>();
        List<Course.Sample> flows = new ArrayList<>();
        Course.Snapshot first = null;
        Course.Snapshot last = null;
        Optional<NonFinite> broken = Optional.empty();
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
            if (optimizer.skipped()) {
                Pass again = Pass.training(key.fold(step));
                broken =
                        Optional.of(
                                NonFinite.inStep(
                                        patient.model(), patient.criterion(), batch, again, patient.evaluator()));
                break;
            }
        }
        double[] numbers = losses.stream().mapToDouble(Double::doubleValue).toArray();
        return new Course(numbers, flows, first, last, broken);
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
