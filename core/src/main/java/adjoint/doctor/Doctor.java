package adjoint.doctor;

import adjoint.data.Batch;
import adjoint.data.Batches;
import adjoint.grad.Gradients;
import adjoint.nn.Criterion;
import adjoint.nn.Layer;
import adjoint.nn.Pass;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.train.FlowProbe;
import adjoint.train.GradientFlow;
import adjoint.train.NonFinite;
import adjoint.train.TrainingEvent;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Looks at a network and says in plain words what keeps it from learning.
///
/// Three ways to ask: one batch ([#examine(Layer, Criterion, Batch)]), some steps of training that are taken back afterwards
/// ([#examine(Patient)]), or a whole training as it goes ([#watching]). [Doctor#cures] tries what could help.
public final class Doctor {
    /// How many steps of training an examination takes.
    public static final int STEPS = 60;

    private static final int MEASURED = 6;
    private static final double ABSURD =
            10; // outputs so far from 0, and so many times the loss in the end: it only had to shrink
    private static final Set<Ailment> STALLING =
            EnumSet.of(Ailment.SYMMETRIC, Ailment.DEAD, Ailment.SATURATED, Ailment.VANISHING, Ailment.RAW_INPUTS);
    private static final Set<Ailment> VIOLENT = EnumSet.of(Ailment.RAW_INPUTS, Ailment.LOSS_SCALE, Ailment.EXPLODING);

    private Doctor() {}

    // ---------------------------------------------------------------- one batch

    /// Looks at one batch: forward and back, without a change to any weight. What only training shows (rates, shuffled labels)
    /// stays unseen.
    public static Checkup examine(Layer model, Criterion criterion, Batch batch) {
        Evaluator evaluator = Evaluator.standard();
        Pass pass = Pass.training(RandomKey.of(0));
        var probe = new FlowProbe(model);
        var entry = new Entry(model);
        var search = new NonFinite.Search(model);
        Tensor output = model.apply(batch.x(), pass.observing(probe).observing(entry).observing(search));
        Tensor loss = criterion.of(output, batch.y());
        List<Parameter> trained = model.parameters().values().stream().filter(Parameter::trainable).toList();
        List<Tensor> points = probe.points(loss);
        List<Tensor> xs = new ArrayList<>(points);
        trained.forEach(p -> xs.add(p.value()));
        Map<Tensor, Tensor> found = Gradients.ofReached(loss, xs);
        Map<Parameter, Tensor> gradients = Gradients.ofParameters(loss, trained, found);
        List<Tensor> wanted = new ArrayList<>(List.of(loss, output));
        wanted.addAll(probe.wanted(gradients, found, List.of()));
        List<Tensor> results = new ArrayList<>(List.of(loss));
        results.addAll(gradients.values());
        Tensor sound = Tensor.stack(0, results.stream().map(t -> t.isFinite().all()).toArray(Tensor[]::new)).all();
        wanted.add(sound);
        evaluator.evaluate(wanted.toArray(Tensor[]::new));
        Optional<NonFinite> broken =
                sound.toBooleans()[0]
                        ? Optional.empty()
                        : search.find(evaluator, batch.size(), results.toArray(Tensor[]::new));
        var seen = new Course.Snapshot(batch.x(), batch.y(), output, loss.item(), entry.entered());
        var sample = new Course.Sample(0, probe.flow(loss.item()));
        var course = new Course(new double[] {loss.item()}, List.of(sample), seen, seen, broken);
        List<Finding> findings = ofData(course, criterion);
        broken.ifPresent(b -> findings.add(nonFinite(b)));
        if (broken.isEmpty()) {
            findings.addAll(FlowSigns.of(sample.flow(), batch.size()));
        }
        return Checkup.of(sorted(findings), course);
    }

    // ---------------------------------------------------------------- some steps

    /// Trains for 60 steps, and puts the weights back.
    public static Checkup examine(Patient patient) {
        return examine(patient, STEPS);
    }

