package adjoint.kernel;

import java.lang.System.Logger.Level;

/// Chooses the kernels that suit this machine, once.
public final class MachineKernels {
    /// The system property that overrides the choice: `vector`, `scalar` or `reference`.
    public static final String PROPERTY = "adjoint.kernels";

    private static final String MODULE = "jdk.incubator.vector";

    private MachineKernels() {}

    /// The fastest kernels that this virtual machine can run, or those that the system property [#PROPERTY] names.
    ///
    /// @throws IllegalArgumentException if the property names no kernels
    public static Kernels standard() {
        return Holder.STANDARD;
    }

    /// The kernels of that name.
    ///
    /// @throws IllegalArgumentException if there are none
    static Kernels named(String name) {
        return switch (name) {
            case "vector" -> new VectorKernels();
            case "scalar" -> new ScalarKernels();
            case "reference" -> new ReferenceKernels();
            default ->
                    throw new IllegalArgumentException(
                            PROPERTY + " must be vector, scalar or reference, got '" + name + "'");
        };
    }

    private static Kernels choose() {
        String name = System.getProperty(PROPERTY);
        if (name != null) {
            return named(name);
        }
        if (hasVectors()) {
            return new VectorKernels();
        }
        System.getLogger("adjoint.kernel")
                .log(
                        Level.WARNING,
                        "Running without vector instructions, several times slower: start Java with"
                                + " --add-modules "
                                + MODULE);
        return new ScalarKernels();
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
        static final Kernels STANDARD = choose();
    }
}
