package adjoint.cli;

import adjoint.train.TrainingEvent;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Has dead batches collected before the heap grows for them. The serial collector enlarges the old generation for what survives a
/// young collection, and looks for what died there only when the heap is as large as it may become; batches that were prepared ahead
/// survive one.
final class HeapGuard implements Consumer<TrainingEvent> {
    private static final long SPARE = 512L << 20; // bytes beside twice what is in use

    private final LongSupplier size;
    private final LongSupplier used;
    private final Runnable collect;
    private long limit = SPARE;

    HeapGuard() {
        this(
                Runtime.getRuntime()::totalMemory,
                () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(),
                System::gc);
    }

    /// @param size of the heap, in bytes
    /// @param used of them
    /// @param collect frees what is dead
    HeapGuard(LongSupplier size, LongSupplier used, Runnable collect) {
        this.size = size;
        this.used = used;
        this.collect = collect;
    }

    @Override
    public void accept(TrainingEvent event) {
        if (event instanceof TrainingEvent.StepDone) {
            check();
        }
    }

    /// Collects what is dead if the heap has grown for no good reason.
    void check() {
        if (size.getAsLong() > limit) {
            collect.run();
            limit = Math.max(size.getAsLong(), 2 * used.getAsLong()) + SPARE;
        }
    }
}
