package adjoint.kernel;

import java.lang.foreign.MemorySegment;

/// [Recurrence] in plain loops and double precision; one sequence is one task.
final class ReferenceRecurrence implements Kernel {
    private final Recurrence step;
    private final Recurrence.Cell cell;
    private final int batch;
    private final int steps;
    private final int h;

    ReferenceRecurrence(Recurrence step) {
        this.step = step;
        this.cell = step.cell();
        this.batch = step.x().dims()[0];
        this.steps = step.x().dims()[1];
        this.h = step.weight().dims()[0];
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        int[] lengths = SequenceLengths.read(step.lengths(), memory, batch, steps);
        double[] weight = row(memory, step.weight(), 0, h * cell.gates() * h);
        double[] bias = step.bias().map(b -> row(memory, b, 0, h)).orElse(new double[h]);
        team.run(
                batch,
                b -> {
                    double[] state = row(memory, step.state(), b, cell.states() * h);
                    for (int t = 0; t < steps; t++) {
                        long at = (long) b * steps + t;
                        double[] columns = advance(row(memory, step.x(), at, cell.gates() * h), state, weight, bias);
                        if (t < lengths[b]) {
                            System.arraycopy(columns, 0, state, 0, state.length);
                        } else {
                            System.arraycopy(state, 0, columns, 0, state.length);
                        }
                        put(memory, step.target(), at * columns.length, columns);
                    }
                });
    }

    private double[] advance(double[] x, double[] state, double[] weight, double... bias) {
        double[] a = new double[cell.gates() * h];
        for (int k = 0; k < h; k++) {
            for (int j = 0; j < a.length; j++) {
                a[j] += state[k] * weight[k * a.length + j];
            }
        }
        double[] y = new double[cell.columns() * h];
        for (int j = 0; j < h; j++) {
            switch (cell) {
                case TANH -> y[j] = Math.tanh(x[j] + a[j]);
                case RELU -> y[j] = Math.max(0, x[j] + a[j]);
                case GRU -> {
                    double r = sigmoid(x[j] + a[j]);
                    double z = sigmoid(x[h + j] + a[h + j]);
                    double s = a[2 * h + j] + bias[j];
                    double n = Math.tanh(x[2 * h + j] + r * s);
                    set(y, j, (1 - z) * n + z * state[j], r, z, s, n);
                }
                case LSTM -> {
                    double i = sigmoid(x[j] + a[j]);
                    double f = sigmoid(x[h + j] + a[h + j]);
                    double g = Math.tanh(x[2 * h + j] + a[2 * h + j]);
                    double o = sigmoid(x[3 * h + j] + a[3 * h + j]);
                    double c = f * state[h + j] + i * g;
                    set(y, j, o * Math.tanh(c), c, i, f, g, o, Math.tanh(c));
                }
            }
        }
        return y;
    }

    private void set(double[] y, int j, double... columns) {
        for (int q = 0; q < columns.length; q++) {
            y[q * h + j] = columns[q];
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /// Row `index` of a view that is seen as rows of `n` elements.
    static double[] row(Memory memory, View view, long index, int n) {
        MemorySegment from = memory.slot(view.slot());
        double[] row = new double[n];
        for (int i = 0; i < n; i++) {
            row[i] = Elements.get(from, view.type(), view.offset() + (index * n + i) * view.type().bytes());
        }
        return row;
    }

    /// Stores values from element `first` on.
    static void put(Memory memory, View view, long first, double... values) {
        MemorySegment to = memory.slot(view.slot());
        for (int i = 0; i < values.length; i++) {
            Elements.set(to, view.type(), view.offset() + (first + i) * view.type().bytes(), values[i]);
        }
    }
}
