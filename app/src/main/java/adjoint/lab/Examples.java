package adjoint.lab;

import adjoint.data.Batch;
import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.data.Digits;
import adjoint.data.Mnist;
import adjoint.tensor.Tensor;

import java.io.IOException;

/// Handwritten digits, with a mean of 0 and a deviation of 1 over all pixels.
///
/// @param name what they are
/// @param train to learn from
/// @param test to test on
record Examples(String name, Dataset train, Dataset test) {
    private static final int MEASURED = 2000;

    /// MNIST; digits that the library draws where it cannot be had, or where only the course of things is to be seen.
    static Examples of(Setting setting) {
        if (setting.size() == Setting.Size.QUICK) {
            return drawn("digits drawn by the library");
        }
        try {
            return standardized("MNIST", Mnist.train(), Mnist.test());
        } catch (IOException | DataException e) {
            setting.say("MNIST cannot be had (%s): the library draws digits instead", e.getMessage());
            return drawn("digits drawn by the library, since MNIST could not be had");
        }
    }

    private static Examples drawn(String name) {
        return standardized(name, Digits.train(1), Digits.test(1));
    }

    private static Examples standardized(String name, Dataset train, Dataset test) {
        float[] pixels = train.take(MEASURED).batch(first(MEASURED)).x().toFloats();
        double sum = 0;
        double squares = 0;
        for (float p : pixels) {
            sum += p;
            squares += (double) p * p;
        }
        double mean = sum / pixels.length;
        double deviation = Math.sqrt(squares / pixels.length - mean * mean);
        return new Examples(
                name,
                train.map(b -> standardized(b, mean, deviation)),
                test.map(b -> standardized(b, mean, deviation)));
    }

    static Batch standardized(Batch batch, double mean, double deviation) {
        float[] x = batch.x().toFloats();
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) ((x[i] - mean) / deviation);
        }
        return new Batch(Tensor.of(x, batch.x().shape()), batch.y());
    }

    /// The numbers 0 … n-1.
    static int[] first(int n) {
        return java.util.stream.IntStream.range(0, n).toArray();
    }

    /// `n` of the test examples, drawn by a seed.
    Dataset someTests(int n, long seed) {
        int[] order = Dataset.shuffledIndices(test.size(), seed, 0);
        return test.select(java.util.Arrays.copyOf(order, Math.min(n, order.length)));
    }
}
