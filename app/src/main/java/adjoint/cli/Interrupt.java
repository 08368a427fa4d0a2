package adjoint.cli;

import adjoint.train.TrainingEvent;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Ends a training in good order when the program is told to stop (Ctrl-C, or kill): after the step at hand, with
/// everything written. A second signal does not wait.
final class Interrupt implements Consumer<TrainingEvent>, AutoCloseable {
    /// Seconds that the step at hand is waited for.
    static final int PATIENCE = 10;

    private final CountDownLatch over = new CountDownLatch(1);
    private final Runnable unbegun;
    private final Runnable told;
    private final Runnable left;
    private final Thread hook;
    private volatile boolean wanted;
    private volatile boolean training;

    /// @param unbegun what to do if the training has not begun
    /// @param told what to do first if it has
    /// @param left what to do if the step at hand is not waited for any longer: what was saved is sound all the same
    Interrupt(Runnable unbegun, Runnable told, Runnable left) {
        this.unbegun = unbegun;
        this.told = told;
        this.left = left;
        hook = new Thread(() -> signalled(PATIENCE));
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /// What happens on a signal.
    ///
    /// @param seconds how long the step at hand is waited for
    void signalled(int seconds) {
        wanted = true;
        if (!training) {
            unbegun.run();
            return;
        }
        told.run();
        try {
            if (!over.await(seconds, TimeUnit.SECONDS)) {
                left.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void accept(TrainingEvent event) {
        if (event instanceof TrainingEvent.Finished) {
            training = false;
        } else {
            check();
        }
    }

    /// Ends a training that is under way, if the program was told to stop.
    ///
    /// @throws CancellationException if it was
    void check() {
        training = true;
        if (wanted) {
            throw new CancellationException("interrupted");
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) { // the program is stopping already
        }
        over.countDown();
    }
}
