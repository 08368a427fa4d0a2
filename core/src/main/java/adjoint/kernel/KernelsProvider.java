package adjoint.kernel;

/// Kernels that another module offers. [MachineKernels] finds its providers through [java.util.ServiceLoader].
public interface KernelsProvider {
    /// The name by which the system property [MachineKernels#PROPERTY] asks for them.
    String name();

    /// Who is asked first where several are there: the highest.
    int priority();

    /// Makes the kernels.
    ///
    /// @param others the machine for the steps that these kernels do not take
    /// @throws UnavailableKernelsException if they cannot run here
    Kernels kernels(Kernels others);
}
