package adjoint.data;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.IntFunction;

/// An iterator whose elements are prepared ahead, each on a virtual thread of its own, and given in order. A failure there is
/// thrown here, at its place in the order. Who abandons the iterator half-way leaves nothing behind: what was begun ends by itself.
final class Prefetched implements Iterator<Batch> {
    private final int count;
    private final int ahead;
    private final IntFunction<Batch> batches;
    private final Queue<FutureTask<Batch>> begun = new ArrayDeque<>();
    private int given;

    Prefetched(int count, int ahead, IntFunction<Batch> batches) {
        this.count = count;
        this.ahead = ahead;
        this.batches = batches;
        begin();
    }

    private void begin() {
        while (begun.size() < ahead && given + begun.size() < count) {
            int number = given + begun.size();
            var task = new FutureTask<>(() -> batches.apply(number));
            begun.add(task);
            Thread.ofVirtual().name("adjoint-prefetch-" + number).start(task);
        }
    }

    @Override
    public boolean hasNext() {
        return given < count;
    }

    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        try {
            Batch batch = begun.element().get();
            begun.remove();
            given++;
            begin();
            return batch;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new DataException("preparing a batch failed", e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataException("interrupted while waiting for the next batch", e);
        }
    }
}
