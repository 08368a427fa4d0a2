package adjoint.doctor;

/// What can keep a network from learning. The order is that in which findings are told: what causes others comes first.
public enum Ailment {
    /// Numbers that are NaN or infinite.
    NON_FINITE,
    /// A batch norm sees one value of each channel, or nearly so.
    BATCH_TOO_SMALL_FOR_NORM,
    /// What goes into the first weights is far from the size of 1.
    RAW_INPUTS,
    /// The targets, the outputs at the start, or a factor make the loss much larger or smaller than it should be.
    LOSS_SCALE,
    /// Softmax or sigmoid stands in front of a loss that has its own.
    DOUBLE_SOFTMAX,
    /// Units of a layer start alike, and so stay alike.
    SYMMETRIC,
    /// ReLU units give 0 for every example, so that nothing reaches what is before them.
    DEAD,
    /// Sigmoid or tanh works where it is flat.
    SATURATED,
    /// The error, or the signal, is lost on its way through the layers.
    VANISHING,
    /// The error, or the signal, grows on its way through the layers.
    EXPLODING,
    /// Steps throw the weights about.
    RATE_TOO_HIGH,
    /// Steps hardly move the weights.
    RATE_TOO_LOW,
    /// The labels do not belong to the inputs.
    SHUFFLED_LABELS;

    /// The name in words: `rate too high`.
    public String words() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
