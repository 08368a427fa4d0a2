package adjoint.cli;

import adjoint.games.LearningEvent;
import adjoint.tensor.Parameter;

import java.util.SequencedMap;
import java.util.function.Consumer;

/// A game that is being learned, in stretches with a test behind each.
interface Course {
    /// Learns for a stretch.
    void learn(Consumer<? super LearningEvent> listener);

    /// How much was learned from: steps or games.
    long done();

    /// How much will be.
    long total();

    /// How much of that between tests, at least.
    long every();

    /// What is counted: `step`, `game`.
    String unit();

    /// What it can do now, by name.
    ///
    /// @param watch is called now and then, and may put an end to it
    SequencedMap<String, Double> test(Runnable watch);

    /// By which test results are compared; more is better.
    double score(SequencedMap<String, Double> test);

    /// What it can do, tried more thoroughly, and on what no choice was made by.
    ///
    /// @param watch is called now and then, and may put an end to it
    SequencedMap<String, Double> exam(Runnable watch);

    /// The lines of its curve: names of test results.
    SequencedMap<String, String> lines();

    /// Weights, by name.
    SequencedMap<String, Parameter> parameters();

    /// Whether the weights that learn are all finite.
    boolean isSound();

    /// How it is learned, in words.
    String describe();
}
