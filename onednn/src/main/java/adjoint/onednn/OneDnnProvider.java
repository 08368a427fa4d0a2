package adjoint.onednn;

import adjoint.kernel.Kernels;
import adjoint.kernel.KernelsProvider;
import adjoint.kernel.UnavailableKernelsException;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;

/// Offers [OneDnnKernels] wherever oneDNN can be loaded.
public final class OneDnnProvider implements KernelsProvider {
    private static final int PRIORITY = 100;

    /// For the service loader.
    public OneDnnProvider() {}

    @Override
    public String name() {
        return "onednn";
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public Kernels kernels(Kernels others) {
        return new OneDnnKernels(load(Library.locate()), others);
    }

    /// Loads the library, with what it needs from the folder where it lies.
    @SuppressWarnings("restricted")
    static Dnnl load(Path file) {
        try {
            // Before Dnnl is initialized: there, a denial would come out as another error.
            var library = SymbolLookup.libraryLookup(file, Arena.global());
            return new Dnnl(library);
        } catch (IllegalCallerException e) {
            throw new UnavailableKernelsException(
                    "Java denies native access: start it with --enable-native-access="
                            + (OneDnnProvider.class.getModule().isNamed()
                                    ? OneDnnProvider.class.getModule().getName()
                                    : "ALL-UNNAMED"),
                    e);
        } catch (IllegalArgumentException | OneDnnException e) {
            throw new UnavailableKernelsException(
                    "the library %s cannot be loaded (%s); it needs libstdc++ and libgomp, and a file system that allows execution: see -D%s and -D%s"
                            .formatted(file, e.getMessage(), Library.CACHE, Library.FILE),
                    e);
        }
    }
}
