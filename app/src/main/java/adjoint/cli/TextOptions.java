package adjoint.cli;

import adjoint.optim.AdamW;
import adjoint.optim.Rule;
import adjoint.optim.Schedule;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.Optional;

/// Options that trainings on text share: the network's size, tokens, and how to learn.
final class TextOptions extends OptionGroup {
    private static final double FLOOR = 0.1; // of the rate, at the end
    private static final double BETA2 = 0.99; // short trainings on small batches (nanoGPT)
    private static final int WARMUP = 20; // a part of the steps, but
    private static final int LONGEST_WARMUP = 100;

    @Option(names = "--layers", paramLabel = "N", description = "Layers of the network (default: below).")
    private Optional<Integer> layers;

    @Option(names = "--heads", paramLabel = "N", defaultValue = "4", description = "Heads of each attention (4).")
    private int heads;

    @Option(names = "--width", paramLabel = "N", description = "The width of the vectors (default: below).")
    private Optional<Integer> width;

    @Option(names = "--dropout", paramLabel = "P", description = "The share dropped in training (default: below).")
    private Optional<Double> dropout;

    @Option(names = "--vocabulary", paramLabel = "N", description = "Learn byte pairs with N tokens (default: below).")
    private Optional<Integer> vocabulary;

    @Option(names = "--tokenizer", paramLabel = "FILE", description = "Use the tokens of this tokenizer.json.")
    private Optional<Path> tokenizer;

    @Option(names = "--rate", paramLabel = "R", description = "The highest learning rate (default: below).")
    private Optional<Double> rate;

    @Option(
            names = "--weight-decay",
            paramLabel = "W",
            defaultValue = "0.1",
            description = "The pull of matrices towards 0 (0.1).")
    private double weightDecay;

    @Option(
            names = "--clip",
            paramLabel = "NORM",
            defaultValue = "1",
            description = "Shorten gradients longer than this (1).")
    private double clip;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "The same seed gives the same bits (42).")
    private long seed;

    /// Refuses numbers that make no sense.
    void check() {
        atLeastOne("--layers", layers);
        atLeastOne("--heads", heads);
        atLeastOne("--width", width);
        double d = dropout.orElse(0.0);
        require(d >= 0 && d < 1, "--dropout needs a share of at least 0 and below 1, got " + Words.number(d));
        require(vocabulary.isEmpty() || tokenizer.isEmpty(), "--vocabulary and --tokenizer exclude each other");
        require(
                vocabulary.orElse(257) > 256,
                "--vocabulary needs more tokens than there are bytes, 257 or more, got " + vocabulary.orElse(0));
        positive("--rate", rate.orElse(1.0));
        notNegative("--weight-decay", weightDecay);
        positive("--clip", clip);
    }

    /// Refuses heads that do not divide the width, of a network that has some.
    void checkHeads(TextBlueprint.Model model, int usualWidth) {
        require(
                !model.hasHeads() || width(usualWidth) % heads == 0,
                "--width " + width(usualWidth) + " needs to be divisible by --heads " + heads);
    }

    int layers(int usual) {
        return layers.orElse(usual);
    }

    int heads() {
        return heads;
    }

    int width(int usual) {
        return width.orElse(usual);
    }

    double dropout(double usual) {
        return dropout.orElse(usual);
    }

    Optional<Integer> vocabulary() {
        return vocabulary;
    }

    Optional<Path> tokenizer() {
        return tokenizer;
    }

    double clip() {
        return clip;
    }

    long seed() {
        return seed;
    }

    /// AdamW, the rate rising at first and then falling along half a cosine to a tenth.
    ///
    /// @param usual the rate where none is given
    Rule rule(long steps, double usual) {
        double rate = this.rate.orElse(usual);
        Schedule schedule =
                Schedule.cosine(rate, steps, FLOOR * rate).warmup(Math.clamp(steps / WARMUP, 1, LONGEST_WARMUP));
        return AdamW.rate(schedule).betas(0.9, BETA2).weightDecay(weightDecay);
    }

    String describe(double usual) {
        return "adamw, rate "
                + Words.number(rate.orElse(usual))
                + ", weight decay "
                + Words.number(weightDecay)
                + ", clip "
                + Words.number(clip);
    }
}
