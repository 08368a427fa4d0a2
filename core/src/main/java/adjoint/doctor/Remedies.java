package adjoint.doctor;

import adjoint.data.Batch;
import adjoint.doctor.Remedy.Kind;
import adjoint.nn.Activation;
import adjoint.nn.BatchNorm;
import adjoint.nn.Conv2d;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Norm;
import adjoint.nn.Pass;
import adjoint.nn.Patched;
import adjoint.nn.Residual;
import adjoint.nn.Sequential;
import adjoint.tensor.Parameter;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Spec;
import adjoint.tensor.Tensor;
import adjoint.train.GradientFlow;
import adjoint.train.GradientFlow.LayerFlow;
import adjoint.train.GradientFlow.Nonlinearity;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/// What could help a training. Layers are exchanged by their paths: an activation that a layer's own code calls, `x.relu()`, stays.
final class Remedies {
    private static final double CLIP = 1;

    private final Patient patient;
    private final SequencedMap<String, Layer> layers;
    private final GradientFlow flow;
    private final int steps;

    private Remedies(Patient patient, GradientFlow flow, int steps) {
        this.patient = patient;
        this.layers = patient.model().sublayers();
        this.flow = flow;
        this.steps = steps;
    }

    /// The training as it is, and then with each change alone.
    static List<Remedy> of(Patient patient, Checkup checkup, int steps) {
        List<Remedy> all = new ArrayList<>();
        all.add(new Remedy(Kind.NONE, "as it is", "", UnaryOperator.identity()));
        if (checkup.before().isPresent()) {
            var r = new Remedies(patient, checkup.before().get(), steps);
            r.initialisations(all);
            r.activation().ifPresent(all::add);
            r.batchNorm().ifPresent(all::add);
            r.residual().ifPresent(all::add);
        }
        rates(all, steps);
        if (patient.clipNorm().isEmpty()) {
            all.add(
                    new Remedy(
                            Kind.CLIPPING,
                            "gradients clipped to length 1",
                            "trainer.clipNorm(1)",
                            p -> p.clipNorm(CLIP)));
        }
        return all;
    }

    private static void rates(List<Remedy> all, int steps) {
        for (double factor : new double[] {0.01, 0.1, 10, 100}) {
            boolean lower = factor < 1;
            String times = lower ? "divided by " + Math.round(1 / factor) : "times " + Math.round(factor);
            all.add(
                    new Remedy(
                            lower ? Kind.LOWER_RATE : Kind.HIGHER_RATE,
                            "learning rate " + times,
                            "rule.scheduled(rule.rate().times(" + factor + "))",
                            p -> p.rule(p.rule().scheduled(p.rule().rate().times(factor)))));
        }
        int rise = Math.max(1, steps / 2);
        all.add(
                new Remedy(
                        Kind.WARM_UP,
                        "warm-up over " + rise + " steps",
                        "rule.scheduled(rule.rate().warmup(" + rise + "))",
                        p -> p.rule(p.rule().scheduled(p.rule().rate().warmup(rise)))));
    }

    // ---------------------------------------------------------------- first weights

    private void initialisations(List<Remedy> all) {
        Activation activation = activations().values().stream().findFirst().orElse(Activation.RELU);
        double gain = activation.gain();
        all.add(initialised("He initialisation", "init.with(Init.heNormal(" + gain + "))", Init.heNormal(gain)));
        all.add(
                initialised(
                        "orthogonal initialisation",
                        "init.with(Init.orthogonal(" + gain + "))",
                        Init.orthogonal(gain)));
    }

    private Remedy initialised(String name, String code, Init.Scheme scheme) {
        return new Remedy(Kind.INITIALISATION, name, code, p -> p.model(drawn(p.model(), scheme)));
    }

    // All but the last layer anew, which has no activation behind it.
    private Layer drawn(Layer model, Init.Scheme scheme) {
        Init init = Init.seeded(patient.seed() + 1);
        Patched patched = Patched.of(model);
        List<LayerFlow> weighted = flow.layers();
        for (LayerFlow l : weighted.subList(0, Math.max(0, weighted.size() - 1))) {
            Layer layer = layers.get(l.path());
            Optional<Layer> fresh = fresh(layer, init.with(scheme));
            if (fresh.isPresent()) {
                patched = patched.with(l.path(), fresh.get());
            }
        }
        LayerFlow last = weighted.getLast();
        Optional<Layer> head = fresh(layers.get(last.path()), init.with(Init.lecunNormal()));
        return head.isPresent() ? patched.with(last.path(), head.get()) : patched;
    }

    private static Optional<Layer> fresh(Layer layer, Init init) {
        return switch (layer) {
            case Linear l -> {
                Init typed = init.type(l.weight().type());
                Parameter w = Parameter.of(typed.weight(l.in(), l.out(), l.in(), l.out()));
                yield Optional.of(new Linear(w, l.bias().map(b -> Parameter.of(typed.bias(l.out())))));
            }
            case Conv2d c -> {
                Init typed = init.type(c.weight().type());
                int[] dims = c.weight().shape().dims();
                int points = dims[0] * dims[1];
                Tensor w = typed.weight(points * dims[2], points * dims[3] / c.conv().groups(), dims);
                yield Optional.of(
                        new Conv2d(Parameter.of(w), c.bias().map(b -> Parameter.of(typed.bias(c.out()))), c.conv()));
            }
            case null, default -> Optional.empty();
        };
    }

    // ---------------------------------------------------------------- activations

