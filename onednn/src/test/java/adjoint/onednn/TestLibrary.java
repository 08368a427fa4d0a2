package adjoint.onednn;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/// oneDNN for the tests; where this build has none for the platform, they are skipped.
final class TestLibrary {
    static final Dnnl DNNL = load();

    private TestLibrary() {}

    private static Dnnl load() {
        assumeTrue(Platform.named(Platform.here()).isPresent(), "no oneDNN for " + Platform.here());
        return OneDnnProvider.load(Library.locate());
    }
}
