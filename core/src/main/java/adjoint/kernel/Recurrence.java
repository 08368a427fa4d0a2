package adjoint.kernel;

import java.util.List;
import java.util.Optional;

/// A recurrent network over whole sequences: from the pre-activations of the input to all states.
///
/// For `B` sequences of `T` steps and `H` hidden units, and a [Cell] of `G` gates, `S` states and `K` columns: x
/// `[B, T, G H]`, state (the first one) `[B, S H]`, weight `[H, G H]`, bias `[H]` (GRU only), lengths `[B]` of integers,
/// target `[B, T, K H]`. All dense, all but lengths of one floating type. Each step computes
/// `a = h[t-1] · weight` and from `a`, `x[t]` and the state before what the cell's comment says.
///
/// Steps from `lengths[b]` on repeat the state before in the target's first `S` columns; the other columns are then anything.
/// A length outside `0..T` is an [IndexOutOfBoundsException] that names it and its position.
public record Recurrence(
        Cell cell, View x, View state, View weight, Optional<View> bias, Optional<View> lengths, View target)
        implements Step {

    /// What happens at one step. `σ` is the sigmoid; a column is `H` wide.
    public enum Cell {
        /// Elman 1990, with tanh: `h' = tanh(x + a)`. The column is `h`.
        TANH(1, 1, 1, 1),
        /// As [#TANH], with `max(0, x + a)`.
        RELU(1, 1, 1, 1),
        /// Cho et al. 2014, with the reset gate applied after the product: `r = σ(x_r + a_r)`, `z = σ(x_z + a_z)`,
        /// `s = a_n + bias`, `n = tanh(x_n + r s)`, `h' = (1 - z) n + z h`. Gates in the order `r z n`; the columns are
        /// `h r z s n`.
        GRU(3, 1, 5, 4),
        /// Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000: `i, f, o = σ(x + a)`,
        /// `g = tanh(x_g + a_g)`, `c' = f c + i g`, `h' = o tanh(c')`. Gates in the order `i f g o`; the state is `h c`,
        /// the columns are `h c i f g o tanh(c)`.
        LSTM(4, 2, 7, 4);

        private final int gates;
        private final int states;
        private final int columns;
        private final int cotangents;

        Cell(int gates, int states, int columns, int cotangents) {
            this.gates = gates;
            this.states = states;
            this.columns = columns;
            this.cotangents = cotangents;
        }

        /// `G`: how many pre-activations a unit has.
        public int gates() {
            return gates;
        }

        /// `S`: how many numbers of a unit go from step to step.
        public int states() {
            return states;
        }

        /// `K`: how many numbers of a unit are kept of each step, the states first.
        public int columns() {
            return columns;
        }

        /// How many numbers of a unit [RecurrenceAdjoint] gives for each step. For a GRU they are the cotangents of
        /// `a_n`, `x_r`, `x_z`, `x_n` (those of `a_r` and `x_r` are equal, and so are those of `a_z` and `x_z`); for the
        /// others those of `x`, which equal those of `a`.
        public int cotangents() {
            return cotangents;
        }

        /// The first of the columns that a product is written to: those of the gates, which follow each other.
        int gateColumn() {
            return this == LSTM ? 2 : this == GRU ? 1 : 0;
        }
    }

    @Override
    public List<View> sources() {
        return RecurrenceAdjoint.list(List.of(x, state, weight), bias, lengths);
    }

    @Override
    public List<View> targets() {
        return List.of(target);
    }

    @Override
    public long flops() {
        return 2 * x.size() * weight.dims()[0];
    }
}
