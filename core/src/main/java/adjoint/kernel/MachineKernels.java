package adjoint.kernel;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/// Chooses the kernels that suit this machine, once.
public final class MachineKernels {
    /// The system property that overrides the choice: `vector`, `scalar`, `reference`, or the name of a [KernelsProvider]
    /// such as `onednn`.
    public static final String PROPERTY = "adjoint.kernels";

    private static final String MODULE = "jdk.incubator.vector";

    private static final String ABSENT =
            "Running on the vector kernels; with the artifact adjoint-onednn beside adjoint-core, many products are up to"
                    + " twice as fast and convolutions more";

    private static final Map<String, String> FORCED =
            Map.of(
                    "vector",
                    "Running on the vector kernels, as %s asks: convolutions and large products may take twice as long as with"
                                    .formatted(PROPERTY)
                            + " the artifact adjoint-onednn",
                    "scalar",
                    "Running on the scalar kernels, as %s asks: several times slower than the vector kernels"
                            .formatted(PROPERTY),
                    "reference",
                    "Running on the reference kernels, as %s asks: made to be read and compared with, up to a hundred times slower"
                            .formatted(PROPERTY));

    private MachineKernels() {}

    /// What was chosen.
    ///
    /// @param kernels the machine
    /// @param remarks what keeps faster ones from being used, one sentence each
    record Choice(Kernels kernels, List<String> remarks) {}

    /// The fastest kernels that this virtual machine can run, or those that the system property [#PROPERTY] names.
    ///
    /// @throws IllegalArgumentException if the property names no kernels
    /// @throws UnavailableKernelsException if the property names kernels that cannot run here
    public static Kernels standard() {
        return Holder.get().kernels;
    }

    /// Why the standard kernels are not faster ones: a sentence with its remedy each; empty if nothing is missing.
    public static List<String> remarks() {
        return Holder.get().remarks;
    }

    /// Makes the choice among the built-in kernels and the providers'.
    ///
    /// @param name what the user asks for, or null
    static Choice choose(String name, Iterable<KernelsProvider> services) {
        List<String> remarks = new ArrayList<>();
        List<KernelsProvider> providers = providers(services, remarks);
        if (name != null) {
            return new Choice(named(name, providers), FORCED.containsKey(name) ? List.of(FORCED.get(name)) : List.of());
        }
        Kernels own = hasVectors() ? new VectorKernels() : new ScalarKernels();
        if (own instanceof ScalarKernels) {
            remarks.add(
                    "Running without vector instructions, several times slower: start Java with --add-modules "
                            + MODULE);
        }
        for (KernelsProvider provider : providers) {
            try {
                return new Choice(provider.kernels(own), List.copyOf(remarks));
            } catch (UnavailableKernelsException e) {
                remarks.add(
                        "The %s kernels cannot be used, so that products and convolutions may be several times slower: %s"
                                .formatted(provider.name(), e.getMessage()));
            }
        }
        if (providers.isEmpty() && remarks.isEmpty()) {
            remarks.add(ABSENT);
        }
        return new Choice(own, List.copyOf(remarks));
    }

    private static List<KernelsProvider> providers(Iterable<KernelsProvider> services, List<String> remarks) {
        List<KernelsProvider> found = new ArrayList<>();
        try {
            services.forEach(found::add);
        } catch (ServiceConfigurationError e) {
            remarks.add("A provider of kernels is broken and was passed over: " + e.getMessage());
        }
        found.sort(Comparator.comparingInt(KernelsProvider::priority).reversed());
        return found;
    }

    private static Kernels named(String name, List<KernelsProvider> providers) {
        return switch (name) {
            case "vector" -> new VectorKernels();
            case "scalar" -> new ScalarKernels();
            case "reference" -> new ReferenceKernels();
            default -> {
                for (KernelsProvider provider : providers) {
                    if (provider.name().equals(name)) {
                        yield provider.kernels(hasVectors() ? new VectorKernels() : new ScalarKernels());
                    }
                }
                String offered = providers.stream().map(p -> p.name() + ", ").collect(Collectors.joining());
                throw new UnavailableKernelsException(
                        "%s must be %svector, scalar or reference, got '%s'".formatted(PROPERTY, offered, name));
            }
        };
    }

    /// The most floating-point operations a second, in 10⁹, that the machine gives to so many threads ([Peak]); NaN
    /// without vector instructions. Takes some hundred milliseconds.
    public static double peakGigaflops(int threads) {
        return hasVectors() ? Peak.gigaflops(threads) : Double.NaN;
    }

    // By the class and not by the boot layer: a program may have loaded the module since it started.
    private static boolean hasVectors() {
        try {
            Class.forName(MODULE + ".FloatVector");
            return true;
        } catch (ClassNotFoundException | LinkageError _) {
            return false;
        }
    }

    private static final class Holder {
        static final Choice STANDARD;
        static final RuntimeException REFUSAL; // thrown as it is, not as an error of this class's making

        static {
            Choice choice = null;
            RuntimeException refusal = null;
            try {
                choice =
                        choose(
                                System.getProperty(PROPERTY),
                                ServiceLoader.load(KernelsProvider.class, MachineKernels.class.getClassLoader()));
                log(choice.remarks);
            } catch (IllegalArgumentException | UnavailableKernelsException e) {
                refusal = e;
            }
            STANDARD = choice;
            REFUSAL = refusal;
        }

        private static void log(List<String> remarks) {
            if (!remarks.isEmpty()) {
                // A missing artifact is a choice, and so is a property; what is there and does not work is a fault.
                boolean fault = remarks.stream().anyMatch(r -> !r.equals(ABSENT) && !FORCED.containsValue(r));
                System.getLogger("adjoint.kernel").log(fault ? Level.WARNING : Level.INFO, String.join("; ", remarks));
            }
        }

        static Choice get() {
            if (REFUSAL != null) {
                throw REFUSAL;
            }
            return STANDARD;
        }
    }
}