    /// Trains for some steps, and puts the weights back.
    public static Checkup examine(Patient patient, int steps) {
        Optional<Finding> small = DataSigns.smallBatch(patient);
        Batches batches = patient.batches();
        if (small.isPresent() && Math.min(batches.batchSize(), batches.size()) == 1) {
            return new Checkup(List.of(small.get()), Optional.empty(), Optional.empty(), List.of());
        }
        Patient able =
                small.isPresent() && batches.size() > batches.batchSize()
                        ? patient.batches(batches.droppingLast())
                        : patient;
        Course course = new Trial(able).run(steps, MEASURED);
        List<Finding> findings = ofData(course, patient.criterion());
        small.ifPresent(findings::add);
        findings.addAll(ofFlow(course, Math.min(batches.batchSize(), batches.size())));
        if (!anyOf(VIOLENT, findings)) {
            CourseSigns.rateTooHigh(course).ifPresent(findings::add);
        }
        if (!anyOf(STALLING, findings)) {
            CourseSigns.rateTooLow(course).ifPresent(findings::add);
        }
        course.broken().ifPresent(b -> findings.add(nonFinite(b)));
        if (findings.isEmpty()) {
            LabelSigns.shuffled(patient, course).ifPresent(findings::add);
        }
        return Checkup.of(causes(findings, course), course);
    }

    private static boolean anyOf(Set<Ailment> ailments, List<Finding> findings) {
        return findings.stream().anyMatch(f -> ailments.contains(f.ailment()));
    }

    // Without what others explain, and what broke in the end behind what broke it.
    private static List<Finding> causes(List<Finding> findings, Course course) {
        boolean exploding = anyOf(EnumSet.of(Ailment.EXPLODING), findings);
        boolean violent = anyOf(EnumSet.of(Ailment.RATE_TOO_HIGH), findings);
        boolean lost = violent || anyOf(EnumSet.of(Ailment.VANISHING), findings);
        List<Finding> causes = new ArrayList<>(findings);
        causes.removeIf(f -> f.ailment() == Ailment.LOSS_SCALE && exploding);
        causes.removeIf(f -> f.ailment() == Ailment.DEAD && lost && !deadBefore(course, f));
        List<Finding> sorted = new ArrayList<>(sorted(causes));
        boolean later = course.losses().length > 1 && (violent || exploding);
        if (later && !sorted.isEmpty() && sorted.getFirst().ailment() == Ailment.NON_FINITE) {
            sorted.addLast(sorted.removeFirst());
        }
        return sorted;
    }

    private static boolean deadBefore(Course course, Finding dead) {
        return FlowSigns.of(course.start(), Integer.MAX_VALUE).stream()
                .anyMatch(f -> f.ailment() == Ailment.DEAD && f.path().equals(dead.path()));
    }

    private static List<Finding> ofData(Course course, Criterion criterion) {
        List<Finding> findings = new ArrayList<>();
        DataSigns.rawInputs(course.first()).ifPresent(findings::add);
        DataSigns.doubleSoftmax(course.first(), criterion).ifPresent(findings::add);
        if (findings.isEmpty()) { // raw inputs make the first loss large too
            DataSigns.lossScale(course).ifPresent(findings::add);
        }
        return findings;
    }

    // What is there before the first step counts if it is still there in the end; what training kills counts in the
    // end, and what weights of zeros hid.
    private static List<Finding> ofFlow(Course course, int batch) {
        List<Finding> start = FlowSigns.of(course.start(), batch);
        int last = Math.min(batch, course.last().x().dim(0));
        List<Finding> end = course.broken().isPresent() ? start : FlowSigns.of(course.end(), last);
        boolean better = course.late() < 0.9 * course.early();
        List<Finding> findings = new ArrayList<>();
        for (Finding f : start) {
            boolean lasting = end.stream().anyMatch(e -> e.ailment() == f.ailment());
            boolean once = f.ailment() == Ailment.SYMMETRIC || f.ailment() == Ailment.EXPLODING;
            boolean absurd =
                    f.ailment() == Ailment.EXPLODING
                            && course.start().layers().getLast().output() > ABSURD
                            && course.losses()[0] > ABSURD * course.late();
            if (lasting || absurd || once && !better) {
                findings.add(f);
            }
        }
        for (Finding f : end) {
            boolean known = findings.stream().anyMatch(s -> s.ailment() == f.ailment());
            boolean late =
                    f.ailment() == Ailment.SATURATED
                            || f.ailment() == Ailment.VANISHING && FlowSigns.waits(course.start());
            if (!known && (f.ailment() == Ailment.DEAD || late && !better)) {
                findings.add(f);
            }
        }
        return findings;
    }

