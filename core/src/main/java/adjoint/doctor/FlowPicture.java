package adjoint.doctor;

import adjoint.train.GradientFlow;
import adjoint.train.GradientFlow.LayerFlow;

import java.util.List;
import java.util.stream.IntStream;

/// The error at each layer as a bar on a logarithmic scale.
public final class FlowPicture {
    private static final int WIDTH = 40;
    private static final int MOST = 32; // rows
    private static final int SPAN = 3; // powers of ten, at the least

    private FlowPicture() {}

    /// A line for each layer, at most 32: of deeper networks every so many.
    public static String of(GradientFlow flow) {
        List<LayerFlow> layers = flow.layers();
        if (layers.isEmpty()) {
            return "";
        }
        double top = layers.stream().mapToDouble(LayerFlow::errorNorm).filter(FlowPicture::drawn).max().orElse(1);
        double least = layers.stream().mapToDouble(LayerFlow::errorNorm).filter(FlowPicture::drawn).min().orElse(1);
        int high = (int) Math.ceil(Math.log10(top));
        int low = Math.min(high - SPAN, (int) Math.floor(Math.log10(least)));
        int[] shown = shown(layers.size());
        int name = IntStream.of(shown).map(i -> layers.get(i).path().length()).max().orElse(1);
        var text = new StringBuilder();
        String scale = "%-" + Math.max(name, 5) + "s %9s %9s %9s  1e%-" + (WIDTH - 4) + "d1e%d%n";
        text.append(FlowSigns.format(scale, "layer", "output", "gradient", "error", low, high));
        for (int i : shown) {
            LayerFlow l = layers.get(i);
            double place = (Math.log10(l.errorNorm()) - low) / (high - low) * WIDTH;
            String bar = drawn(l.errorNorm()) ? "█".repeat(Math.clamp(Math.round(place), 0, WIDTH)) : "";
            text.append(
                    FlowSigns.format(
                            "%-" + Math.max(name, 5) + "s %9.2e %9.2e %9.2e  %s%n",
                            l.path(),
                            l.output(),
                            l.gradient(),
                            l.errorNorm(),
                            bar));
        }
        return text.toString();
    }

    private static boolean drawn(double error) {
        return error > 0 && error < Double.POSITIVE_INFINITY;
    }

    private static int[] shown(int layers) {
        if (layers <= MOST) {
            return IntStream.range(0, layers).toArray();
        }
        return IntStream.range(0, MOST).map(i -> (int) Math.round(i * (layers - 1.0) / (MOST - 1))).toArray();
    }
}
