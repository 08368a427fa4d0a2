package adjoint.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

import java.util.List;
import java.util.function.BiFunction;

/// The language model, with attention written out: DJL has none that masks what lies ahead.
final class Gpt extends Composite {
    private final Table characters;
    private final Table positions;
    private final Block[] blocks;
    private final Block norm;
    private final Block head;
    private final NDArray places;

    Gpt(NDManager manager, int vocabulary, int context, int layers, int heads, int width) {
        characters = addChildBlock("characters", new Table(vocabulary, width));
        positions = addChildBlock("positions", new Table(context, width));
        float[] ahead = new float[context * context];
        for (int i = 0; i < ahead.length; i++) {
            ahead[i] = i % context > i / context ? -1e9f : 0;
        }
        NDArray mask = manager.create(ahead, new Shape(context, context));
        blocks = new Block[layers];
        for (int i = 0; i < layers; i++) {
            blocks[i] = addChildBlock("block" + i, new TransformerBlock(heads, width, mask));
        }
        norm = addChildBlock("norm", LayerNorm.builder().axis(2).build());
        head = addChildBlock("head", Nets.linear(vocabulary, false));
        places = manager.arange(context).toType(DataType.INT64, false);
    }

    /// DJL's cross-entropy fails on labels with a time axis, so time is folded into the batch.
    static Block flat(Block net) {
        return new SequentialBlock().add(net).addSingleton(y -> y.reshape(-1, y.getShape().get(2)));
    }

    @Override
    NDArray apply(BiFunction<Block, NDArray, NDArray> call, NDArray x) {
        NDArray y = call.apply(characters, x).add(call.apply(positions, places));
        for (Block block : blocks) {
            y = call.apply(block, y);
        }
        return call.apply(head, call.apply(norm, y));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] in) {
        return head.getOutputShapes(characters.getOutputShapes(in));
    }

    @Override
    public void initializeChildBlocks(NDManager manager, DataType type, Shape... in) {
        Shape y = characters.getOutputShapes(in)[0];
        characters.initialize(manager, type, in);
        positions.initialize(manager, type, in);
        for (Block block : blocks) {
            block.initialize(manager, type, y);
        }
        norm.initialize(manager, type, y);
        head.initialize(manager, type, y);
    }

    private static final class TransformerBlock extends Composite {
        private final int heads;
        private final int width;
        private final NDArray mask;
        private final Block attentionNorm;
        private final Block queryKeyValue;
        private final Block projection;
        private final Block perceptronNorm;
        private final Block up;
        private final Block down;

        TransformerBlock(int heads, int width, NDArray mask) {
            this.heads = heads;
            this.width = width;
            this.mask = mask;
            attentionNorm = addChildBlock("attentionNorm", LayerNorm.builder().axis(2).build());
            queryKeyValue = addChildBlock("queryKeyValue", Nets.linear(3 * width, false));
            projection = addChildBlock("projection", Nets.linear(width, false));
            perceptronNorm = addChildBlock("perceptronNorm", LayerNorm.builder().axis(2).build());
            up = addChildBlock("up", Nets.linear(4 * width, false));
            down = addChildBlock("down", Nets.linear(width, false));
        }

        @Override
        NDArray apply(BiFunction<Block, NDArray, NDArray> call, NDArray x) {
            NDArray mixed = attention(call.apply(queryKeyValue, call.apply(attentionNorm, x)));
            NDArray y = x.add(call.apply(projection, mixed));
            NDArray hidden = Activation.gelu(call.apply(up, call.apply(perceptronNorm, y)));
            return y.add(call.apply(down, hidden));
        }

        private NDArray attention(NDArray x) {
            long batch = x.getShape().get(0);
            long length = x.getShape().get(1);
            NDList qkv = x.reshape(batch, length, 3, heads, width / heads).transpose(2, 0, 3, 1, 4).split(3);
            NDArray q = qkv.get(0).squeeze(0);
            NDArray k = qkv.get(1).squeeze(0);
            NDArray v = qkv.get(2).squeeze(0);
            NDArray scores = q.matMul(k.swapAxes(2, 3)).mul(1 / Math.sqrt((double) width / heads));
            return scores.add(mask).softmax(-1).matMul(v).transpose(0, 2, 1, 3).reshape(batch, length, width);
        }

        @Override
        public void initializeChildBlocks(NDManager manager, DataType type, Shape... in) {
            for (Block child : List.of(attentionNorm, queryKeyValue, projection, perceptronNorm, up)) {
                child.initialize(manager, type, in);
            }
            down.initialize(manager, type, up.getOutputShapes(in));
        }
    }

    /// An embedding of integers; DJL's own blocks want a vocabulary of things.
    private static final class Table extends AbstractBlock {
        private final int width;
        private final Parameter weight;

        Table(int rows, int width) {
            this.width = width;
            weight =
                    addParameter(
                            Parameter.builder()
                                    .setName("table")
                                    .setType(Parameter.Type.WEIGHT)
                                    .optShape(new Shape(rows, width))
                                    .build());
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store, NDList in, boolean training, PairList<String, Object> options) {
            NDArray table = store.getValue(weight, in.head().getDevice(), training);
            return Embedding.embedding(in.head(), table, SparseFormat.DENSE);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] in) {
            return new Shape[] {in[0].add(width)};
        }
    }
}
