package adjoint.bench.libtorch;

import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.LayerNormImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/// A module whose parts are registered in the order in which they are made.
abstract class Net extends Module {
    private int parts;

    abstract Tensor forward(Tensor x);

    /// The parameters that are trained.
    final TensorVector trained() {
        TensorVector all = parameters();
        var trained = new TensorVector();
        for (long i = 0; i < all.size(); i++) {
            if (all.get(i).requires_grad()) {
                trained.push_back(all.get(i));
            }
        }
        return trained;
    }

    final <M extends Module> M add(M part) {
        return register_module("m" + parts++, part);
    }

    final LinearImpl linear(int in, int out, boolean bias) {
        var options = new LinearOptions(in, out);
        options.bias().put(bias);
        return add(new LinearImpl(options));
    }

    final Conv2dImpl convolution(int in, int out, int kernel, int stride, boolean bias) {
        var options = new Conv2dOptions(in, out, new LongPointer(kernel, kernel));
        // put(a, b) would compile too, and write b at index a.
        options.stride().put(new long[] {stride, stride});
        options.padding().put(new LongPointer(kernel / 2, kernel / 2));
        options.bias().put(bias);
        return add(new Conv2dImpl(options));
    }

    final BatchNorm2dImpl batchNorm(int channels) {
        return add(new BatchNorm2dImpl(new BatchNormOptions(channels)));
    }

    final LayerNormImpl layerNorm(int width) {
        return add(new LayerNormImpl(new LongVector(new long[] {width})));
    }
}
