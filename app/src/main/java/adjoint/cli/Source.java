package adjoint.cli;

/// Where examples come from.
enum Source {
    DIGITS(28, 28, 1),
    MNIST(28, 28, 1),
    FASHION_MNIST(28, 28, 1),
    CIFAR_10(32, 32, 3),
    CSV;

    private final int[] shape;

    Source(int... shape) {
        this.shape = shape;
    }

    /// The shape of one example; empty where the file says it.
    int[] shape() {
        return shape.clone();
    }

    boolean pictures() {
        return this != CSV;
    }
}
