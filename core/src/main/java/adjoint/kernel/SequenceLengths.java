package adjoint.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;

/// How many steps each sequence of a batch has.
final class SequenceLengths {
    private SequenceLengths() {}

    /// The lengths, checked; all `steps` if there are none.
    static int[] read(Optional<View> view, Memory memory, int batch, int steps) {
        int[] lengths = new int[batch];
        Arrays.fill(lengths, steps);
        view.ifPresent(v -> {
            MemorySegment from = memory.slot(v.slot());
            for (int b = 0; b < batch; b++) {
                long length = Elements.getLong(from, v.type(), v.offset() + (long) b * v.type().bytes());
                if (length < 0 || length > steps) {
                    throw new IndexOutOfBoundsException(
                            "length %d of sequence %d is outside 0..%d".formatted(length, b, steps));
                }
                lengths[b] = (int) length;
            }
        });
        return lengths;
    }
}
