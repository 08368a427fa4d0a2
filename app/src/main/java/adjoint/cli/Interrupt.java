package adjoint.cli;

import adjoint.train.TrainingEvent;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Ends a training in good order when the program is told to stop (Ctrl-C, or kill): after the step at hand, with
/// everything written. A second signal does not wait.
final class Interrupt implements Consumer<TrainingEvent>, AutoCloseable {
    private static final long PATIENCE = 10; // seconds for the step at hand

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean wanted;
    private volatile boolean training;

    /// @param unbegun what to do if the training has not begun
    /// @param told what to do first if it has
    Interrupt(Runnable unbegun, Runnable told) {
        hook =
                new Thread(() -> {
                    wanted = true;
                    if (!training) {
                        unbegun.run();
                        return;
                    }
                    told.run();
                    try {
                        if (!over.await(PATIENCE, TimeUnit.SECONDS)) {
                            return; // a very long step: what was saved is sound all the same
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    @Override
    public void accept(TrainingEvent event) {
        training = !(event instanceof TrainingEvent.Finished);
        if (wanted && !(event instanceof TrainingEvent.Finished)) {
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
