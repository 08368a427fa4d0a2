package adjoint.tensor;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.Lock;

/// Keeps parameters as they are while a step runs on their memory: those that it reads cannot be written meanwhile, those that
/// it writes cannot be read. Locks are taken in one order for all, so that no two steps wait for each other.
///
/// ```java
/// try (var held = ParameterHold.of(claims)) {
///     // check versions, run, call changed() on what was written
/// }
/// ```
public final class ParameterHold implements AutoCloseable {
    /// A parameter and what is to be done with it.
    public record Claim(Parameter parameter, boolean written) {}

    private final Lock[] locks;

    private ParameterHold(Lock[] locks) {
        this.locks = locks;
    }

    /// Waits until all are free.
    ///
    /// @param claims one for each parameter
    public static ParameterHold of(List<Claim> claims) {
        Claim[] sorted = claims.toArray(Claim[]::new);
        if (!isSorted(sorted)) { // mostly it is: a network's parameters are read in the order in which they were made
            Arrays.sort(sorted, Comparator.comparingLong(c -> c.parameter.order()));
        }
        Lock[] locks = new Lock[sorted.length];
        for (int i = 0; i < locks.length; i++) {
            var lock = sorted[i].parameter.lock();
            locks[i] = sorted[i].written ? lock.writeLock() : lock.readLock();
            locks[i].lock();
        }
        return new ParameterHold(locks);
    }

    private static boolean isSorted(Claim[] claims) {
        for (int i = 1; i < claims.length; i++) {
            if (claims[i - 1].parameter.order() > claims[i].parameter.order()) {
                return false;
            }
        }
        return true;
    }

    /// Lets them go.
    @Override
    public void close() {
        for (int i = locks.length - 1; i >= 0; i--) {
            locks[i].unlock();
        }
    }
}
