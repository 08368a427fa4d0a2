package adjoint.tensor;

import adjoint.kernel.Recurrence.Cell;

import java.util.List;

/// The adjoint of [Recurrent]. Inputs: the cotangent of the states (or of `h` alone), the recurrence's output, and then the
/// recurrence's inputs. The output is flat, as [adjoint.kernel.RecurrenceAdjoint] describes it.
///
/// It is a function of the cotangent and of the recurrence's inputs; the recurrence's output follows from these, and so has no
/// derivative of its own here.
public record RecurrentAdjoint(Cell cell) implements Op {
    private static final int FIRST = 2;

    @Override
    public String label() {
        return new Recurrent(cell).label() + "-adjoint";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        new Recurrent(cell).infer(inputs.subList(FIRST, inputs.size()));
        Shape x = inputs.get(FIRST).shape();
        Shape state = inputs.get(FIRST + 1).shape();
        int h = inputs.get(FIRST + 2).dim(0);
        Spec g = inputs.getFirst().spec();
        boolean fits = g.shape().equals(x.with(2, state.dim(1))) || g.shape().equals(x.with(2, h));
        if (!fits || g.type() != inputs.get(FIRST).type()) {
            throw new ShapeException(
                    label() + " needs a cotangent of the states " + x.with(2, state.dim(1)) + ", got " + g);
        }
        long size = (long) x.dim(0) * x.dim(1) * cell.cotangents() * h + state.size();
        if (size > Integer.MAX_VALUE) {
            throw new ShapeException(
                    label() + " of " + x + " has " + size + " elements, more than an axis holds: use a smaller batch");
        }
        return new Spec(Shape.of((int) size), g.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        return new RecurrentSteps(cell, output.inputs()).secondOrder(g, input);
    }

    @Override
    public boolean passesGradient(int input) {
        return input == 0 || input >= FIRST && new Recurrent(cell).passesGradient(input - FIRST);
    }
}
