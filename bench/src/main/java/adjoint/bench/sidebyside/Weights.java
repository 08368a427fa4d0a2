package adjoint.bench.sidebyside;

import adjoint.kernel.Philox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The first weights of a workload's network: made once by the runner, written to a file, and read by every contender.
///
/// Parameters come in the order of the layers, a layer's weight before its bias; a block's shortcut comes last.
public final class Weights {
    private static final int STREAM = 100; // behind those of Inputs

    private final Workload workload;
    private final FloatBuffer source; // null: drawn
    private final List<Weight> made = new ArrayList<>();

    private Weights(Workload workload, FloatBuffer source) {
        this.workload = workload;
        this.source = source;
        workload.weights(this);
    }

    /// Draws the weights of a workload and writes them to a file.
    public static void write(Workload workload, Path file) throws IOException {
        List<Weight> weights = new Weights(workload, null).made;
        int n = weights.stream().mapToInt(w -> w.values().length).sum();
        var bytes = ByteBuffer.allocate(Math.multiplyExact(n, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        var floats = bytes.asFloatBuffer();
        weights.forEach(w -> floats.put(w.values()));
        Files.write(file, bytes.array());
    }

    /// Reads the weights of a workload.
    public static List<Weight> read(Workload workload, Path file) throws IOException {
        var floats = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        int count = floats.remaining();
        List<Weight> weights = new Weights(workload, floats).made;
        int needed = weights.stream().mapToInt(w -> w.values().length).sum();
        if (count != needed) {
            throw new IOException(
                    file
                            + " holds "
                            + count
                            + " numbers, the network of "
                            + workload.title()
                            + " needs "
                            + needed
                            + ": it is of another workload");
        }
        return weights;
    }

    void perceptron(int... widths) {
        for (int i = 1; i < widths.length; i++) {
            linear(widths[i - 1], widths[i]);
        }
    }

    void transformer(int vocabulary, int context, int layers, int width) {
        normal(Weight.Kind.TABLE, 0.02, vocabulary, width);
        normal(Weight.Kind.TABLE, 0.02, context, width);
        for (int layer = 0; layer < layers; layer++) {
            norm(width);
            normal(Weight.Kind.MATRIX, 0.02, 3 * width, width);
            normal(Weight.Kind.MATRIX, 0.02, width, width);
            norm(width);
            normal(Weight.Kind.MATRIX, 0.02, 4 * width, width);
            normal(Weight.Kind.MATRIX, 0.02, width, 4 * width);
        }
        norm(width);
        normal(Weight.Kind.MATRIX, 0.02, vocabulary, width);
    }

    void linear(int in, int out) {
        uniform(Weight.Kind.MATRIX, in, out, in);
        uniform(Weight.Kind.VECTOR, in, out);
    }

    void convolution(int in, int out, int kernel) {
        normal(Weight.Kind.KERNEL, Math.sqrt(2.0 / (in * kernel * kernel)), out, in, kernel, kernel); // He et al. 2015
    }

    void norm(int channels) {
        add(Weight.Kind.VECTOR, i -> 1, channels);
        add(Weight.Kind.VECTOR, i -> 0, channels);
    }

    void uniform(Weight.Kind kind, int fanIn, int... dims) {
        double bound = 1 / Math.sqrt(fanIn);
        int stream = STREAM + made.size();
        add(kind, i -> (2 * Philox.uniform(workload.ordinal(), stream, i) - 1) * bound, dims);
    }

    void normal(Weight.Kind kind, double deviation, int... dims) {
        int stream = STREAM + made.size();
        add(kind, i -> Philox.normal(workload.ordinal(), stream, i) * deviation, dims);
    }

    private interface Draw {
        double at(int i);
    }

    private void add(Weight.Kind kind, Draw draw, int... dims) {
        float[] values = new float[Weight.size(dims)];
        if (source != null) {
            source.get(values, 0, Math.min(values.length, source.remaining())); // too few are refused by the reader
        } else {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) draw.at(i);
            }
        }
        made.add(new Weight(kind, dims, values));
    }
}
