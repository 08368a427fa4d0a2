package adjoint.bench.libtorch;

import static org.bytedeco.pytorch.global.torch.arange;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.zeros;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The language model, with libtorch's fused attention.
final class Gpt extends Net {
    private final EmbeddingImpl characters;
    private final EmbeddingImpl positions;
    private final Block[] blocks;
    private final LayerNormImpl norm;
    private final LinearImpl head;
    private final Tensor places;

    Gpt(int vocabulary, int context, int layers, int heads, int width) {
        characters = add(new EmbeddingImpl(vocabulary, width));
        positions = add(new EmbeddingImpl(context, width));
        blocks = new Block[layers];
        for (int i = 0; i < layers; i++) {
            blocks[i] = add(new Block(heads, width));
        }
        norm = layerNorm(width);
        head = linear(width, vocabulary, false);
        places = arange(new Scalar(context), new TensorOptions(ScalarType.Long));
    }

    @Override
    Tensor forward(Tensor x) {
        Tensor y = characters.forward(x).add(positions.forward(places));
        for (Block block : blocks) {
            y = block.forward(y);
        }
        return head.forward(norm.forward(y));
    }

    /// Makes room for the keys and values of so many characters.
    void remember(int context) {
        for (Block block : blocks) {
            block.remember(context);
        }
    }

    /// The logits behind one more character of one text, the keys and values of those before it being kept.
    Tensor read(Tensor x, int place) {
        Tensor y = characters.forward(x).add(positions.forward(places.narrow(0, place, 1)));
        for (Block block : blocks) {
            y = block.read(y, place);
        }
        return head.forward(norm.forward(y));
    }

    private static final class Block extends Net {
        private static final TensorOptional NO_MASK = new TensorOptional();
        private static final DoubleOptional STANDARD_SCALE = new DoubleOptional();

        private final int heads;
        private final int width;
        private final LayerNormImpl attentionNorm;
        private final LinearImpl queryKeyValue;
        private final LinearImpl projection;
        private final LayerNormImpl perceptronNorm;
        private final LinearImpl up;
        private final LinearImpl down;
        private Tensor keys;
        private Tensor values;

        Block(int heads, int width) {
            this.heads = heads;
            this.width = width;
            attentionNorm = layerNorm(width);
            queryKeyValue = linear(width, 3 * width, false);
            projection = linear(width, width, false);
            perceptronNorm = layerNorm(width);
            up = linear(width, 4 * width, false);
            down = linear(4 * width, width, false);
        }

        @Override
        Tensor forward(Tensor x) {
            Tensor y = x.add(projection.forward(attention(queryKeyValue.forward(attentionNorm.forward(x)))));
            return y.add(down.forward(gelu(up.forward(perceptronNorm.forward(y)))));
        }

        void remember(int context) {
            keys = zeros(1, heads, context, width / heads);
            values = zeros(1, heads, context, width / heads);
        }

        Tensor read(Tensor x, int place) {
            TensorVector qkv = queryKeyValue.forward(attentionNorm.forward(x)).split(width, 2);
            keys.narrow(2, place, 1).copy_(split(qkv.get(1)));
            values.narrow(2, place, 1).copy_(split(qkv.get(2)));
            Tensor seen =
                    scaled_dot_product_attention(
                            split(qkv.get(0)),
                            keys.narrow(2, 0, place + 1),
                            values.narrow(2, 0, place + 1),
                            NO_MASK,
                            0,
                            false,
                            STANDARD_SCALE,
                            false);
            Tensor y = x.add(projection.forward(seen.transpose(1, 2).reshape(1, 1, width)));
            return y.add(down.forward(gelu(up.forward(perceptronNorm.forward(y)))));
        }

        private Tensor attention(Tensor x) {
            TensorVector qkv = x.split(width, 2);
            Tensor y =
                    scaled_dot_product_attention(
                            split(qkv.get(0)),
                            split(qkv.get(1)),
                            split(qkv.get(2)),
                            NO_MASK,
                            0,
                            true,
                            STANDARD_SCALE,
                            false);
            return y.transpose(1, 2).reshape(x.size(0), x.size(1), width);
        }

        // [B, T, C] -> [B, H, T, D]
        private Tensor split(Tensor x) {
            return x.view(x.size(0), x.size(1), heads, width / heads).transpose(1, 2);
        }
    }
}
