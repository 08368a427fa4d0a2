package adjoint.tensor;

import java.util.List;

/// Zeros before, after and between (`gap`) the elements of each axis: the adjoint of [Slice].
public record Pad(Ints before, Ints after, Ints gap) implements Op {
    @Override
    public String label() {
        return "pad";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        if (before.length() != x.shape().rank() || after.length() != x.shape().rank()) {
            throw new ShapeException(
                    "pad of "
                            + x.shape()
                            + " needs one number for each of its axes, got "
                            + before
                            + " before and "
                            + after
                            + " after");
        }
        int[] d = x.shape().dims();
        for (int i = 0; i < d.length; i++) {
            if (before.at(i) < 0 || after.at(i) < 0) {
                throw new ShapeException(
                        "pad needs numbers of 0 or more, got " + before + " and " + after + ": use slice to cut off");
            }
            long spread = d[i] == 0 ? 0 : (d[i] - 1L) * (gap.at(i) + 1L) + 1;
            long extent = before.at(i) + spread + after.at(i);
            if (extent > Integer.MAX_VALUE) {
                throw new ShapeException(
                        "pad of axis "
                                + i
                                + " of "
                                + x.shape()
                                + " would make it "
                                + extent
                                + " long: at most "
                                + Integer.MAX_VALUE);
            }
            d[i] = (int) extent;
        }
        return new Spec(Shape.of(d), x.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        int[] step = gap.toArray();
        for (int i = 0; i < step.length; i++) {
            step[i]++;
        }
        return Tensor.apply(new Slice(before, Ints.of(output.input(0).shape().dims()), Ints.of(step)), g);
    }
}
