package adjoint.tensor;

import java.util.Arrays;
import java.util.List;

/// The axes in another order: axis `i` of the output is axis `order[i]` of the input.
public record Permute(Ints order) implements Op {
    @Override
    public String label() {
        return "permute";
    }

    @Override
    public Spec infer(List<Tensor> inputs) {
        Spec x = inputs.getFirst().spec();
        int[] sorted = order.toArray();
        Arrays.sort(sorted);
        boolean complete = sorted.length == x.shape().rank();
        for (int i = 0; complete && i < sorted.length; i++) {
            complete = sorted[i] == i;
        }
        if (!complete) {
            throw new ShapeException(
                    "permute needs each of the " + x.shape().rank() + " axes of " + x.shape() + " once, got " + order);
        }
        int[] d = new int[order.length()];
        for (int i = 0; i < d.length; i++) {
            d[i] = x.shape().dim(order.at(i));
        }
        return new Spec(Shape.of(d), x.type());
    }

    @Override
    public Tensor vjp(Tensor output, int input, Tensor g) {
        int[] inverse = new int[order.length()];
        for (int i = 0; i < inverse.length; i++) {
            inverse[order.at(i)] = i;
        }
        return g.permute(inverse);
    }
}
