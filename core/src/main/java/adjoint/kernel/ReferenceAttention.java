package adjoint.kernel;

/// Attention as it is defined, row by row in double precision. The backward step computes the weights from the scores alone,
/// so that it stands for itself.
final class ReferenceAttention {
    private final AttentionScores scores;
    private final View v;
    private final int keys;
    private final int width;
    private final int valueWidth;

    private ReferenceAttention(AttentionScores scores, View v) {
        this.scores = scores;
        this.v = v;
        this.keys = scores.keys();
        this.width = scores.width();
        this.valueWidth = v.dims()[3];
    }

    static Kernel of(AttentionForward step) {
        var attention = new ReferenceAttention(step.scores(), step.v());
        int rows = step.scores().batch() * step.scores().heads();
        return (memory, _, team) -> team.run(rows, task -> attention.forward(step, memory, task));
    }

    static Kernel of(AttentionBackward step) {
        var attention = new ReferenceAttention(step.scores(), step.v());
        int tasks = step.scores().batch() * step.scores().keyHeads();
        return (memory, _, team) -> team.run(tasks, task -> attention.backward(step, memory, task));
    }

    private void forward(AttentionForward step, Memory memory, int task) {
        int b = task / scores.heads();
        int h = task % scores.heads();
        var p = new double[keys];
        var keep = new double[keys];
        for (int t = 0; t < scores.queries(); t++) {
            double logSum = weights(memory, b, h, t, p, keep);
            if (step.logSum() != null) {
                set(memory, step.logSum(), b, h, t, 0, logSum);
            }
            for (int e = 0; step.output() != null && e < valueWidth; e++) {
                double sum = 0;
                for (int s = 0; s < keys; s++) {
                    sum += p[s] * keep[s] * get(memory, v, b, s, h / scores.group(), e);
                }
                set(memory, step.output(), b, t, h, e, sum);
            }
        }
    }

    private void backward(AttentionBackward step, Memory memory, int task) {
        int b = task / scores.keyHeads();
        int g = task % scores.keyHeads();
        var p = new double[keys];
        var keep = new double[keys];
        var ds = new double[keys];
        var dk = new double[keys * width];
        var dv = new double[keys * valueWidth];
        for (int h = g * scores.group(); h < (g + 1) * scores.group(); h++) {
            for (int t = 0; t < scores.queries(); t++) {
                weights(memory, b, h, t, p, keep);
                double delta = 0;
                for (int s = 0; s < keys; s++) {
                    double sum = 0;
                    for (int e = 0; e < valueWidth; e++) {
                        double c = get(memory, step.cotangent(), b, t, h, e);
                        sum += c * get(memory, v, b, s, g, e);
                        dv[s * valueWidth + e] += p[s] * keep[s] * c;
                    }
                    ds[s] = sum * keep[s];
                    delta += p[s] * ds[s];
                }
                for (int s = 0; s < keys; s++) {
                    ds[s] = scores.scale() * p[s] * (ds[s] - delta);
                }
                for (int d = 0; d < width; d++) {
                    double query = get(memory, scores.q(), b, t, h, d);
                    double sum = 0;
                    for (int s = 0; s < keys; s++) {
                        sum += ds[s] * get(memory, scores.k(), b, s, g, d);
                        dk[s * width + d] += ds[s] * query;
                    }
                    if (step.dq() != null) {
                        set(memory, step.dq(), b, t, h, d, sum);
                    }
                }
            }
        }
        store(memory, step.dk(), b, g, width, dk);
        store(memory, step.dv(), b, g, valueWidth, dv);
    }

    // The softmax of one query's scores and dropout's factors; returns the logarithm of the denominator.
    private double weights(Memory memory, int b, int h, int t, double[] p, double[] keep) {
        double top = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < keys; s++) {
            double sum = 0;
            for (int d = 0; d < width; d++) {
                sum += get(memory, scores.q(), b, t, h, d) * get(memory, scores.k(), b, s, h / scores.group(), d);
            }
            p[s] = s > (long) t + scores.ahead() ? Double.NEGATIVE_INFINITY : scores.scale() * sum;
            View mask = scores.mask();
            if (mask != null) {
                double m = get(memory, mask, b, h, t, s);
                p[s] += mask.type() != DType.BOOL ? m : m == 0 ? Double.NEGATIVE_INFINITY : 0;
            }
            top = Math.max(top, p[s]);
            keep[s] = keep(memory, b, h, t, s);
        }
        double sum = 0;
        for (int s = 0; s < keys; s++) {
            p[s] = top == Double.NEGATIVE_INFINITY ? 0 : Math.exp(p[s] - top);
            sum += p[s];
        }
        for (int s = 0; s < keys && sum != 0; s++) {
            p[s] /= sum;
        }
        return top + Math.log(sum);
    }

    private double keep(Memory memory, int b, int h, int t, int s) {
        View key = scores.key();
        if (key == null) {
            return 1;
        }
        var keys = memory.slot(key.slot());
        long seed = keys.get(Elements.LONG, key.offset());
        long stream = keys.get(Elements.LONG, key.offset() + key.strides()[0] * Long.BYTES);
        long row = ((long) b * scores.heads() + h) * scores.queries() + t;
        double complement = 1 - scores.dropout();
        return Philox.uniform(seed, stream, row * this.keys + s) < (float) complement ? 1 / complement : 0;
    }

    private void store(Memory memory, View target, int b, int g, int width, double[] values) {
        for (int i = 0; target != null && i < values.length; i++) {
            set(memory, target, b, i / width, g, i % width, values[i]);
        }
    }

    private static double get(Memory memory, View view, int i, int j, int k, int l) {
        return Elements.get(memory.slot(view.slot()), view.type(), offset(view, i, j, k, l));
    }

    private static void set(Memory memory, View view, int i, int j, int k, int l, double value) {
        Elements.set(memory.slot(view.slot()), view.type(), offset(view, i, j, k, l), value);
    }

    private static long offset(View view, int i, int j, int k, int l) {
        long[] strides = view.strides();
        long last = strides.length > 3 ? l * strides[3] : 0;
        return view.offset() + (i * strides[0] + j * strides[1] + k * strides[2] + last) * view.type().bytes();
    }
}
