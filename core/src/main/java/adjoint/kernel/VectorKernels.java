package adjoint.kernel;

/// Kernels with the Vector API: float programs, products, convolutions and pooling in vector instructions, all other steps as in
/// [ReferenceKernels]. Needs the module `jdk.incubator.vector`; see [MachineKernels].
public final class VectorKernels implements Kernels {
    private final Kernels others = new ReferenceKernels();
    private final LoopCompiler compiler;
    private final BlockLoops loops;
    private final Workspaces workspaces = new Workspaces();

    /// Vector kernels have no settings.
    public VectorKernels() {
        this(new LoopCompiler(false));
    }

    VectorKernels(LoopCompiler compiler) {
        this.compiler = compiler;
        this.loops = new VectorLoops(compiler);
    }

    @Override
    public Kernel prepare(Step step) {
        return switch (step) {
            case BlockProgram program when VectorTransposedCopy.takes(program) ->
                    new VectorTransposedCopy(program, workspaces);
            case BlockProgram program -> BlockKernel.prepare(program, loops);
            case Step.Product product when product.target().type() == DType.FLOAT32 ->
                    new VectorProduct(product, workspaces);
            case Step.Convolution convolution -> VectorConvolution.prepare(convolution, workspaces);
            case Step.Pool pool when VectorPool.takes(pool) -> new VectorPool(pool);
            case Recurrence r when r.target().type() == DType.FLOAT32 -> new VectorRecurrence(r);
            case RecurrenceAdjoint r when r.target().type() == DType.FLOAT32 -> new VectorRecurrenceAdjoint(r);
            case Step.ScatterAdd s when s.target().type() == DType.FLOAT32 -> new VectorIndexing.ScatterAdd(s);
            case Step.TakeAlongAxis s
                    when s.target().type() == DType.FLOAT32 && VectorIndexing.picksOne(s.index(), s.axis()) ->
                    new VectorIndexing.TakeOne(s);
            case Step.ScatterAddAlongAxis s
                    when s.target().type() == DType.FLOAT32 && VectorIndexing.picksOne(s.index(), s.axis()) ->
                    new VectorIndexing.PutOne(s);
            case AttentionForward attention when attention.v().type() == DType.FLOAT32 ->
                    VectorAttentionRow.takes(attention)
                            ? new VectorAttentionRow(attention, workspaces)
                            : new VectorAttention(attention, workspaces);
            case AttentionBackward attention when attention.v().type() == DType.FLOAT32 ->
                    new VectorAttentionGradient(attention, workspaces);
            default -> others.prepare(step);
        };
    }

    @Override
    public boolean hasShortcut(Step step) {
        return step instanceof Step.Convolution convolution && WinogradTiles.take(convolution);
    }

    @Override
    public boolean isSettled() {
        return compiler.isIdle();
    }

    @Override
    public String description() {
        return "vector (%d-bit)".formatted(loops.lanes() * Float.SIZE);
    }
}
