package adjoint.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The adjoint of a [Recurrence]: from the cotangents of its states, back in time, to those of its pre-activations.
///
/// The target is flat, `[B T C H + B S H]`: first the cell's `C` cotangents of every step `[B, T, C H]`
/// ([Recurrence.Cell#cotangents()]), 0 from a sequence's length on; then those of the first state `[B, S H]`. All dense.
///
/// @param cotangent `[B, T, S H]`, or `[B, T, H]` if only `h` has one
/// @param trace what the recurrence made, `[B, T, K H]`
/// @param state its first state `[B, S H]`
/// @param weight its weight `[H, G H]`
/// @param lengths its lengths `[B]`
public record RecurrenceAdjoint(
        Recurrence.Cell cell, View cotangent, View trace, View state, View weight, Optional<View> lengths, View target)
        implements Step {
    @Override
    public List<View> sources() {
        return list(List.of(cotangent, trace, state, weight), lengths, Optional.empty());
    }

    @Override
    public List<View> targets() {
        return List.of(target);
    }

    @Override
    public long flops() {
        return 2 * weight.size() * trace.dims()[0] * trace.dims()[1];
    }

    static List<View> list(List<View> given, Optional<View> one, Optional<View> other) {
        var views = new ArrayList<>(given);
        one.ifPresent(views::add);
        other.ifPresent(views::add);
        return List.copyOf(views);
    }
}
