package adjoint.kernel;

import java.util.Arrays;

/// The extents of a [Step.Product] and how its operands lie in memory. Batches that share one right matrix, and whose left matrices
/// follow each other, are one product with more rows.
///
/// @param m rows of each left matrix and target
/// @param n columns of each right matrix and target
/// @param k terms of each sum
/// @param batchDims the axes of the batch that are left
/// @param batches how many products that makes
/// @param leftRow elements from a row of the left matrix to the next one
/// @param leftStep elements from a term to the next one in the left matrix
/// @param rightStep elements from a term to the next one in the right matrix
/// @param rightColumn elements from a column of the right matrix to the next one
public record ProductShape(
        int m,
        int n,
        int k,
        int[] batchDims,
        int batches,
        long leftRow,
        long leftStep,
        long rightStep,
        long rightColumn) {
    /// The shape of a product.
    public static ProductShape of(Step.Product product) {
        View left = product.left();
        View right = product.right();
        int[] dims = product.target().dims();
        int rank = dims.length;
        int rows = dims[rank - 2];
        int axes = rank - 2;
        while (axes > 0
                && right.strides()[axes - 1] == 0
                && left.strides()[axes - 1] == rows * left.strides()[rank - 2]
                && (long) rows * dims[axes - 1] <= Integer.MAX_VALUE) {
            rows *= dims[--axes];
        }
        int[] batchDims = Arrays.copyOf(dims, axes);
        return new ProductShape(
                rows,
                dims[rank - 1],
                left.dims()[rank - 1],
                batchDims,
                Math.toIntExact(Arrays.stream(batchDims).asLongStream().reduce(1, Math::multiplyExact)),
                left.strides()[rank - 2],
                left.strides()[rank - 1],
                right.strides()[rank - 2],
                right.strides()[rank - 1]);
    }
}
