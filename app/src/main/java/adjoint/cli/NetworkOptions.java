package adjoint.cli;

import adjoint.nn.Activation;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.util.ArrayList;
import java.util.List;

/// Options that say which network.
final class NetworkOptions {
    private static final int WIDEST = 1_000_000;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--hidden",
            paramLabel = "SIZES",
            defaultValue = "256,128",
            description = "The sizes of the hidden layers, or none (default: 256,128).")
    private String hidden;

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

    Network.Blueprint blueprint(int[] input, List<String> classes, int outputs) {
        if (!(dropout >= 0 && dropout < 1)) {
            throw refusal("--dropout needs a share of at least 0 and below 1, got " + Words.number(dropout));
        }
        var blueprint = new Network.Blueprint(input, sizes(), activation, dropout, outputs, classes);
        blueprint
                .refusal(Machine.memory(), Runtime.getRuntime().maxMemory())
                .ifPresent(why -> {
                    throw refusal("--hidden " + hidden + ": " + why + "; use smaller layers");
                });
        return blueprint;
    }

    private List<Integer> sizes() {
        List<Integer> sizes = new ArrayList<>();
        if (hidden.equalsIgnoreCase("none")) {
            return sizes;
        }
        for (String size : hidden.split(",", -1)) {
            String digits = size.strip();
            if (!digits.matches("[0-9]{1,7}") || Integer.parseInt(digits) < 1 || Integer.parseInt(digits) > WIDEST) {
                throw refusal(
                        "--hidden needs sizes of 1 to "
                                + WIDEST
                                + " with commas between, such as 256,128, or none; got '"
                                + hidden
                                + "'");
            }
            sizes.add(Integer.parseInt(digits));
        }
        return sizes;
    }

    private ParameterException refusal(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
