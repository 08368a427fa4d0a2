package adjoint.cli;

/// Loads the JDK's vector module into the running program.
///
/// `java --add-modules jdk.incubator.vector` does the same and prints a warning on every start. The JDK loads its own
/// late modules (`java.instrument`, for one) with a method that the manifest of this jar exports to the program. A
/// command that computes calls this first, before any class of the core that names a vector.
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /// Loads the module, unless it is there already or `-Dadjoint.vector=false` keeps it out.
    ///
    /// @return whether the module is there
    static boolean load() {
        if (ModuleLayer.boot().findModule(NAME).isPresent()) {
            return true;
        }
        if (!Boolean.parseBoolean(System.getProperty("adjoint.vector", "true"))) {
            return false;
        }
        try {
            Class.forName("jdk.internal.module.Modules").getMethod("loadModule", String.class).invoke(null, NAME);
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
