package adjoint.tensor;

import adjoint.kernel.Recurrence.Cell;

import java.util.ArrayList;
import java.util.List;

/// [RecurrentAdjoint] as a composition, step by step: what derivatives of second and higher order are made of.
///
/// The forward pass is written out in tensor operations; a sweep through it gives the adjoint, as tensors again; a sweep
/// through both gives the adjoint's own derivative.
final class RecurrentSteps {
    private final Cell cell;

    /// The adjoint op's inputs, each behind a node of its own: sweeps end there, and two inputs that are one tensor stay two.
    private final List<Tensor> inputs;

    private final int steps;
    private final int h;
    private final List<Tensor> x = new ArrayList<>(); // [B, G H] of each step
    private final List<Tensor> g = new ArrayList<>(); // [B, S H], the states' cotangents
    private final List<Tensor> states = new ArrayList<>();
    private final List<Tensor> products = new ArrayList<>(); // of a GRU: a_n + bias

    RecurrentSteps(Cell cell, List<Tensor> adjointInputs) {
        this.cell = cell;
        this.inputs = adjointInputs.stream().map(t -> Tensor.apply(new Reshape(t.shape()), t)).toList();
        this.steps = inputs.get(2).dim(1);
        this.h = inputs.get(4).dim(0);
        int lengths = cell == Cell.GRU ? 6 : 5;
        Tensor state = inputs.get(3);
        for (int t = 0; t < steps; t++) {
            x.add(inputs.get(2).select(1, t));
            g.add(inputs.get(0).select(1, t));
            Tensor next = advance(x.get(t), state);
            if (inputs.size() > lengths) {
                Tensor length = inputs.get(lengths);
                Tensor runs = length.gt(Tensor.constant(length.type(), t)).unsqueeze(1).expand(next.shape().dims());
                next = Tensor.where(runs, next, state);
            }
            states.add(next);
            state = next;
        }
    }

    private static Tensor part(Tensor t, int index, int width) {
        return t.slice(1, index * width, (index + 1) * width);
    }

    private Tensor advance(Tensor xt, Tensor state) {
        Tensor before = part(state, 0, h);
        Tensor a = before.matmul(inputs.get(4)); // [B, H] · [H, G H]
        return switch (cell) {
            case TANH -> xt.add(a).tanh();
            case RELU -> xt.add(a).relu();
            case GRU -> {
                Tensor r = part(xt, 0, h).add(part(a, 0, h)).sigmoid();
                Tensor z = part(xt, 1, h).add(part(a, 1, h)).sigmoid();
                Tensor ones = part(before, 0, 1).onesLike(); // [B, 1]: a product, since sweeps undo no broadcasting
                Tensor s = part(a, 2, h).add(ones.matmul(inputs.get(5).unsqueeze(0)));
                products.add(s);
                Tensor n = part(xt, 2, h).add(r.mul(s)).tanh();
                yield n.add(z.mul(before.sub(n)));
            }
            case LSTM -> {
                Tensor p = xt.add(a);
                Tensor c =
                        part(p, 1, h)
                                .sigmoid()
                                .mul(part(state, 1, h))
                                .add(part(p, 0, h).sigmoid().mul(part(p, 2, h).tanh()));
                yield Tensor.concat(1, part(p, 3, h).sigmoid().mul(c.tanh()), c);
            }
        };
    }

    /// The cotangent of one input of the adjoint op, from that of its output.
    Tensor secondOrder(Tensor cotangent, int input) {
        // First order: roots are the states, targets what the adjoint's output is made of.
        List<Tensor> given = new ArrayList<>();
        for (Tensor gt : g) {
            given.add(gt.dim(1) == states.getFirst().dim(1) ? gt : gt.pad(1, 0, h));
        }
        List<Tensor> targets = new ArrayList<>(x);
        targets.addAll(products);
        targets.add(inputs.get(3));
        List<Tensor> found = Sweep.cotangents(states, given, targets, inputs);

        // Second order: roots are those, with their parts of the output's cotangent.
        int batch = inputs.get(3).dim(0);
        int width = cell.cotangents() * h;
        int size = batch * steps * width;
        Tensor all = cotangent.slice(0, 0, size).reshape(batch, steps, width);
        List<Tensor> parts = new ArrayList<>();
        int skip = products.isEmpty() ? 0 : h;
        for (int t = 0; t < steps; t++) {
            parts.add(all.select(1, t).slice(1, skip, width));
        }
        for (int t = 0; t < products.size(); t++) {
            parts.add(all.select(1, t).slice(1, 0, h));
        }
        parts.add(cotangent.slice(0, size, cotangent.dim(0)).reshape(inputs.get(3).shape().dims()));
        return switch (input) { // a cotangent of each step, rather than a sum of padded ones
            case 0 -> Tensor.stack(1, Sweep.cotangents(found, parts, g, inputs).toArray(Tensor[]::new));
            case 2 -> Tensor.stack(1, Sweep.cotangents(found, parts, x, inputs).toArray(Tensor[]::new));
            default -> Sweep.cotangents(found, parts, List.of(inputs.get(input)), inputs).getFirst();
        };
    }
}
