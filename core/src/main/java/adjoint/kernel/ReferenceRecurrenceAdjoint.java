package adjoint.kernel;

import java.util.Arrays;

/// [RecurrenceAdjoint] in plain loops and double precision; one sequence is one task.
final class ReferenceRecurrenceAdjoint implements Kernel {
    private final RecurrenceAdjoint step;
    private final Recurrence.Cell cell;
    private final int batch;
    private final int steps;
    private final int h;

    ReferenceRecurrenceAdjoint(RecurrenceAdjoint step) {
        this.step = step;
        this.cell = step.cell();
        this.batch = step.trace().dims()[0];
        this.steps = step.trace().dims()[1];
        this.h = step.weight().dims()[0];
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        int[] lengths = SequenceLengths.read(step.lengths(), memory, batch, steps);
        double[] weight = ReferenceRecurrence.row(memory, step.weight(), 0, h * cell.gates() * h);
        team.run(batch, b -> sequence(memory, b, lengths[b], weight));
    }

    private void sequence(Memory memory, int b, int length, double... weight) {
        int given = step.cotangent().dims()[2];
        int width = cell.cotangents() * h;
        double[] d = new double[cell.states() * h];
        double[] before = ReferenceRecurrence.row(memory, step.state(), b, d.length);
        for (int t = steps - 1; t >= 0; t--) {
            long at = (long) b * steps + t;
            double[] g = ReferenceRecurrence.row(memory, step.cotangent(), at, given);
            for (int j = 0; j < given; j++) {
                d[j] += g[j];
            }
            double[] out = new double[width];
            if (t < length) {
                double[] y = ReferenceRecurrence.row(memory, step.trace(), at, cell.columns() * h);
                double[] previous =
                        t == 0 ? before : ReferenceRecurrence.row(memory, step.trace(), at - 1, cell.columns() * h);
                retreat(y, previous, d, out);
                through(out, weight, d);
            }
            ReferenceRecurrence.put(memory, step.target(), at * width, out);
        }
        ReferenceRecurrence.put(memory, step.target(), (long) batch * steps * width + (long) b * d.length, d);
    }

    // From the state's cotangent d to those of the gates; d becomes what goes on without passing through the product.
    private void retreat(double[] y, double[] previous, double[] d, double... out) {
        for (int j = 0; j < h; j++) {
            double dh = d[j];
            d[j] = 0;
            switch (cell) {
                case TANH -> out[j] = dh * (1 - y[j] * y[j]);
                case RELU -> out[j] = y[j] > 0 ? dh : 0;
                case GRU -> {
                    double r = y[h + j];
                    double z = y[2 * h + j];
                    double s = y[3 * h + j];
                    double n = y[4 * h + j];
                    double dn = dh * (1 - z) * (1 - n * n);
                    out[j] = dn * r;
                    out[h + j] = dn * s * r * (1 - r);
                    out[2 * h + j] = dh * (previous[j] - n) * z * (1 - z);
                    out[3 * h + j] = dn;
                    d[j] = dh * z;
                }
                case LSTM -> {
                    double i = y[2 * h + j];
                    double f = y[3 * h + j];
                    double g = y[4 * h + j];
                    double o = y[5 * h + j];
                    double tanh = y[6 * h + j];
                    double dc = d[h + j] + dh * o * (1 - tanh * tanh);
                    out[j] = dc * g * i * (1 - i);
                    out[h + j] = dc * previous[h + j] * f * (1 - f);
                    out[2 * h + j] = dc * i * (1 - g * g);
                    out[3 * h + j] = dh * tanh * o * (1 - o);
                    d[h + j] = dc * f;
                }
            }
        }
    }

    // d_h += da · weightᵀ; the GRU's da is in the order n, r, z.
    private void through(double[] out, double[] weight, double... d) {
        int gates = cell.gates() * h;
        double[] da = Arrays.copyOf(out, gates);
        if (cell == Recurrence.Cell.GRU) {
            System.arraycopy(out, h, da, 0, 2 * h);
            System.arraycopy(out, 0, da, 2 * h, h);
        }
        for (int k = 0; k < h; k++) {
            for (int j = 0; j < gates; j++) {
                d[k] += da[j] * weight[k * gates + j];
            }
        }
    }
}
