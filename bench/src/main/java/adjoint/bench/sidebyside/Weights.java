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
        switch (workload) {
            case MLP_SMALL -> perceptron(784, 128, 10);
            case MLP_LARGE -> perceptron(784, 1024, 1024, 10);
            case LENET -> lenet();
            case RESNET20 -> residual();
            case CHAR_GPT -> transformer(4, 128);
            case DQN, DQN_ACT -> perceptron(4, 120, 84, 2);
        }
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

    private void perceptron(int... widths) {
        for (int i = 1; i < widths.length; i++) {
            linear(widths[i - 1], widths[i]);
        }
    }

    private void lenet() {
        convolution(1, 32, 5);
        uniform(Weight.Kind.VECTOR, 25, 32);
        convolution(32, 64, 5);
        uniform(Weight.Kind.VECTOR, 32 * 25, 64);
        uniform(Weight.Kind.KERNEL, 3136, 512, 64, 7, 7); // a linear layer that reads the image channels first
        uniform(Weight.Kind.VECTOR, 3136, 512);
        linear(512, 10);
    }

    private void residual() {
        convolution(3, 16, 3);
        norm(16);
        for (int block = 0; block < 9; block++) {
            int out = 16 << block / 3;
            int in = block % 3 == 0 && block > 0 ? out / 2 : out;
            convolution(in, out, 3);
            norm(out);
            convolution(out, out, 3);
            norm(out);
            if (in != out) {
                convolution(in, out, 1);
                norm(out);
            }
        }
        linear(64, 10);
    }

    private void transformer(int layers, int width) {
        normal(Weight.Kind.TABLE, 0.02, workload.classes(), width);
        normal(Weight.Kind.TABLE, 0.02, workload.sample()[0], width);
        for (int layer = 0; layer < layers; layer++) {
            norm(width);
            normal(Weight.Kind.MATRIX, 0.02, 3 * width, width);
            normal(Weight.Kind.MATRIX, 0.02, width, width);
            norm(width);
            normal(Weight.Kind.MATRIX, 0.02, 4 * width, width);
            normal(Weight.Kind.MATRIX, 0.02, width, 4 * width);
        }
        norm(width);
        normal(Weight.Kind.MATRIX, 0.02, workload.classes(), width);
    }

    private void linear(int in, int out) {
        uniform(Weight.Kind.MATRIX, in, out, in);
        uniform(Weight.Kind.VECTOR, in, out);
    }

    private void convolution(int in, int out, int kernel) {
        normal(Weight.Kind.KERNEL, Math.sqrt(2.0 / (in * kernel * kernel)), out, in, kernel, kernel); // He et al. 2015
    }

    private void norm(int channels) {
        add(Weight.Kind.VECTOR, i -> 1, channels);
        add(Weight.Kind.VECTOR, i -> 0, channels);
    }

    private void uniform(Weight.Kind kind, int fanIn, int... dims) {
        double bound = 1 / Math.sqrt(fanIn);
        int stream = STREAM + made.size();
        add(kind, i -> (2 * Philox.uniform(workload.ordinal(), stream, i) - 1) * bound, dims);
    }

    private void normal(Weight.Kind kind, double deviation, int... dims) {
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
