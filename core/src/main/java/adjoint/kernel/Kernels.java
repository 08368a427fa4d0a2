package adjoint.kernel;

/// A machine that can run plans. Narrow on purpose: it turns a [Step] into a [Kernel].
///
/// An implementation takes the steps it is good at and hands the others to a simpler one; [ReferenceKernels] takes all.
public interface Kernels {
    /// Makes a step ready to run.
    Kernel prepare(Step step);

    /// Name and essentials for logs, such as `vector (512-bit, 2 threads)`.
    String description();
}
