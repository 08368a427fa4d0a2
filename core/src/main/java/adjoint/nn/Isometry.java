package adjoint.nn;

import adjoint.tensor.RandomKey;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;

import java.util.Arrays;

/// First weights `[window…, in, out]` whose linear part keeps lengths or passes the input through.
final class Isometry {
    private Isometry() {}

    /// Zeros but for the window's centre, where an orthogonal matrix stands.
    static double[] deltaOrthogonal(Shape shape, double gain, RandomKey key) {
        require("delta-orthogonal weights", shape);
        int in = shape.dim(-2);
        int out = shape.dim(-1);
        if (in > out) {
            throw new ShapeException(
                    "delta-orthogonal weights need at least as many outputs as inputs, or lengths are not kept, got "
                            + shape
                            + ": use orthogonal");
        }
        return centred(shape, Orthogonal.matrix(Shape.of(in, out), gain, key));
    }

    /// The identity at the centre, zeros beside it.
    static double[] identity(Shape shape) {
        require("identity weights", shape);
        double[] matrix = new double[shape.dim(-2) * shape.dim(-1)];
        for (int i = 0; i < Math.min(shape.dim(-2), shape.dim(-1)); i++) {
            matrix[i * shape.dim(-1) + i] = 1;
        }
        return centred(shape, matrix);
    }

    /// The identity for the first outputs; where there are more outputs than inputs, the others stay as they are.
    static double[] partialIdentity(Shape shape, double... rest) {
        double[] values = identity(shape);
        int out = shape.dim(-1);
        for (int i = 0; i < values.length; i++) {
            values[i] = i % out < shape.dim(-2) ? values[i] : rest[i];
        }
        return values;
    }

    /// With W the given half: `[[W, -W], [-W, W]]` over inputs and outputs, or only one of both.
    static double[] mirrored(Shape half, boolean inputs, boolean outputs, double... w) {
        int in = half.dim(-2);
        int out = half.dim(-1);
        int rows = inputs ? 2 * in : in;
        int columns = outputs ? 2 * out : out;
        double[] values = new double[w.length / Math.max(1, in * out) * rows * columns];
        for (int i = 0; i < values.length; i++) {
            int c = i % columns;
            int r = i / columns % rows;
            int point = i / columns / rows;
            double sign = r < in == c < out ? 1 : -1;
            values[i] = sign * w[(point * in + r % in) * out + c % out];
        }
        return values;
    }

    /// The shape of W.
    static Shape half(Shape shape, boolean inputs, boolean outputs) {
        require("looks-linear weights", shape);
        int in = shape.dim(-2);
        int out = shape.dim(-1);
        if (inputs && in % 2 != 0 || outputs && out % 2 != 0) {
            throw new ShapeException(
                    "looks-linear weights mirror "
                            + (inputs ? outputs ? "inputs and outputs" : "inputs" : "outputs")
                            + ", whose number must be even, got "
                            + shape);
        }
        return shape.with(-2, inputs ? in / 2 : in).with(-1, outputs ? out / 2 : out);
    }

    // The element of a window that stands over the output's place with padding SAME.
    private static double[] centred(Shape shape, double... matrix) {
        int at = 0;
        for (int i = 0; i < shape.rank() - 2; i++) {
            at = at * shape.dim(i) + (shape.dim(i) - 1) / 2;
        }
        double[] values = new double[Init.length(shape)];
        System.arraycopy(matrix, 0, values, at * matrix.length, matrix.length);
        return values;
    }

    private static void require(String what, Shape shape) {
        if (shape.rank() < 2 || Arrays.stream(shape.dims()).anyMatch(d -> d < 1)) {
            throw new ShapeException(what + " need a matrix or a kernel [window.., in, out], got " + shape);
        }
    }
}
