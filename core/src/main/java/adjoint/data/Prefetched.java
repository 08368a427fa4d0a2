package adjoint.data;

import java.lang.ref.Cleaner;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// An iterator whose elements a virtual thread prepares ahead. A failure there is thrown here, at its place in the order; an
/// iterator that is abandoned half-way ends its thread when it is collected.
final class Prefetched implements Iterator<Batch> {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final Object END = new Object();

    private record Failure(Throwable cause) {}

    private final BlockingQueue<Object> queue;
    private Object head;

    Prefetched(Iterator<Batch> source, int ahead) {
        BlockingQueue<Object> q = new ArrayBlockingQueue<>(ahead);
        this.queue = q;
        Thread worker = Thread.ofVirtual().name("adjoint-prefetch").start(() -> fill(source, q));
        CLEANER.register(this, worker::interrupt);
    }

    // Static, so that the worker does not keep the iterator from being collected.
    private static void fill(Iterator<Batch> source, BlockingQueue<Object> queue) {
        try {
            try {
                while (source.hasNext()) {
                    queue.put(source.next());
                }
                queue.put(END);
            } catch (RuntimeException | Error e) {
                queue.put(new Failure(e));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // abandoned
        }
    }

    @Override
    public boolean hasNext() {
        if (head == null) {
            try {
                head = queue.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DataException("interrupted while waiting for the next batch", e);
            }
        }
        if (head instanceof Failure failure) {
            switch (failure.cause) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new DataException("preparing a batch failed", failure.cause);
            }
        }
        return head != END;
    }

    @Override
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Batch batch = (Batch) head;
        head = null;
        return batch;
    }
}
