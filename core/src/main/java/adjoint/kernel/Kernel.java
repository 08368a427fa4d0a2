package adjoint.kernel;

/// A step made ready to run: shapes are settled, loops chosen. Kernels hold no mutable state, so that one plan can run on
/// several memories at once.
@FunctionalInterface
public interface Kernel {
    /// Does the step's work. The outcome's bits must not depend on the team's size.
    ///
    /// @param memory what to work on
    /// @param scratch offset in bytes into slot 0 of [#scratchBytes()] bytes that are this kernel's alone during the call
    /// @param team the threads to share the work among
    void run(Memory memory, long scratch, Team team);

    /// Bytes of working memory that a run needs, in the arena.
    default long scratchBytes() {
        return 0;
    }
}
