package adjoint.kernel;

/// Kernels in plain Java: float programs run block by block as in [VectorKernels], with loops that need no module.
/// All other steps are those of [ReferenceKernels].
public final class ScalarKernels implements Kernels {
    private final Kernels others = new ReferenceKernels();
    private final BlockLoops loops = new ScalarLoops();

    /// Scalar kernels have no settings.
    public ScalarKernels() {}

    @Override
    public Kernel prepare(Step step) {
        return step instanceof BlockProgram program ? BlockKernel.prepare(program, loops) : others.prepare(step);
    }

    @Override
    public String description() {
        return "scalar";
    }
}
