package adjoint.optim;

import adjoint.tensor.AdjointException;

/// A schedule that is told how training goes, and lowers the rate when it no longer gets better.
///
/// ```java
/// var rate = new PlateauSchedule(Schedule.constant(0.1), 0.1, 5);
/// // after each epoch:
/// rate.observe(validationLoss);
/// // or, with a trainer:
/// trainer.listener(event -> {
///     if (event instanceof TrainingEvent.EpochDone e) {
///         rate.observe(e.epoch().metrics().get("test.loss"));
///     }
/// });
/// ```
///
/// As PyTorch's `ReduceLROnPlateau` with a relative threshold: an observation is better if it lies below `best · (1 -
/// threshold)` (for a metric to maximize: above `best · (1 + threshold)`); after more than `patience` that are not, the
/// rate is multiplied by the factor, and the next `cooldown` observations do not count. NaN is never better.
///
/// Unlike other schedules this one remembers; a checkpoint keeps [#memory()] and gives it back to [#restore].
public final class PlateauSchedule implements Schedule {
    private final Schedule base;
    private final double factor;
    private final int patience;
    private final boolean maximizes;
    private final double threshold;
    private final int cooldown;
    private final double lowest;
    private Memory memory;

    /// What the observations so far have led to.
    ///
    /// @param scale what the rate is multiplied by
    /// @param best the best observation
    /// @param bad how many were not better since
    /// @param cooling how many more will not count
    public record Memory(double scale, double best, int bad, int cooling) {}

    /// For a metric that should fall, with a threshold of 1e-4, no cooldown and no lowest rate.
    ///
    /// @param base the rate before any lowering
    /// @param factor what it is multiplied by, between 0 and 1
    /// @param patience how many observations in a row may fail to be better
    public PlateauSchedule(Schedule base, double factor, int patience) {
        this(base, factor, patience, false, 1e-4, 0, 0);
    }

    private PlateauSchedule(
            Schedule base,
            double factor,
            int patience,
            boolean maximizes,
            double threshold,
            int cooldown,
            double lowest) {
        if (!(factor > 0 && factor < 1)) {
            throw new AdjointException("the factor of a PlateauSchedule must lie between 0 and 1, got " + factor);
        }
        Require.nonNegative("the patience of a PlateauSchedule", patience);
        Require.nonNegative("the threshold of a PlateauSchedule", threshold);
        Require.nonNegative("the cooldown of a PlateauSchedule", cooldown);
        Require.nonNegative("the lowest rate of a PlateauSchedule", lowest);
        this.base = base;
        this.factor = factor;
        this.patience = patience;
        this.maximizes = maximizes;
        this.threshold = threshold;
        this.cooldown = cooldown;
        this.lowest = lowest;
        double worst = maximizes ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        this.memory = new Memory(1, worst, 0, 0);
    }

    /// A fresh one for a metric that should rise.
    public PlateauSchedule maximizing() {
        return new PlateauSchedule(base, factor, patience, true, threshold, cooldown, lowest);
    }

    /// A fresh one with another threshold.
    public PlateauSchedule threshold(double value) {
        return new PlateauSchedule(base, factor, patience, maximizes, value, cooldown, lowest);
    }

    /// A fresh one that waits for so many observations after lowering.
    public PlateauSchedule cooldown(int observations) {
        return new PlateauSchedule(base, factor, patience, maximizes, threshold, observations, lowest);
    }

    /// A fresh one that never lowers below a rate.
    public PlateauSchedule lowest(double rate) {
        return new PlateauSchedule(base, factor, patience, maximizes, threshold, cooldown, rate);
    }

    @Override
    public synchronized double rate(long step) {
        double rate = base.rate(step);
        return memory.scale == 1 ? rate : Math.max(rate * memory.scale, Math.min(rate, lowest));
    }

    /// Tells how training goes.
    ///
    /// @return true if the rate was lowered
    public synchronized boolean observe(double metric) {
        boolean better =
                maximizes
                        ? metric > memory.best + threshold * finite(memory.best)
                        : metric < memory.best - threshold * finite(memory.best);
        double best = better ? metric : memory.best;
        int cooling = Math.max(0, memory.cooling - 1);
        int bad = better || memory.cooling > 0 ? 0 : memory.bad + 1;
        boolean lower = bad > patience;
        memory =
                lower
                        ? new Memory(memory.scale * factor, best, 0, cooldown)
                        : new Memory(memory.scale, best, bad, cooling);
        return lower;
    }

    private static double finite(double best) {
        return Double.isInfinite(best) ? 0 : best;
    }

    /// What a checkpoint keeps.
    public synchronized Memory memory() {
        return memory;
    }

    /// Continues from what a checkpoint kept.
    public synchronized void restore(Memory kept) {
        memory = kept;
    }
}
