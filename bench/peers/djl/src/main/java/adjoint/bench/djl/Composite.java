package adjoint.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

import java.util.function.BiFunction;

/// A block that calls its children by hand: `call` runs a child on one array.
abstract class Composite extends AbstractBlock {
    abstract NDArray apply(BiFunction<Block, NDArray, NDArray> call, NDArray x);

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList in, boolean training, PairList<String, Object> options) {
        return new NDList(apply((block, x) -> block.forward(store, new NDList(x), training).head(), in.head()));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] in) {
        return in;
    }
}
