package adjoint.nn;

import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.stream.IntStream;

/// Weighs the channels of each example by what is in all of it (Hu et al. 2018):
///
/// `y = x · sigmoid(expand(relu(reduce(mean over positions of x))))`
///
/// Shapes: x and y `[N, spatial…, C]`, channels last; reduce `C -> C / reduction`, expand back.
///
/// @param reduce from the channels to fewer
/// @param expand from those to a weight for each channel
public record SqueezeExcite(Linear reduce, Linear expand) implements Layer {
    /// @throws ShapeException if the two do not fit together
    public SqueezeExcite {
        if (reduce.out() != expand.in() || reduce.in() != expand.out()) {
            throw new ShapeException(
                    "SqueezeExcite needs two layers C -> C / reduction -> C, got " + reduce + " and " + expand);
        }
    }

    /// @param reduction how many times fewer channels there are in between; 16 in the paper
    public SqueezeExcite(int channels, int reduction, Init init) {
        this(
                new Linear(channels, between(channels, reduction), init),
                new Linear(channels / reduction, channels, init));
    }

    private static int between(int channels, int reduction) {
        if (reduction < 1 || channels < reduction || channels % reduction != 0) {
            throw new ShapeException(
                    "SqueezeExcite needs a reduction that divides the " + channels + " channels, got " + reduction);
        }
        return channels / reduction;
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        int rank = x.shape().rank();
        if (rank < 3 || x.dim(-1) != reduce.in()) {
            throw new ShapeException(this + " needs an input [N, spatial.., " + reduce.in() + "], got " + x.shape());
        }
        Tensor mean = x.mean(IntStream.range(1, rank - 1).toArray()); // [N, C]
        Tensor weights = expand.apply(reduce.apply(mean, pass).relu(), pass).sigmoid();
        int[] dims = new int[rank];
        Arrays.fill(dims, 1);
        dims[0] = x.dim(0);
        dims[rank - 1] = x.dim(-1);
        return x.mul(weights.reshape(dims));
    }

    @Override
    public String toString() {
        return "SqueezeExcite(" + reduce.in() + " -> " + reduce.out() + " -> " + expand.out() + ")";
    }
}
