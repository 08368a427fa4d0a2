package adjoint.tensor;

import adjoint.kernel.Buffer;
import adjoint.kernel.DType;

/// A tensor as text: nested brackets, the middle of long axes left out.
final class TensorText {
    private static final int SHOWN = 6;

    private TensorText() {}

    static String of(Tensor tensor) {
        var text = new StringBuilder();
        Buffer values = tensor.read();
        append(text, tensor, values, 0, 0);
        return text.append(' ').append(tensor.spec()).toString();
    }

    private static void append(StringBuilder text, Tensor tensor, Buffer values, int axis, long offset) {
        Shape shape = tensor.shape();
        if (axis == shape.rank()) {
            text.append(number(tensor.type(), values, offset));
            return;
        }
        long stride = 1;
        for (int i = axis + 1; i < shape.rank(); i++) {
            stride *= shape.dim(i);
        }
        boolean last = axis == shape.rank() - 1;
        int n = shape.dim(axis);
        text.append('[');
        for (int i = 0; i < n; i++) {
            if (i > 0) {
                text.append(last ? ", " : ",\n" + " ".repeat(axis + 1));
            }
            if (n > 2 * SHOWN && i == SHOWN) {
                text.append('…');
                i = n - SHOWN - 1;
                continue;
            }
            append(text, tensor, values, axis + 1, offset + i * stride);
        }
        text.append(']');
    }

    private static String number(DType type, Buffer values, long i) {
        return switch (type) {
            case BOOL -> values.get(i) != 0 ? "true" : "false";
            case INT32, INT64 -> Long.toString(values.getLong(i));
            case FLOAT32, FLOAT64 -> floating(values.get(i));
        };
    }

    private static String floating(double v) {
        if (v == Math.rint(v) && Math.abs(v) < 1e7) {
            return String.format(java.util.Locale.ROOT, "%.1f", v);
        }
        double a = Math.abs(v);
        return String.format(java.util.Locale.ROOT, a >= 1e-3 && a < 1e5 ? "%.4f" : "%.4e", v);
    }
}
