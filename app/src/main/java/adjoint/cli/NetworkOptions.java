package adjoint.cli;

import adjoint.nn.Activation;

import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Options that say which network.
final class NetworkOptions extends OptionGroup {
    private static final int WIDEST = 1_000_000;
    private static final int DEEPEST = 10_000;
    private static final double WIDEST_FACTOR = 100;
    private static final String USUAL = "256,128";

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = Architecture.MLP,
            description = Architecture.NAMES + " (default: mlp).")
    private String model;

    @Option(
            names = "--hidden",
            paramLabel = "SIZES",
            description =
                    "The sizes of the hidden layers, such as 256,128 or 100x30 (30 layers of 100), or none (mlp: 256,128; lenet: 120,84).")
    private Optional<String> hidden;

    @Option(
            names = "--width",
            paramLabel = "FACTOR",
            defaultValue = "1",
            description = "A factor for the number of channels (1).")
    private double width;

    @Option(names = "--norm", description = "mlp, lenet: a batch norm in front of each activation.")
    private boolean norm;

    @Option(names = "--residual", description = "mlp: residual connections around hidden layers of equal sizes.")
    private boolean residual;

    @Option(
            names = "--init",
            paramLabel = "SCHEME",
            converter = Choices.OfScheme.class,
            description = "mlp: first weights by he (default), xavier, orthogonal, lecun, naive or zero.")
    private Optional<Scheme> init;

    @Option(
            names = "--views",
            paramLabel = "WHICH",
            converter = Choices.OfViews.class,
            defaultValue = "plain",
            description =
                    "Pictures: answer by the mean over plain, mirrored or moved (mirrored, by a pixel) views (plain). Each"
                            + " epoch is tested on plain ones.")
    private Views views;

    @Option(
            names = "--activation",
            paramLabel = "NAME",
            converter = Choices.OfActivation.class,
            defaultValue = "relu",
            description = "What follows each hidden layer: relu, gelu, silu, tanh … (default: relu).")
    private Activation activation;

    @Option(
            names = "--dropout",
            paramLabel = "P",
            defaultValue = "0",
            description = "The share of each hidden layer's outputs dropped in training (default: 0).")
    private double dropout;

    /// Refuses options that fit no network, before anything is read.
    void check() {
        if (!(dropout >= 0 && dropout < 1)) {
            throw refusal("--dropout needs a share of at least 0 and below 1, got " + Words.number(dropout));
        }
        Architecture.refusal(model)
                .ifPresent(why -> {
                    throw refusal("--model: " + why);
                });
        if (!(width > 0 && width <= WIDEST_FACTOR)) {
            throw refusal("--width needs a factor above 0, at most " + WIDEST_FACTOR + ", got " + Words.number(width));
        }
        sizes();
        boolean perceptron = model.equals(Architecture.MLP);
        boolean lenet = model.equals("lenet");
        require(perceptron, "--residual", residual);
        require(perceptron, "--init", init.isPresent());
        require(perceptron || lenet, "--norm", norm);
        require(perceptron || lenet, "--hidden", hidden.isPresent());
        if (lenet && hidden.isPresent() && sizes().isEmpty()) {
            throw refusal("--hidden none is not for lenet: give sizes, or leave it out for 120,84");
        }
        require(perceptron || lenet, "--dropout", dropout > 0);
        require(perceptron || lenet, "--activation", given("--activation"));
        if (perceptron && given("--width")) {
            throw refusal("--width is for networks with channels; an mlp has --hidden");
        }
        fitting(perceptron ? new int[] {1} : new int[] {1, 1, 1}, List.of(), 1); // too large for any input
    }

    private void require(boolean fits, String option, boolean given) {
        if (given && !fits) {
            throw refusal(option + " is not for " + model + ": leave it out");
        }
    }

    /// Whether first weights are He's already.
    boolean isHe() {
        return init.orElse(Scheme.HE) == Scheme.HE;
    }

    boolean isPerceptron() {
        return model.equals(Architecture.MLP);
    }

    boolean isLeNet() {
        return model.equals("lenet");
    }

    Network.Blueprint blueprint(int[] input, List<String> classes, int outputs) {
        check();
        if (residual && !hasEqualNeighbours(input)) {
            throw refusal(
                    "--residual adds what goes into a hidden layer to what comes out, and no layer of --hidden "
                            + hidden.orElse(USUAL)
                            + " is as wide as the one before it: give equal sizes, such as 100x3");
        }
        if (!model.equals(Architecture.MLP) && input.length != 3) {
            throw refusal("--model " + model + " is for pictures: a table takes an mlp");
        }
        if (views != Views.PLAIN && input.length != 3) {
            throw refusal("--views is for pictures");
        }
        return fitting(input, classes, outputs);
    }

    private Network.Blueprint fitting(int[] input, List<String> classes, int outputs) {
        var blueprint =
                new Network.Blueprint(
                        input,
                        model,
                        sizes(),
                        activation,
                        dropout,
                        norm,
                        residual,
                        init,
                        width,
                        views,
                        outputs,
                        classes);
        blueprint
                .refusal(Machine.memory(), Runtime.getRuntime().maxMemory())
                .ifPresent(why -> {
                    throw refusal(
                            isPerceptron()
                                    ? "--hidden " + hidden.orElse(USUAL) + ": " + why + "; use smaller layers"
                                    : "--model "
                                            + model
                                            + (width == 1 ? "" : " --width " + Words.number(width))
                                            + ": "
                                            + why
                                            + "; use a smaller one");
                });
        return blueprint;
    }

    private boolean hasEqualNeighbours(int... input) {
        int width = Arrays.stream(input).reduce(1, (a, b) -> a * b);
        for (int size : sizes()) {
            if (size == width) {
                return true;
            }
            width = size;
        }
        return false;
    }

    private List<Integer> sizes() {
        List<Integer> sizes = new ArrayList<>();
        String given = hidden.orElse(model.equals(Architecture.MLP) ? USUAL : "none");
        if (given.equalsIgnoreCase("none")) {
            return sizes;
        }
        for (String part : given.split(",", -1)) {
            String[] times = part.strip().split("x", -1);
            int size = number(times[0], WIDEST, given);
            int count = times.length == 2 ? number(times[1], DEEPEST, given) : 1;
            if (times.length > 2) {
                throw sizesRefused(given);
            }
            sizes.addAll(java.util.Collections.nCopies(count, size));
        }
        return sizes;
    }

    private int number(String digits, int most, String given) {
        if (!digits.matches("[0-9]{1,7}") || Integer.parseInt(digits) < 1 || Integer.parseInt(digits) > most) {
            throw sizesRefused(given);
        }
        return Integer.parseInt(digits);
    }

    private ParameterException sizesRefused(String given) {
        return refusal(
                "--hidden needs sizes of 1 to "
                        + WIDEST
                        + " with commas between, such as 256,128, or 100x30 for 30 alike (at most "
                        + DEEPEST
                        + "), or none; got '"
                        + given
                        + "'");
    }
}