    private static Finding nonFinite(NonFinite b) {
        return new Finding(
                Ailment.NON_FINITE,
                b.path(),
                "the first numbers that are not finite: " + b,
                b.operation().startsWith("the data")
                        ? "Look at these examples"
                        : b.operation().startsWith("log") || b.operation().startsWith("sqrt")
                                ? "Keep its argument away from 0: add a small epsilon, or use a loss on logits"
                                : "Use a lower learning rate, smaller first weights, or clipNorm(1)");
    }

    private static List<Finding> sorted(List<Finding> findings) {
        return findings.stream().sorted(Comparator.comparing(Finding::ailment)).toList();
    }

    // ---------------------------------------------------------------- a whole training

    /// A listener that tells what it finds while a network is trained, each ailment once; for
    /// `trainer.measuringFlow(100).listener(Doctor.watching(f -> …))`.
    public static Consumer<TrainingEvent> watching(Consumer<Finding> told) {
        Set<Ailment> known = EnumSet.noneOf(Ailment.class);
        Map<Ailment, Integer> seen = new java.util.EnumMap<>(Ailment.class);
        var examples = new AtomicInteger(); // of the step that is measured: of few, a living unit may give 0 for all
        return event -> {
            if (event instanceof TrainingEvent.StepDone s) {
                examples.set(s.examples());
            }
            if (event instanceof TrainingEvent.FlowMeasured m) {
                GradientFlow flow = m.flow();
                Set<Ailment> now = EnumSet.noneOf(Ailment.class);
                for (Finding f : FlowSigns.of(flow, examples.get())) {
                    if (f.ailment() == Ailment.SATURATED && f.path().equals(flow.layers().getLast().path())) {
                        continue; // outputs that have learned to be 0 or 1
                    }
                    now.add(f.ailment());
                    if (seen.merge(f.ailment(), 1, Integer::sum) > 1 && known.add(f.ailment())) {
                        told.accept(f); // twice in a row: not a first step that looks odd
                    }
                }
                seen.keySet().retainAll(now);
            }
        };
    }

    // ---------------------------------------------------------------- cures

    /// Tries what could help, each from the same weights and on the same batches, and ranks it by the loss it ends with.
    ///
    /// @param steps of each trial
    /// @param told is told of each when it is done
    /// @return the best first; the training as it is stands among them, under the name of `as it is`
    public static List<Cure> cures(Patient patient, Checkup checkup, int steps, Consumer<Cure> told) {
        Batches batches = patient.batches();
        boolean lonely = batches.size() > batches.batchSize() && batches.size() % batches.batchSize() == 1;
        Patient able = lonely ? patient.batches(batches.droppingLast()) : patient; // a cure may bring a batch norm
        int layer = concerned(checkup);
        List<Cure> cures = new ArrayList<>();
        for (Remedy remedy : Remedies.of(able, checkup, steps)) {
            Course course = new Trial(remedy.change().apply(able)).run(steps, MEASURED);
            var cure = Cure.of(remedy, course, layer);
            cures.add(cure);
            told.accept(cure);
        }
        cures.sort(Comparator.comparingDouble(Cure::loss));
        return List.copyOf(cures);
    }

    // The number of the first layer that a finding names, or else the first.
    private static int concerned(Checkup checkup) {
        if (checkup.before().isEmpty()) {
            return 0;
        }
        List<String> paths = checkup.before().get().layers().stream().map(GradientFlow.LayerFlow::path).toList();
        return checkup.findings().stream()
                .mapToInt(f -> paths.indexOf(f.path()))
                .filter(i -> i >= 0)
                .findFirst()
                .orElse(0);
    }
}
