package adjoint.kernel;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/// A few threads that share the tasks of one step: the caller and `size - 1` daemon workers.
///
/// Each thread begins with its own share of the tasks, the same of equal counts, so that what it wrote in one step it finds in its
/// cache in the next; whoever is done takes from the others' shares. What a task is never depends on the number of threads, so
/// neither do the bits. When several trainings share a team, whoever finds it busy does its tasks alone rather than wait.
public final class Team implements AutoCloseable {
    /// How long an idle thread watches before it sleeps, so that the next step of a plan, and the next training step of a small
    /// network, finds it awake. With more threads than processors nobody watches: it would take the time of those who work.
    private static final long WATCH_NANOS = 200_000;

    private static final int SPINS_AT_ONCE = 32;

    /// Ints from one thread's counter to the next one's: they must not share a line of a cache.
    private static final int APART = 32;

    private static final Cleaner CLEANER =
            Cleaner.create(Thread.ofPlatform().daemon().name("adjoint-cleaner").factory());

    private final int size;
    private final long watch;
    private final Crew crew;
    private final Cleaner.Cleanable end;
    private final ReentrantLock busy = new ReentrantLock();

    /// @param size number of threads including the caller, at least 1
    public Team(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("a team needs at least 1 thread, got " + size);
        }
        this.size = size;
        this.watch = size > Runtime.getRuntime().availableProcessors() ? 0 : WATCH_NANOS;
        this.crew = new Crew(size - 1, watch);
        this.end = CLEANER.register(this, crew::close);
    }

    /// The number of threads, the caller's included.
    public int size() {
        return size;
    }

    /// Calls `task` once for each of `0 … count - 1`, in any order, on any of the threads; returns when all are done.
    ///
    /// @throws RuntimeException the first failure of a task, after all threads have let go
    public void run(int count, IntConsumer task) {
        // A task that comes here again is alone too: the workers belong to the outer run.
        if (count <= 1 || crew.workers.length == 0 || busy.isHeldByCurrentThread() || !busy.tryLock()) {
            for (int i = 0; i < count; i++) {
                task.accept(i);
            }
            return;
        }
        try {
            var mine = new Job(count, size, task, watch);
            crew.job = mine;
            crew.wake();
            mine.help(0);
            mine.await();
            crew.job = null;
            if (mine.failure != null) {
                throw rethrow(mine.failure);
            }
        } finally {
            busy.unlock();
            Reference.reachabilityFence(this); // the workers must not be sent home meanwhile
        }
    }

    /// Lets the workers end; afterwards the caller works alone. A team that nobody holds any more does so by itself.
    @Override
    public void close() {
        end.clean();
    }

    /// The workers. They do not know their team, so that it can be collected when nobody uses it.
    private static final class Crew {
        final Thread[] workers;
        final long watch;
        volatile Job job;
        volatile boolean closed;

        Crew(int size, long watch) {
            this.watch = watch;
            workers = new Thread[size];
            for (int i = 0; i < size; i++) {
                int member = i + 1;
                workers[i] = Thread.ofPlatform().daemon().name("adjoint-worker-" + i).start(() -> work(member));
            }
        }

        void wake() {
            for (Thread worker : workers) {
                LockSupport.unpark(worker);
            }
        }

        void close() {
            closed = true;
            wake();
        }

        private void work(int member) {
            Job last = null;
            long idleSince = System.nanoTime();
            while (!closed) {
                Job next = job;
                if (isNews(next, last)) {
                    last = next;
                    next.help(member);
                    idleSince = System.nanoTime();
                } else if (System.nanoTime() - idleSince < watch) {
                    for (int i = 0; i < SPINS_AT_ONCE && !isNews(job, last); i++) {
                        Thread.onSpinWait();
                    }
                } else {
                    last = null; // a parked worker must not keep a job's memory alive
                    LockSupport.park(this);
                    next = job; // read once: the caller may clear it at any time
                    last = next != null && next.isDone() ? next : null;
                    idleSince = System.nanoTime();
                }
            }
        }
    }

    private static boolean isNews(Job job, Job last) {
        return job != null && job != last;
    }

    private static RuntimeException rethrow(Throwable failure) {
        return switch (failure) {
            case RuntimeException e -> e;
            case Error e -> throw e;
            default -> new IllegalStateException(failure);
        };
    }

    private static final class Job {
        final int count;
        final int size;
        final IntConsumer task;
        final long watch;
        final AtomicIntegerArray taken; // of each thread's share
        final AtomicInteger done = new AtomicInteger();
        volatile Throwable failure;
        volatile Thread sleeper; // who waits for the last task

        Job(int count, int size, IntConsumer task, long watch) {
            this.count = count;
            this.size = size;
            this.taken = new AtomicIntegerArray((size + 1) * APART);
            this.task = task;
            this.watch = watch;
        }

        /// Does what is left of a thread's own share, then of the next one's, and so on.
        void help(int member) {
            for (int k = 0; k < size; k++) {
                int owner = (member + k) % size;
                int from = (int) ((long) count * owner / size);
                int share = (int) ((long) count * (owner + 1) / size) - from;
                for (int i = take(owner); i < share; i = take(owner)) {
                    call(from + i);
                }
            }
        }

        private int take(int owner) {
            return taken.getAndIncrement((owner + 1) * APART);
        }

        private void call(int i) {
            try {
                if (failure == null) {
                    task.accept(i);
                }
            } catch (Throwable e) { // must reach the caller, whatever it is
                synchronized (this) {
                    failure = failure == null ? e : failure;
                }
            } finally {
                if (done.incrementAndGet() == count) {
                    LockSupport.unpark(sleeper);
                }
            }
        }

        boolean isDone() {
            return done.get() >= count;
        }

        void await() {
            for (long start = System.nanoTime(); !isDone() && System.nanoTime() - start < watch; ) {
                for (int i = 0; i < SPINS_AT_ONCE && !isDone(); i++) {
                    Thread.onSpinWait();
                }
            }
            if (!isDone()) {
                sleeper = Thread.currentThread();
                boolean interrupted = false;
                while (!isDone()) {
                    LockSupport.park(this);
                    interrupted |= Thread.interrupted(); // an interrupted thread would not sleep
                }
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
