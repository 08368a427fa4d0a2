package adjoint.nn;

import adjoint.tensor.AdjointException;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Arrays;

/// In training, sets the whole of an example to 0 with probability `p`, and divides the other examples by `1 - p`, so that
/// the expected value stays; otherwise does nothing. Behind the branch of a [Residual] this is stochastic depth (Huang et
/// al. 2016): for each example other blocks are left out.
///
/// ```java
/// Layer block = new Residual(Sequential.of(branch, DropPath.ofBlock(i, blocks, 0.2)));
/// ```
/// Shapes: x `[N, …]`, unchanged.
///
/// @param p the probability of dropping, in [0, 1)
public record DropPath(double p) implements Layer {
    /// @throws AdjointException if p is not in [0, 1)
    public DropPath {
        if (!(p >= 0 && p < 1)) {
            throw new AdjointException("DropPath needs a probability in [0, 1), got " + p);
        }
    }

    /// That of block `i` of 1 … `blocks`, growing evenly up to `last`, the one of the last block: `p = last i / blocks`
    /// (Huang et al. 2016, section 4, linear decay).
    public static DropPath ofBlock(int i, int blocks, double last) {
        if (i < 1 || i > blocks) {
            throw new AdjointException("DropPath needs a block from 1 to " + blocks + ", got " + i);
        }
        return new DropPath(last * i / blocks);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (x.shape().rank() == 0) {
            throw new ShapeException(this + " needs an input [N, ..], got " + x.shape());
        }
        if (!pass.isTraining() || p == 0) {
            return x;
        }
        int[] dims = new int[x.shape().rank()];
        Arrays.fill(dims, 1);
        dims[0] = x.dim(0);
        Tensor keep = Tensor.bernoulli(pass.key(), 1 - p, dims); // [N, 1, …]
        return Tensor.where(keep, x.mul(1 / (1 - p)), x.zerosLike());
    }

    @Override
    public String toString() {
        return "DropPath(" + p + ")";
    }
}
