package adjoint.tensor;

import java.util.List;

/// A window with steps: `size[i]` elements from `start[i]` on, every `step[i]`-th, along each axis.
public record Slice(Ints start, Ints size, Ints step) implements Op {
    @Override
    public String label() {
        return "slice";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        for (int i = 0; i < x.shape().rank(); i++) {
            long last = start.at(i) + (size.at(i) - 1L) * step.at(i);
            if (step.at(i) < 1 || size.at(i) < 0 || start.at(i) < 0 || size.at(i) > 0 && last >= x.shape().dim(i)) {
                throw new ShapeException(
                        "slice of axis "
                                + i
                                + " from "
                                + start.at(i)
                                + ", "
                                + size.at(i)
                                + " elements in steps of "
                                + step.at(i)
                                + ", does not lie inside "
                                + x.shape());
            }
        }
        return new Spec(Shape.of(size.toArray()), x.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        Shape x = output.input(0).shape();
        int[] after = new int[x.rank()];
        int[] gap = new int[x.rank()];
        for (int i = 0; i < after.length; i++) {
            int covered = size.at(i) == 0 ? 0 : (size.at(i) - 1) * step.at(i) + 1;
            after[i] = x.dim(i) - start.at(i) - covered;
            gap[i] = step.at(i) - 1;
        }
        return Tensor.apply(new Pad(start, Ints.of(after), Ints.of(gap)), g);
    }
}