    private SequencedMap<String, Activation> activations() {
        SequencedMap<String, Activation> found = new LinkedHashMap<>();
        layers.forEach((path, layer) -> {
            if (layer instanceof Activation a && a != Activation.IDENTITY) {
                found.put(path, a);
            }
        });
        return found;
    }

    private Optional<Remedy> activation() {
        SequencedMap<String, Activation> present = activations();
        if (present.isEmpty()) {
            return Optional.empty();
        }
        Activation other =
                present.values().stream().allMatch(a -> a == Activation.RELU) ? Activation.GELU : Activation.RELU;
        return Optional.of(
                new Remedy(
                        Kind.ACTIVATION,
                        other + " with He initialisation",
                        "Activation."
                                + other
                                + " instead of "
                                + present.firstEntry().getValue()
                                + ", and init.with(Init.heNormal())",
                        p -> {
                            Patched patched = Patched.of(drawn(p.model(), Init.heNormal(other.gain())));
                            for (String path : present.keySet()) {
                                patched = patched.with(path, other);
                            }
                            return p.model(patched);
                        }));
    }

    // ---------------------------------------------------------------- batch norm

    private Optional<Remedy> batchNorm() {
        List<LayerFlow> bare =
                flow.layers().stream()
                        .filter(l -> l.nonlinearity() != Nonlinearity.OTHER && width(layers.get(l.path())) > 0)
                        .filter(l -> layers.values().stream().noneMatch(n -> n instanceof Norm))
                        .toList();
        if (bare.isEmpty()) {
            return Optional.empty();
        }
        String path = bare.getFirst().path();
        int width = width(layers.get(path));
        return Optional.of(
                new Remedy(
                        Kind.BATCH_NORM,
                        "batch norm before each activation",
                        FlowSigns.format(
                                "new BatchNorm(%d, init) between %s and its activation%s",
                                width, path, bare.size() > 1 ? ", and so for " + (bare.size() - 1) + " more" : ""),
                        p -> {
                            Init init = Init.seeded(patient.seed());
                            Patched patched = Patched.of(p.model());
                            for (LayerFlow l : bare) {
                                patched = patched.around(l.path(), layer -> normed(layer, init));
                            }
                            return p.model(patched);
                        }));
    }

    private static Layer normed(Layer layer, Init init) {
        return Sequential.of(layer, new BatchNorm(width(layer), init));
    }

    private static int width(Layer layer) {
        return layer instanceof Linear l ? l.out() : layer instanceof Conv2d c ? c.out() : 0;
    }

    // ---------------------------------------------------------------- residual connections

    private Optional<Remedy> residual() {
        List<String> blocks = new ArrayList<>();
        SequencedMap<String, Spec[]> specs = specs();
        for (Map.Entry<String, Spec[]> e : specs.entrySet()) {
            String path = e.getKey();
            Layer layer = layers.get(path);
            boolean keeps = e.getValue()[0].equals(e.getValue()[1]) && e.getValue()[0].type().isFloating();
            boolean active = activations().keySet().stream().anyMatch(a -> a.startsWith(path + "."));
            boolean weighted = flow.layers().stream().anyMatch(l -> l.path().startsWith(path + "."));
            boolean inside = blocks.stream().anyMatch(b -> path.startsWith(b + "."));
            if (layer != null && keeps && active && weighted && !inside && !isResidual(path)) {
                blocks.add(path);
            }
        }
        if (blocks.isEmpty()) { // no block with its activation inside: around the layers in front of one
            flow.layers().stream()
                    .filter(l -> l.nonlinearity() != Nonlinearity.OTHER && !isResidual(l.path()))
                    .filter(l -> width(layers.get(l.path())) > 0)
                    .filter(l -> specs.get(l.path())[0].equals(specs.get(l.path())[1]))
                    .forEach(l -> blocks.add(l.path()));
        }
        if (blocks.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Remedy(
                        Kind.RESIDUAL,
                        "residual connections",
                        FlowSigns.format(
                                "new Residual(…) around %s%s",
                                blocks.getFirst(), blocks.size() > 1 ? " and " + (blocks.size() - 1) + " more" : ""),
                        p -> {
                            Patched patched = Patched.of(p.model());
                            for (String path : blocks) {
                                patched = patched.around(path, Residual::new);
                            }
                            return p.model(patched);
                        }));
    }

    private boolean isResidual(String path) {
        return layers.get(path) instanceof Residual
                || layers.entrySet().stream()
                        .anyMatch(l -> l.getValue() instanceof Residual && path.startsWith(l.getKey() + "."));
    }

    // What goes into each layer and what comes out; whole layers before their parts.
    private SequencedMap<String, Spec[]> specs() {
        SequencedMap<String, Spec[]> found = new LinkedHashMap<>();
        Deque<Tensor> inside = new ArrayDeque<>();
        Batch batch = patient.batches().prefetch(0).iterator().next();
        patient.model()
                .apply(
                        batch.x(),
                        Pass.training(RandomKey.of(0))
                                .observing(
                                        new Pass.Observer() {
                                            @Override
                                            public void input(String path, Layer layer, Tensor input) {
                                                inside.push(input);
                                                found.putIfAbsent(path, new Spec[] {input.spec(), input.spec()});
                                            }

                                            @Override
                                            public void output(String path, Layer layer, Tensor output) {
                                                found.put(path, new Spec[] {inside.pop().spec(), output.spec()});
                                            }
                                        }));
        found.remove("");
        return found;
    }
}
