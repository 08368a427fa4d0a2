package adjoint.doctor;

import adjoint.train.GradientFlow;
import adjoint.train.GradientFlow.LayerFlow;
import adjoint.train.GradientFlow.Nonlinearity;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What one measurement of signals and errors shows.
final class FlowSigns {
    static final double VANISHED = 1e-4; // of the last layer's error
    private static final double EXPLODED = 1e4;
    private static final double GROWN = 1e3;
    private static final double COLLAPSED = 1e-3; // of the outputs' size
    private static final double ALIKE = 0.999;
    private static final double DEAD = 0.8;
    private static final double FLAT = 0.6;
    private static final int SMALL_BATCH = 16; // in which a living unit may give 0 for all

    private FlowSigns() {}

    /// @param batch the number of examples
    static List<Finding> of(GradientFlow flow, int batch) {
        List<Finding> found = new ArrayList<>();
        symmetric(flow).ifPresent(found::add);
        if (batch >= SMALL_BATCH) {
            dead(flow).ifPresent(found::add);
        }
        saturated(flow).ifPresent(found::add);
        vanishing(flow).or(() -> collapsed(flow)).ifPresent(found::add);
        exploding(flow).ifPresent(found::add);
        return found;
    }

    private static Optional<Finding> symmetric(GradientFlow flow) {
        // Zeros behind which a head of zeros waits, as in Fixup, differ once it has made its first step.
        boolean later = waits(flow) && flow.layers().stream().anyMatch(l -> l.weight() > 0);
        return flow.layers().stream()
                .filter(l -> l.likeness() > ALIKE && l.gradientLikeness() > ALIKE)
                .filter(l -> !(later && l.weight() == 0 && l.gradient() == 0))
                .findFirst()
                .map(l ->
                        new Finding(
                                Ailment.SYMMETRIC,
                                l.path(),
                                l.weight() == 0
                                        ? "all its weights are 0, and so is their gradient"
                                        : "all its units have the same weights and the same gradient, so that they stay"
                                                + " one and the same unit",
                                "Draw the first weights at random: " + init(l)));
    }

    private static Optional<Finding> dead(GradientFlow flow) {
        List<LayerFlow> all =
                flow.layers().stream().filter(l -> l.nonlinearity() == Nonlinearity.RELU && l.idle() >= DEAD).toList();
        return all.stream()
                .findFirst()
                .map(l ->
                        new Finding(
                                Ailment.DEAD,
                                l.path(),
                                format(
                                        "%.0f %% of its ReLU units give 0 for every example of the batch%s, so that no"
                                                + " gradient passes them",
                                        100 * l.idle(), others(all.size())),
                                "Use Activation.LEAKY_RELU or GELU, He initialisation, a lower learning rate, and"
                                        + " biases that start at 0"));
    }

    private static Optional<Finding> saturated(GradientFlow flow) {
        List<LayerFlow> all =
                flow.layers().stream()
                        .filter(l ->
                                (l.nonlinearity() == Nonlinearity.TANH || l.nonlinearity() == Nonlinearity.SIGMOID)
                                        && l.idle() >= FLAT)
                        .toList();
        return all.stream()
                .findFirst()
                .map(l ->
                        new Finding(
                                Ailment.SATURATED,
                                l.path(),
                                format(
                                        "%.0f %% of its %s outputs lie within 3 %% of the ends of the range%s, where the"
                                                + " curve is flat",
                                        100 * l.idle(),
                                        l.nonlinearity().name().toLowerCase(Locale.ROOT),
                                        others(all.size())),
                                "Use smaller first weights (Init.xavierNormal()), inputs of mean 0 and deviation 1, or"
                                        + " a BatchNorm in front of the activation"));
    }

    private static String others(int all) {
        return all == 1 ? "" : format(" (as in %d other layers)", all - 1);
    }

