package adjoint.data;

import adjoint.kernel.Buffer;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.util.List;

/// Examples in one Java array: pixels as bytes, scaled to 0 … 1 when a batch is made, or features as floats.
public final class ArrayDataset implements Dataset {
    private static final float[] SCALED = new float[256];

    static {
        for (int i = 0; i < SCALED.length; i++) {
            SCALED[i] = i / 255f;
        }
    }

    private final byte[] pixels;
    private final float[] features;
    private final int[] shape;
    private final int width;
    private final int[] labels;
    private final float[] targets;
    private final int targetWidth;
    private final List<String> classes;

    private ArrayDataset(
            byte[] pixels,
            float[] features,
            int[] shape,
            int[] labels,
            float[] targets,
            int targetWidth,
            List<String> classes) {
        this.pixels = pixels;
        this.features = features;
        this.shape = shape.clone();
        this.labels = labels;
        this.targets = targets;
        this.targetWidth = targetWidth;
        this.classes = List.copyOf(classes);
        int product = 1;
        for (int d : shape) {
            product = Math.multiplyExact(product, d);
        }
        this.width = product;
        long have = pixels.length + features.length;
        if (have != (long) size() * width) {
            throw new DataException(
                    "a dataset of "
                            + size()
                            + " examples of "
                            + width
                            + " values needs "
                            + (long) size() * width
                            + " values, got "
                            + have);
        }
    }

    /// Images of bytes, 0 … 255, given as 0 … 1.
    ///
    /// @param exampleShape of one image: height, width, channels
    /// @throws DataException if a label is outside the classes, or the numbers do not fit together
    public static ArrayDataset pixels(byte[] pixels, int[] exampleShape, int[] labels, List<String> classes) {
        check(labels, classes);
        return new ArrayDataset(pixels, new float[0], exampleShape, labels, new float[0], 0, classes);
    }

    /// Features with a class each.
    ///
    /// @throws DataException if a label is outside the classes, or the numbers do not fit together
    public static ArrayDataset classification(
            float[] features, int[] exampleShape, int[] labels, List<String> classes) {
        check(labels, classes);
        return new ArrayDataset(new byte[0], features, exampleShape, labels, new float[0], 0, classes);
    }

    /// Features with `targetWidth` numbers each to be predicted.
    public static ArrayDataset regression(float[] features, int[] exampleShape, float[] targets, int targetWidth) {
        if (targetWidth < 1 || targets.length % targetWidth != 0) {
            throw new DataException(
                    targets.length + " targets cannot be cut into " + targetWidth + " for each example");
        }
        return new ArrayDataset(new byte[0], features, exampleShape, new int[0], targets, targetWidth, List.of());
    }

    static void check(int[] labels, List<String> classes) {
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes.size()) {
                throw new DataException(
                        "the label of example " + i + " is " + labels[i] + ", outside 0 to " + (classes.size() - 1));
            }
        }
    }

    @Override
    public int size() {
        return targetWidth > 0 ? targets.length / targetWidth : labels.length;
    }

    @Override
    public int[] exampleShape() {
        return shape.clone();
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public int label(int index) {
        return targetWidth > 0 ? -1 : labels[index];
    }

    /// The values of one example, as a batch would hold them.
    public float[] example(int index) {
        float[] values = new float[width];
        read(index, values, 0);
        return values;
    }

    @Override
    public Batch batch(int... indices) {
        int[] dims = new int[shape.length + 1];
        dims[0] = indices.length;
        System.arraycopy(shape, 0, dims, 1, shape.length);
        float[] x = new float[Math.multiplyExact(indices.length, width)];
        for (int i = 0; i < indices.length; i++) {
            read(indices[i], x, i * width);
        }
        return new Batch(Tensor.of(Buffer.wrap(x), Shape.of(dims)), targets(indices));
    }

    private void read(int index, float[] to, int at) {
        if (pixels.length == 0) {
            System.arraycopy(features, index * width, to, at, width);
            return;
        }
        int from = index * width;
        for (int i = 0; i < width; i++) {
            to[at + i] = SCALED[pixels[from + i] & 255];
        }
    }

    private Tensor targets(int... indices) {
        if (targetWidth == 0) {
            int[] y = new int[indices.length];
            for (int i = 0; i < y.length; i++) {
                y[i] = labels[indices[i]];
            }
            return Tensor.of(y, y.length);
        }
        float[] y = new float[indices.length * targetWidth];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(targets, indices[i] * targetWidth, y, i * targetWidth, targetWidth);
        }
        return Tensor.of(y, indices.length, targetWidth);
    }
}
