package adjoint.cli;

import adjoint.train.Epoch;
import adjoint.train.TrainingEvent;

import com.mitchtalmadge.asciidata.graph.ASCIIGraph;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Remembers the course of a training.
final class Curves implements Consumer<TrainingEvent> {
    private static final int WIDTH = 64;
    private static final int HEIGHT = 9;

    private final List<Epoch> epochs = new ArrayList<>();
    private double[] losses = new double[1024];
    private int steps;

    @Override
    public void accept(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.StepDone s -> {
                losses = steps == losses.length ? Arrays.copyOf(losses, 2 * steps) : losses;
                losses[steps++] = s.loss();
            }
            case TrainingEvent.EpochDone e -> epochs.add(e.epoch());
            default -> {}
        }
    }

    List<Epoch> epochs() {
        return epochs;
    }

    int steps() {
        return steps;
    }

    /// The losses of the steps, averaged over at most so many stretches of equal length.
    double[] losses(int most) {
        int n = Math.min(most, steps);
        double[] means = new double[n];
        for (int i = 0; i < n; i++) {
            int from = (int) ((long) i * steps / n);
            int to = (int) ((long) (i + 1) * steps / n);
            means[i] = Arrays.stream(losses, from, to).average().orElse(0);
        }
        return means;
    }

    /// The loss as a small picture of text.
    String plot() {
        double[] series = losses(WIDTH);
        if (series.length == 1) {
            series = new double[] {series[0], series[0]};
        }
        if (Arrays.stream(series).distinct().count() == 1) {
            return String.format(Locale.ROOT, "training loss: %.4f all along", series[0]);
        }
        var format = new DecimalFormat("0.0000", DecimalFormatSymbols.getInstance(Locale.ROOT));
        String graph = ASCIIGraph.fromSeries(series).withNumRows(HEIGHT).withTickFormat(format).plot();
        return "training loss over " + steps + " steps\n" + graph.stripTrailing();
    }
}
