package adjoint.data;

import java.util.ArrayList;
import java.util.List;

/// How pictures are changed at random, anew in each epoch, so that a network does not see the same one twice.
///
/// ```java
/// Dataset train = Cifar10.train().augmented(Augment.of(42).crop(4).flip().cutout(8));
/// ```
/// The steps follow each other in the order in which they were given; what mixes two examples comes last. What an example
/// becomes depends on the seed, the epoch and its number in the dataset, and on nothing else.
///
/// Mixing makes targets of labels: shares of the classes, float32 `[B, C]`, as [adjoint.nn.CrossEntropy] takes them; accuracy then
/// counts the class with the largest share.
///
/// @param seed of all draws
/// @param steps what is done with each picture
/// @param mixings what makes one example of two; of several, one is drawn for each example
public record Augment(long seed, List<Augmentation> steps, List<Mixing> mixings) {
    /// A copy of the lists.
    public Augment {
        steps = List.copyOf(steps);
        mixings = List.copyOf(mixings);
    }

    /// Nothing yet.
    public static Augment of(long seed) {
        return new Augment(seed, List.of(), List.of());
    }

    /// And then this.
    public Augment then(Augmentation step) {
        return new Augment(seed, joined(steps, step), mixings);
    }

    /// And then moved by up to `margin` whole pixels, black beyond the border.
    public Augment crop(int margin) {
        return crop(margin, Padding.ZERO);
    }

    /// And then moved by up to `margin` whole pixels: [Augmentation.Crop].
    public Augment crop(int margin, Padding padding) {
        return then(new Augmentation.Crop(margin, padding));
    }

    /// And then half of them mirrored.
    public Augment flip() {
        return then(new Augmentation.Flip());
    }

    /// And then every other epoch mirrored: [Augmentation.AlternatingFlip].
    public Augment alternatingFlip() {
        return then(new Augmentation.AlternatingFlip());
    }

    /// And then with a black square: [Augmentation.Cutout].
    public Augment cutout(int side) {
        return then(new Augmentation.Cutout(side));
    }

    /// And then in other colours: [Augmentation.ColourJitter].
    public Augment colourJitter(double brightness, double contrast, double saturation) {
        return then(new Augmentation.ColourJitter(brightness, contrast, saturation));
    }

    /// And then turned by up to so many degrees, black beyond the border: [Augmentation.Rotation].
    public Augment rotation(double degrees) {
        return then(new Augmentation.Rotation(degrees, Padding.ZERO));
    }

    /// And then moved by up to so many pixels or parts of one, black beyond the border: [Augmentation.Translation].
    public Augment translation(double pixels) {
        return then(new Augmentation.Translation(pixels, Padding.ZERO));
    }

    /// And in the end laid over another: [Mixing.Mixup].
    public Augment mixup(double alpha) {
        return mixed(new Mixing.Mixup(alpha));
    }

    /// And in the end with a box of another: [Mixing.CutMix].
    public Augment cutmix(double alpha) {
        return mixed(new Mixing.CutMix(alpha));
    }

    /// And in the end mixed with another.
    public Augment mixed(Mixing mixing) {
        return new Augment(seed, steps, joined(mixings, mixing));
    }

    private static <T> List<T> joined(List<T> list, T more) {
        var all = new ArrayList<T>(list);
        all.add(more);
        return all;
    }

    /// The steps, in an epoch, on the picture of an example.
    Picture apply(Picture picture, long epoch, int example) {
        Picture changed = picture;
        for (int place = 0; place < steps.size(); place++) {
            Picture next = steps.get(place).apply(changed, Draws.of(seed, place, epoch, example));
            requireSize(picture, next, steps.get(place));
            changed = next;
        }
        return changed;
    }

    private static void requireSize(Picture before, Picture after, Object step) {
        if (after.height() != before.height()
                || after.width() != before.width()
                || after.channels() != before.channels()) {
            throw new DataException(
                    String.format(
                            "the augmentation %s made a picture of %d by %d by %d into one of %d by %d by %d, expected the"
                                    + " same size: resize it there",
                            step,
                            before.height(),
                            before.width(),
                            before.channels(),
                            after.height(),
                            after.width(),
                            after.channels()));
        }
    }

    /// Which of `size` examples an example is mixed with in an epoch.
    int partner(int size, long epoch, int example) {
        return Draws.of(seed, -1, epoch, example).below(0, size);
    }

    /// The changed pictures of an example and its partner as one.
    Mixing.Mixed mix(Picture first, Picture second, long epoch, int example) {
        int which = Draws.of(seed, -1, epoch, example).below(1, mixings.size());
        return mixings.get(which).apply(first, second, Draws.of(seed, -2 - which, epoch, example));
    }
}
