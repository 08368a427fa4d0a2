package adjoint.tensor;

import adjoint.kernel.Recurrence.Cell;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A recurrent network over whole sequences; [Cell] has the formulas. Use it through [#states].
///
/// The output `[B, T, K H]` holds all states in its first `S H` columns, and behind them what the derivative needs, so that
/// nothing is computed twice. Those columns are not meant for others, and no cotangent passes through them.
public record Recurrent(Cell cell) implements Op {
    /// The states of all steps, `[B, T, S H]`: `h`, for an LSTM followed by `c`.
    ///
    /// @param x the pre-activations that come from the input, `x W + b` of all steps: `[B, T, G H]`
    /// @param state the state to start from, `[B, S H]`
    /// @param weight from `h` to the gates, `[H, G H]`
    /// @param bias `[H]`, added to the last gate's product: for a GRU, and for no other cell
    /// @param lengths `[B]` of integers: from step `lengths[b]` on, sequence `b` keeps its state
    /// @throws ShapeException if they do not fit together
    public static Tensor states(
            Cell cell, Tensor x, Tensor state, Tensor weight, Optional<Tensor> bias, Optional<Tensor> lengths) {
        var op = new Recurrent(cell);
        if (bias.isPresent() != op.hasBias()) {
            throw new ShapeException(
                    op.label() + (op.hasBias() ? " needs a bias [H], got none" : " takes no bias: add it to x"));
        }
        List<Tensor> inputs = new ArrayList<>(List.of(x, state, weight));
        bias.ifPresent(inputs::add);
        lengths.ifPresent(inputs::add);
        Tensor trace = Tensor.apply(op, inputs.toArray(Tensor[]::new));
        return trace.slice(2, 0, state.dim(1));
    }

    @Override
    public String label() {
        return cell.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Shape x = inputs.get(0).shape();
        Shape state = inputs.get(1).shape();
        Shape weight = inputs.get(2).shape();
        int h = weight.rank() == 2 ? weight.dim(0) : 0;
        boolean fits = h > 0 && weight.dim(1) == cell.gates() * h;
        fits &= x.rank() == 3 && x.dim(1) > 0 && x.dim(2) == cell.gates() * h;
        fits &= fits && state.equals(Shape.of(x.dim(0), cell.states() * h));
        if (!fits) {
            throw new ShapeException(
                    "%s needs pre-activations [B, T, %d H] of 1 step or more, a state [B, %d H] and a weight [H, %d H],"
                                    .formatted(label(), cell.gates(), cell.states(), cell.gates())
                            + " got %s, %s and %s".formatted(x, state, weight));
        }
        for (Tensor t : inputs.subList(0, hasBias() ? 4 : 3)) {
            if (!t.type().isFloating() || t.type() != inputs.getFirst().type()) {
                throw new ShapeException(
                        label()
                                + " needs all its inputs but the lengths of one floating type, got "
                                + inputs.stream().map(Tensor::spec).toList()
                                + ": use to(DType)");
            }
        }
        if (hasBias() && !inputs.get(3).shape().equals(Shape.of(h))) {
            throw new ShapeException(label() + " needs a bias [" + h + "], got " + inputs.get(3).shape());
        }
        lengths(inputs).ifPresent(l -> checkLengths(l.spec(), x.dim(0)));
        return new Spec(Shape.of(x.dim(0), x.dim(1), cell.columns() * h), inputs.getFirst().type());
    }

    private void checkLengths(Spec lengths, int batch) {
        if (!lengths.type().isInteger() || !lengths.shape().equals(Shape.of(batch))) {
            throw new ShapeException(
                    label() + " needs int32 or int64 lengths [" + batch + "], one for each sequence, got " + lengths);
        }
    }

    private boolean hasBias() {
        return cell == Cell.GRU;
    }

    private Optional<Tensor> lengths(List<Tensor> inputs) {
        int at = hasBias() ? 4 : 3;
        return inputs.size() > at ? Optional.of(inputs.get(at)) : Optional.empty();
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        Tensor x = output.input(0);
        Tensor state = output.input(1);
        int h = output.input(2).dim(0);
        List<Tensor> inputs = new ArrayList<>(List.of(stateCotangent(g, state.dim(1), h), output));
        inputs.addAll(output.inputs());
        Tensor flat = Tensor.apply(new RecurrentAdjoint(cell), inputs.toArray(Tensor[]::new));
        int rows = x.dim(0) * x.dim(1);
        int width = cell.cotangents() * h;
        Tensor all = flat.slice(0, 0, rows * width).reshape(rows, width); // [B T, C H]
        return switch (input) {
            case 0 -> (hasBias() ? all.slice(1, h, width) : all).reshape(x.shape().dims());
            case 1 -> flat.slice(0, rows * width, flat.dim(0)).reshape(state.shape().dims());
            case 2 -> {
                Tensor first = state.slice(1, 0, h).unsqueeze(1); // [B, 1, H]
                Tensor before = Tensor.concat(1, first, output.slice(1, 0, x.dim(1) - 1).slice(2, 0, h));
                Tensor left = before.reshape(rows, h).t();
                if (!hasBias()) {
                    yield left.matmul(all); // [H, B T] · [B T, G H]
                }
                Tensor nrz = left.matmul(all.slice(1, 0, 3 * h));
                yield Tensor.concat(1, nrz.slice(1, h, 3 * h), nrz.slice(1, 0, h));
            }
            default -> all.slice(1, 0, h).sum(0);
        };
    }

    // Only the states have cotangents. Most often h alone, put among zeros by the slices that picked it: without those.
    private static Tensor stateCotangent(Tensor g, int states, int h) {
        Tensor whole = unpadded(g, states);
        Tensor given = whole != null ? whole : g.slice(2, 0, states);
        Tensor alone = unpadded(given, h);
        return alone != null ? alone : given;
    }

    // What stands in the first columns, if all else are zeros that were put there; or else null.
    private static Tensor unpadded(Tensor g, int columns) {
        if (g.op() instanceof Pad p && p.before().at(2) == 0 && p.gap().at(2) == 0) {
            Tensor inside = g.input(0);
            return inside.shape().equals(g.shape().with(2, columns)) ? inside : null;
        }
        return null;
    }

    @Override
    public boolean passesGradient(int input) {
        return input < (hasBias() ? 4 : 3);
    }
}
