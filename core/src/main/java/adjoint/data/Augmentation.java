package adjoint.data;

/// Changes a picture at random. The new picture has the same size and channels.
///
/// A function of picture and draws alone: it is called on several threads, in any order.
@FunctionalInterface
public interface Augmentation {
    /// The changed picture.
    Picture apply(Picture picture, Draws draws);

    /// Moves the picture by up to `margin` whole pixels along each axis: the same as padding all sides by as much, and cropping
    /// somewhere. Each of the `(2 margin + 1)²` places is as likely.
    ///
    /// @param margin 1 or more
    record Crop(int margin, Padding padding) implements Augmentation {
        /// @throws DataException if there is no margin
        public Crop {
            if (margin < 1) {
                throw new DataException("a random crop needs a margin of 1 pixel or more, got " + margin);
            }
        }

        @Override
        public Picture apply(Picture picture, Draws draws) {
            int places = 2 * margin + 1;
            return picture.shifted(draws.below(0, places) - margin, draws.below(1, places) - margin, padding);
        }
    }

    /// Mirrors half of the pictures, left for right.
    record Flip() implements Augmentation {
        @Override
        public Picture apply(Picture picture, Draws draws) {
            return draws.below(0, 2) == 1 ? picture.mirrored() : picture;
        }
    }

    /// Mirrors half of the pictures, drawn in the first epoch, and from then on those that were not mirrored the epoch before: any
    /// two epochs in a row show both sides of each (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU").
    record AlternatingFlip() implements Augmentation {
        @Override
        public Picture apply(Picture picture, Draws draws) {
            return (draws.inEpoch(0).below(0, 2) + draws.epoch()) % 2 == 1 ? picture.mirrored() : picture;
        }
    }

    /// Blanks a square (DeVries and Taylor 2017, "Improved regularization of convolutional neural networks with cutout"). Its
    /// middle is anywhere in the picture; what lies beyond the border is lost.
    ///
    /// @param side of the square
    /// @param fill what it is filled with: 0 is black
    record Cutout(int side, float fill) implements Augmentation {
        /// @throws DataException if there is no square
        public Cutout {
            if (side < 1) {
                throw new DataException("a cutout needs a side of 1 pixel or more, got " + side);
            }
        }

        /// Black.
        public Cutout(int side) {
            this(side, 0);
        }

        @Override
        public Picture apply(Picture picture, Draws draws) {
            int top = draws.below(0, picture.height()) - side / 2;
            int left = draws.below(1, picture.width()) - side / 2;
            return picture.filled(Box.clipped(top, left, side, side, picture), fill);
        }
    }

    /// Changes brightness, contrast and saturation, in this order, each by a factor from `1 - x` to `1 + x`: a multiple of the
    /// picture, its distance from its mean grey, and its distance from its own greys. The result is clipped to 0 … 1, so use it
    /// before inputs are standardized.
    ///
    /// @param brightness 0 to 1; 0: unchanged
    /// @param contrast likewise
    /// @param saturation likewise
    record ColourJitter(double brightness, double contrast, double saturation) implements Augmentation {
        /// @throws DataException if one is not in 0 to 1
        public ColourJitter {
            for (double x : new double[] {brightness, contrast, saturation}) {
                if (!(x >= 0 && x <= 1)) {
                    throw new DataException("colour jitter needs changes of 0 to 1, got " + x);
                }
            }
        }

        @Override
        public Picture apply(Picture picture, Draws draws) {
            float bright = (float) draws.uniform(0, 1 - brightness, 1 + brightness);
            float contrasted = (float) draws.uniform(1, 1 - contrast, 1 + contrast);
            float saturated = (float) draws.uniform(2, 1 - saturation, 1 + saturation);
            return picture.recoloured(bright, contrasted, saturated);
        }
    }

    /// Turns the picture about its middle by up to so many degrees either way, and reads between its pixels bilinearly.
    ///
    /// @param degrees more than 0, at most 180
    record Rotation(double degrees, Padding padding) implements Augmentation {
        /// @throws DataException if the angle makes no sense
        public Rotation {
            if (!(degrees > 0 && degrees <= 180)) {
                throw new DataException("a rotation needs more than 0 and at most 180 degrees, got " + degrees);
            }
        }

        @Override
        public Picture apply(Picture picture, Draws draws) {
            return picture.turned(StrictMath.toRadians(draws.uniform(0, -degrees, degrees)), 0, 0, padding);
        }
    }

    /// Moves the picture along each axis by up to so many pixels, also by parts of one, between which it reads bilinearly. For
    /// whole pixels, which is faster and does not blur, see [Crop].
    ///
    /// @param pixels more than 0
    record Translation(double pixels, Padding padding) implements Augmentation {
        /// @throws DataException if the distance makes no sense
        public Translation {
            if (!(pixels > 0 && pixels < Integer.MAX_VALUE / 2)) {
                throw new DataException("a translation needs more than 0 pixels, got " + pixels);
            }
        }

        @Override
        public Picture apply(Picture picture, Draws draws) {
            return picture.turned(0, draws.uniform(0, -pixels, pixels), draws.uniform(1, -pixels, pixels), padding);
        }
    }
}
