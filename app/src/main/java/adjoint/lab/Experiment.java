package adjoint.lab;

import java.io.IOException;
import java.util.List;

/// A claim, and how to see whether it holds.
public interface Experiment {
    /// All of them, in the order of the article: what goes wrong first.
    static List<Experiment> all() {
        return List.of(
                new Vanishing(), new Cures(), new BatchNorms(), new ResidualNets(), new Deeper(), new ChainRule());
    }

    /// What the command line calls it.
    String name();

    /// The claim, with its source.
    String claim();

    /// Does it.
    ///
    /// @throws IOException if the examples cannot be read
    Findings run(Setting setting) throws IOException;
}
