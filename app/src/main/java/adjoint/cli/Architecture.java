package adjoint.cli;

import adjoint.models.Airbench;
import adjoint.models.LeNet;
import adjoint.models.Mlp;
import adjoint.models.MobileNet;
import adjoint.models.ResNet;
import adjoint.models.Vgg;
import adjoint.nn.Init;
import adjoint.nn.Layer;

import java.util.List;
import java.util.Optional;

/// The networks of the command line, by name: `mlp`, `resnet-20`.
final class Architecture {
    static final String NAMES =
            "mlp, lenet, resnet-N, preresnet-N (pre-activation), plain-N (without shortcuts; all three for small pictures, N ="
                    + " 6 n + 2, such as 20, 32, 44, 56, 110), imagenet-resnet-18, -34 or -50, vgg-11, -13, -16 or -19, mobilenet"
                    + " or airbench";
    static final String MLP = "mlp";
    private static final double RESNET_STEP = 18.0 * (16 * 16 + 32 * 32 + 64 * 64); // 6 layers more
    private static final double VGG_CONVOLUTION = 1.2e6; // in the mean
    private static final double LENET_FIRST = 6;
    private static final double LENET_SECOND = 16;

    private Architecture() {}

    /// Why there is no such network, if so.
    static Optional<String> refusal(String name) {
        if (name.matches("mlp|lenet|mobilenet|airbench")) {
            return Optional.empty();
        }
        if (name.matches("imagenet-resnet-(18|34|50)")) {
            return Optional.empty();
        }
        if (name.matches("(pre)?resnet-\\d{1,5}|plain-\\d{1,5}")) {
            int n = depth(name);
            return n >= 8 && n % 6 == 2
                    ? Optional.empty()
                    : Optional.of(
                            name
                                    + " does not exist: the number of layers is 6 n + 2, such as 20, 32, 44 or 56"
                                    + (name.matches("resnet-(18|34)") ? " (or is imagenet-" + name + " meant?)" : ""));
        }
        if (name.matches("vgg-\\d{1,3}") && List.of(11, 13, 16, 19).contains(depth(name))) {
            return Optional.empty();
        }
        String dashed = name.replaceFirst("(?<=[a-z])(\\d+)$", "-$1");
        boolean isMeant = !dashed.equals(name) && refusal(dashed).isEmpty();
        return Optional.of("'" + name + "' is none of " + NAMES + (isMeant ? "; did you mean " + dashed + "?" : ""));
    }

    private static int depth(String name) {
        return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
    }

    /// About how many weights it has, for images of three channels: enough to see what no machine could hold. That of the
    /// fully connected ones is counted elsewhere.
    static double weights(String name, double width) {
        double usual =
                switch (name.replaceFirst("-.*", "")) {
                    case "resnet", "preresnet", "plain" -> RESNET_STEP * ((depth(name) - 2) / 6);
                    case "vgg" -> VGG_CONVOLUTION * (depth(name) - 3);
                    case "imagenet" -> 2e7;
                    case "mobilenet" -> 2e6;
                    case "airbench" -> 2e6;
                    default -> 0;
                };
        return usual * width * width;
    }

    static Layer build(Network.Blueprint b, Init init) {
        String name = b.model();
        return switch (name.replaceFirst("-.*", "")) {
            case "lenet" -> {
                var form =
                        new LeNet.Form()
                                .channels(
                                        (int) Math.max(1, Math.round(LENET_FIRST * b.width())),
                                        (int) Math.max(1, Math.round(LENET_SECOND * b.width())))
                                .activation(b.activation())
                                .norm(b.norm())
                                .dropout(b.dropout());
                form = b.hidden().isEmpty() ? form : form.hidden(b.hidden().toArray(Integer[]::new));
                yield new LeNet(b.input()[0], channels(b), b.outputs(), form, init);
            }
            case "imagenet" -> {
                var form = new ResNet.Form().width(b.width());
                yield ResNet.imageNet(depth(name), channels(b), b.outputs(), form, init);
            }
            case "resnet", "preresnet", "plain" -> {
                var form = new ResNet.Form().width(b.width()).preActivation(name.startsWith("pre"));
                form = name.startsWith("plain") ? form.shortcut(ResNet.Shortcut.NONE) : form;
                yield ResNet.cifar(depth(name), channels(b), b.outputs(), form, init);
            }
            case "vgg" -> new Vgg(depth(name), channels(b), b.outputs(), new Vgg.Form().width(b.width()), init);
            case "mobilenet" ->
                    new MobileNet(channels(b), b.outputs(), new MobileNet.Form().small(true).width(b.width()), init);
            case "airbench" -> {
                List<Integer> widths = new Airbench.Form().widths();
                Integer[] scaled =
                        widths.stream()
                                .map(w -> (int) Math.max(8, 8 * Math.round(w * b.width() / 8)))
                                .toArray(Integer[]::new);
                yield new Airbench(channels(b), b.outputs(), new Airbench.Form().widths(scaled), init);
            }
            default -> {
                var form = new Mlp.Form().activation(b.activation()).norm(b.norm()).residual(b.residual());
                form = b.init().isPresent() ? form.scheme(b.init().get().of(b.activation())) : form;
                yield new Mlp(b.inputs(), b.hidden(), b.outputs(), form.dropout(b.dropout()), init);
            }
        };
    }

    private static int channels(Network.Blueprint b) {
        return b.input()[b.input().length - 1];
    }
}
