package adjoint.data;

import adjoint.kernel.Buffer;
import adjoint.kernel.DType;
import adjoint.tensor.Shape;
import adjoint.tensor.Tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/// Pictures that are changed at random when they are read.
///
/// @param epoch whose changes they get, from 0
record Augmented(Dataset source, Augment augment, long epoch) implements Dataset {
    Augmented {
        int[] shape = source.exampleShape();
        if (shape.length != 3 || shape[2] != 1 && shape[2] != 3) {
            throw new DataException(
                    "pictures can be augmented that have rows, columns and 1 or 3 channels, got examples of "
                            + Arrays.toString(shape)
                            + ": reshape them, or augment the dataset before it is mapped");
        }
        for (Augmentation step : augment.steps()) {
            switch (step) {
                case Augmentation.Crop c ->
                        requireSome(c.margin() < Math.min(shape[0], shape[1]), "crop by " + c.margin(), shape);
                case Augmentation.Cutout c ->
                        requireSome(c.side() < Math.min(shape[0], shape[1]), "cutout of " + c.side(), shape);
                default -> {} // leaves something of every picture
            }
        }
    }

    private static void requireSome(boolean left, String change, int... shape) {
        if (!left) {
            throw new DataException(
                    "a "
                            + change
                            + " pixels may leave nothing of a picture of "
                            + shape[0]
                            + "x"
                            + shape[1]
                            + ": use less than its side");
        }
    }

    @Override
    public int size() {
        return source.size();
    }

    @Override
    public int[] exampleShape() {
        return source.exampleShape();
    }

    @Override
    public List<String> classes() {
        return source.classes();
    }

    @Override
    public int label(int index) {
        return source.label(index);
    }

    @Override
    public Dataset epoch(long n) {
        return new Augmented(source.epoch(n), augment, n);
    }

    @Override
    public int[] order(long seed, long n, int batchSize) {
        return source.order(seed, n, batchSize);
    }

    @Override
    public Batch batch(int... indices) {
        boolean mixed = !augment.mixings().isEmpty();
        int count = indices.length;
        int[] read = Arrays.copyOf(indices, mixed ? 2 * count : count);
        for (int i = count; i < read.length; i++) {
            read[i] = augment.partner(size(), epoch, indices[i - count]);
        }
        Batch batch = source.batch(read);
        Shape shape = batch.x().shape();
        MemorySegment x = batch.x().to(DType.FLOAT32).read().segment();
        int width = shape.dim(1) * shape.dim(2) * shape.dim(3);
        float[] changed = new float[Math.multiplyExact(count, width)];
        float[] shares = new float[count];
        for (int i = 0; i < count; i++) {
            Picture picture = picture(x, i, shape, read[i]);
            if (mixed) {
                Picture partner = picture(x, count + i, shape, read[count + i]);
                Mixing.Mixed one = augment.mix(picture, partner, epoch, indices[i]);
                picture = one.picture();
                shares[i] = (float) one.share();
            }
            System.arraycopy(picture.pixels(), 0, changed, i * width, width);
        }
        int[] dims = shape.dims();
        dims[0] = count;
        Tensor y = mixed ? targets(batch.y(), shares) : batch.y();
        return new Batch(Tensor.of(Buffer.wrap(changed), Shape.of(dims)), y);
    }

    private Picture picture(MemorySegment x, int place, Shape shape, int example) {
        float[] pixels = new float[shape.dim(1) * shape.dim(2) * shape.dim(3)];
        MemorySegment.copy(x, ValueLayout.JAVA_FLOAT, 4L * place * pixels.length, pixels, 0, pixels.length);
        return augment.apply(new Picture(shape.dim(1), shape.dim(2), shape.dim(3), pixels), epoch, example);
    }

    // Of both examples' targets: labels as shares of the classes.
    private Tensor targets(Tensor y, float... shares) {
        int count = shares.length;
        boolean labels = y.type().isInteger();
        if (labels && (y.shape().rank() != 1 || classes().isEmpty())) {
            throw new DataException(
                    "mixing needs one label for each example and the classes' names, or targets of floats, got labels "
                            + y.shape()
                            + " and "
                            + classes().size()
                            + " classes: make shares of the labels, or leave out mixup and cutmix");
        }
        float[] given = labels ? oneHot(y.toInts(), classes().size()) : y.toFloats();
        int k = given.length / Math.max(1, 2 * count);
        float[] targets = new float[count * k];
        for (int i = 0; i < targets.length; i++) {
            float share = shares[i / k];
            targets[i] = share * given[i] + (1 - share) * given[count * k + i];
        }
        return Tensor.of(Buffer.wrap(targets), labels ? Shape.of(count, k) : y.shape().with(0, count));
    }

    private static float[] oneHot(int[] labels, int classes) {
        float[] hot = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0 || labels[i] >= classes) {
                throw new DataException(
                        "mixing needs labels of 0 to " + (classes - 1) + ", got " + labels[i] + ": check the labels");
            }
            hot[i * classes + labels[i]] = 1;
        }
        return hot;
    }
}