    // The way back ends at the layer from which on everything before it is lost.
    private static Optional<Finding> vanishing(GradientFlow flow) {
        List<LayerFlow> layers = errors(flow);
        if (layers.size() < 2 || waits(flow)) {
            return Optional.empty();
        }
        LayerFlow last = layers.getLast();
        LayerFlow first = layers.getFirst();
        if (!(first.errorNorm() < VANISHED * last.errorNorm())) {
            return Optional.empty();
        }
        int lost = 0;
        while (lost + 1 < layers.size() && layers.get(lost + 1).errorNorm() < VANISHED * last.errorNorm()) {
            lost++;
        }
        return Optional.of(
                new Finding(
                        Ailment.VANISHING,
                        first.path(),
                        format(
                                "of the error at %s, %.0e is left at %s (%d layers); from %s on backwards it is below"
                                        + " %.0e",
                                last.path(),
                                first.errorNorm() / last.errorNorm(),
                                first.path(),
                                layers.size(),
                                layers.get(lost).path(),
                                VANISHED),
                        "Use ReLU with He initialisation, a BatchNorm in front of each activation, or residual"
                                + " connections"));
    }

    // What goes into the last layer is the same for all examples.
    private static Optional<Finding> collapsed(GradientFlow flow) {
        List<LayerFlow> layers = flow.layers();
        if (layers.size() < 3 || waits(flow)) {
            return Optional.empty();
        }
        return layers.stream()
                .filter(l -> l.output() > 0 && l.variation() < COLLAPSED)
                .findFirst()
                .filter(l -> layers.getLast().variation() < COLLAPSED)
                .map(l ->
                        new Finding(
                                Ailment.VANISHING,
                                l.path(),
                                format(
                                        "its outputs are nearly the same for every example (they vary by %.0e of their"
                                                + " size): the inputs are lost on their way forward",
                                        l.variation()),
                                "Use larger first weights (He or Xavier initialisation), a BatchNorm in front of each"
                                        + " activation, or residual connections"));
    }

    private static Optional<Finding> exploding(GradientFlow flow) {
        List<LayerFlow> layers = errors(flow);
        if (layers.size() < 3) {
            return Optional.empty();
        }
        LayerFlow first = layers.getFirst();
        LayerFlow last = layers.getLast();
        double back = first.errorNorm() / last.errorNorm();
        double forth = last.output() / first.output();
        // Where a norm follows, but not at once, small outputs have large errors, and nothing is wrong.
        if (back > EXPLODED && back * first.output() > EXPLODED * last.output()) {
            return Optional.of(
                    new Finding(
                            Ailment.EXPLODING,
                            first.path(),
                            format("the error grows %.0e times from %s back to %s", back, last.path(), first.path()),
                            remedy()));
        }
        if (forth > GROWN) {
            return Optional.of(
                    new Finding(
                            Ailment.EXPLODING,
                            last.path(),
                            format("the outputs grow %.0e times from %s to %s", forth, first.path(), last.path()),
                            remedy()));
        }
        return Optional.empty();
    }

    private static String remedy() {
        return "Use smaller first weights (He initialisation: Init.heNormal()), a BatchNorm behind each layer, or"
                + " clipNorm(1)";
    }

    private static List<LayerFlow> errors(GradientFlow flow) {
        return flow.layers().stream().filter(l -> !Double.isNaN(l.outputGradient())).toList();
    }

    // Behind weights that start at 0 on purpose nothing arrives before their first step.
    static boolean waits(GradientFlow flow) {
        return flow.layers().stream().anyMatch(l -> l.weight() == 0 && l.gradient() > 0);
    }

    private static String init(LayerFlow l) {
        return l.layer().startsWith("Conv") || l.layer().startsWith("Linear")
                ? "Init.seeded(42) does"
                : "with Init.seeded(42) or a scheme of Init";
    }

    static String format(String text, Object... args) {
        return String.format(Locale.ROOT, text, args);
    }
}
