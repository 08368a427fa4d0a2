package adjoint.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Zeros before, after and between (`gap`) the elements of each axis: the adjoint of [Slice].
public record Pad(Ints before, Ints after, Ints gap) implements Op {
    /// The most tensors that [#sum] puts side by side: a longer list would be copied at every step of a long recurrence.
    private static final int MOST_JOINED = 64;

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

    /// The sum of two tensors of one shape. Where both are pads whose elements lie side by side along an axis, as in the gradient
    /// of a tensor that was split, they are put together instead of zeros being added.
    public static Tensor sum(Tensor a, Tensor b) {
        List<Tensor> ofA = a.inputs(); // before the ops: another thread may compute a tensor now and let its inputs go
        List<Tensor> ofB = b.inputs();
        if (a.op() instanceof Pad p && b.op() instanceof Pad q) {
            Tensor x = ofA.getFirst();
            Tensor y = ofB.getFirst();
            int axis = p.axisBeside(q, a.shape());
            if (axis >= 0 && p.before.at(axis) + x.shape().dim(axis) == q.before.at(axis)) {
                return join(axis, x, p, y, q);
            } else if (axis >= 0 && q.before.at(axis) + y.shape().dim(axis) == p.before.at(axis)) {
                return join(axis, y, q, x, p);
            }
        }
        return a.add(b);
    }

    // The only axis along which the other one fills another part; -1 if there is none.
    private int axisBeside(Pad other, Shape shape) {
        int found = -1;
        for (int i = 0; i < shape.rank(); i++) {
            boolean same = before.at(i) == other.before.at(i) && after.at(i) == other.after.at(i);
            if (same && gap.at(i) == other.gap.at(i)) {
                continue;
            }
            if (found >= 0 || gap.at(i) != 0 || other.gap.at(i) != 0) {
                return -1;
            }
            found = i;
        }
        return found;
    }

    private static Tensor join(int axis, Tensor x, Pad p, Tensor y, Pad q) {
        List<Tensor> parts = new ArrayList<>(parts(axis, x));
        parts.addAll(parts(axis, y));
        if (parts.size() > MOST_JOINED) {
            parts = List.of(x, y);
        }
        Tensor joined = Tensor.concat(axis, parts.toArray(Tensor[]::new));
        int[] before = p.before.toArray();
        int[] after = p.after.toArray();
        after[axis] = q.after.at(axis);
        boolean whole = Arrays.equals(before, new int[before.length]) && Arrays.equals(after, before);
        boolean dense = p.gap.equals(Ints.of(new int[before.length]));
        return whole && dense ? joined : Tensor.apply(new Pad(p.before, Ints.of(after), p.gap), joined);
    }

    private static List<Tensor> parts(int axis, Tensor x) {
        List<Tensor> inputs = x.inputs(); // before the op, as above
        return x.op() instanceof Concat c && c.axis() == axis ? inputs : List.of(x);
    }
}
