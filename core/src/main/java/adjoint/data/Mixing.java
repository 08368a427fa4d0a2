package adjoint.data;

/// Makes one example of two, and with it a target that has a share of both.
public sealed interface Mixing {
    /// An example made of two.
    ///
    /// @param share of the first in the target; the second has the rest
    record Mixed(Picture picture, double share) {}

    /// Mixes two pictures of one size.
    Mixed apply(Picture first, Picture second, Draws draws);

    /// `λ a + (1 - λ) b`, of the pictures as of the targets, with λ from Beta(α, α) (Zhang et al. 2018, "mixup: Beyond empirical
    /// risk minimization").
    ///
    /// @param alpha more than 0; the smaller, the less is mixed. 0.2 to 1 are usual
    record Mixup(double alpha) implements Mixing {
        /// @throws DataException if α is not positive
        public Mixup {
            require("mixup", alpha);
        }

        @Override
        public Mixed apply(Picture first, Picture second, Draws draws) {
            float share = (float) draws.beta(alpha);
            float[] pixels = new float[first.pixels().length];
            float[] a = first.pixels();
            float[] b = second.pixels();
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = share * a[i] + (1 - share) * b[i];
            }
            return new Mixed(new Picture(first.height(), first.width(), first.channels(), pixels), share);
        }
    }

    /// A box of the second picture in the first (Yun et al. 2019, "CutMix: Regularization strategy to train strong classifiers
    /// with localizable features"). With λ from Beta(α, α), the box has `√(1 - λ)` of each side, and its middle is anywhere in the
    /// picture; what lies beyond the border is lost. The target has the shares of the areas.
    ///
    /// @param alpha more than 0; 1 is usual
    record CutMix(double alpha) implements Mixing {
        /// @throws DataException if α is not positive
        public CutMix {
            require("cutmix", alpha);
        }

        @Override
        public Mixed apply(Picture first, Picture second, Draws draws) {
            Draws other = new Draws(~draws.key(), draws.epoch(), draws.example()); // β takes all numbers of a key
            double side = StrictMath.sqrt(1 - draws.beta(alpha));
            int height = (int) (side * first.height());
            int width = (int) (side * first.width());
            int top = other.below(0, first.height()) - height / 2;
            int left = other.below(1, first.width()) - width / 2;
            Box box = Box.clipped(top, left, height, width, first);
            double share = 1 - (double) box.area() / (first.height() * first.width());
            return new Mixed(first.with(box, second), share);
        }
    }

    private static void require(String what, double alpha) {
        if (!(alpha >= 1e-3 && alpha <= 1e3)) { // beyond them shares are all 0 and 1, or all a half
            throw new DataException(what + " needs an alpha from 0.001 to 1000, got " + alpha);
        }
    }
}
