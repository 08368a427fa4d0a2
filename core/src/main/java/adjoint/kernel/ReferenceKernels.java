package adjoint.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;

/// All steps in plain loops: what the steps mean. Floats are computed in double precision and rounded when stored.
///
/// It is the yardstick of the tests and what other machines fall back on.
public final class ReferenceKernels implements Kernels {
    private static final int CHUNK = 8192;

    /// Reference kernels have no settings.
    public ReferenceKernels() {}

    @Override
    public Kernel prepare(Step step) {
        return switch (step) {
            case BlockProgram s -> new ReferenceProgram(s);
            case Step.Product s -> new ReferenceProduct(s);
            case AttentionForward s -> ReferenceAttention.of(s);
            case AttentionBackward s -> ReferenceAttention.of(s);
            case Step.Convolution s -> new ReferenceConvolution(s);
            case Step.Pool s -> new ReferencePool(s);
            case Recurrence s -> new ReferenceRecurrence(s);
            case RecurrenceAdjoint s -> new ReferenceRecurrenceAdjoint(s);
            case Step.Gather s -> new IndexKernels.GatherKernel(s);
            case Step.ScatterAdd s -> new IndexKernels.ScatterAddKernel(s);
            case Step.TakeAlongAxis s -> new IndexKernels.TakeKernel(s);
            case Step.ScatterAddAlongAxis s -> new IndexKernels.ScatterAlongKernel(s);
            case Step.ArgReduce s -> new AxisKernels.ArgReduceKernel(s);
            case Step.CumulativeSum s -> new AxisKernels.CumulativeSumKernel(s);
            case Step.ArgSort s -> new AxisKernels.ArgSortKernel(s);
            case Step.Random s -> (memory, _, team) -> random(s, memory, team);
            case Step.Iota s -> (memory, _, _) -> iota(s, memory);
            case Step.Custom s -> (memory, _, _) -> custom(s, memory);
        };
    }

    @Override
    public String description() {
        return "reference";
    }

    private static void random(Step.Random step, Memory memory, Team team) {
        MemorySegment keys = memory.slot(step.key().slot());
        long seed = keys.get(Elements.LONG, step.key().offset());
        long stream = keys.get(Elements.LONG, step.key().offset() + Long.BYTES);
        View view = step.target();
        MemorySegment target = memory.slot(view.slot());
        boolean normal = step.distribution() == Step.Distribution.NORMAL;
        long size = view.size();
        team.run(
                Math.toIntExact((size + CHUNK - 1) / CHUNK),
                task -> {
                    long from = (long) task * CHUNK;
                    long to = Math.min(size, from + CHUNK);
                    for (long i = from; i < to; i++) {
                        double x = normal ? Philox.normal(seed, stream, i) : Philox.uniform(seed, stream, i);
                        Elements.set(target, view.type(), view.offset() + i * view.type().bytes(), x);
                    }
                });
    }

    private static void iota(Step.Iota step, Memory memory) {
        View view = step.target();
        int n = view.dims()[step.axis()];
        long inner = Elements.product(view.dims(), step.axis() + 1, view.dims().length);
        long size = view.size();
        for (long i = 0; i < size; i++) {
            long offset = view.offset() + i * view.type().bytes();
            Elements.setLong(memory.slot(view.slot()), view.type(), offset, i / inner % n);
        }
    }

    private static void custom(Step.Custom step, Memory memory) {
        var sources = new ArrayList<Values>(step.sources().size());
        for (View source : step.sources()) {
            sources.add(values(memory, source));
        }
        Values target = values(memory, step.target());
        target.segment().fill((byte) 0);
        step.function().compute(sources, target);
    }

    private static Values values(Memory memory, View view) {
        long bytes = view.size() * view.type().bytes();
        return new Values(memory.slot(view.slot()).asSlice(view.offset(), bytes), view.type());
    }
}
