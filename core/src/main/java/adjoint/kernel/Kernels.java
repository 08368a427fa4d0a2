package adjoint.kernel;

/// A machine that can run plans. Narrow on purpose: it turns a [Step] into a [Kernel].
///
/// An implementation takes the steps it is good at and hands the others to a simpler one; [ReferenceKernels] takes all.
public interface Kernels {
    /// Makes a step ready to run.
    Kernel prepare(Step step);

    /// Whether this machine has a way of doing the step that saves operations, so that machines with faster plain loops had
    /// better leave it to this one.
    default boolean hasShortcut(Step step) {
        return false;
    }

    /// Whether a product ends sooner if its right matrix, whose columns are contiguous, is first copied into rows.
    default boolean wantsRows(Step.Product product) {
        return false;
    }

    /// Whether nothing is being made aside that would let steps end sooner, such as compiled loops.
    default boolean isSettled() {
        return true;
    }

    /// Name and essentials for logs, such as `vector (512-bit, 2 threads)`.
    String description();
}
