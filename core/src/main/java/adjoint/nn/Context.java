package adjoint.nn;

import adjoint.kernel.DType;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;

/// What a layer for sequences may know besides its input: which steps are real, another sequence to look at, and what it has
/// seen in earlier runs.
///
/// ```java
/// Context padded = Context.of().mask(ids.ne(padding));
/// Tensor y = block.apply(x, padded, pass);
/// ```
///
/// @param mask `[B, T]` of truth values: false where a sequence is only filled up; no query sees these steps
/// @param memory what a decoder looks at, `[B, S, C]`: the encoder's outputs
/// @param memoryMask `[B, S]`, the memory's mask
/// @param cache the keys and values of earlier steps
public record Context(
        Optional<Tensor> mask, Optional<Tensor> memory, Optional<Tensor> memoryMask, Optional<KeyValueCache> cache) {
    private static final Context NOTHING =
            new Context(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /// @throws ShapeException if a mask is no matrix of truth values, or a memory's mask has no memory of its length
    public Context {
        mask.ifPresent(m -> requireMask("mask [B, T]", m));
        memoryMask.ifPresent(m -> requireMask("memory mask [B, S]", m));
        if (memoryMask.isPresent() && (memory.isEmpty() || memory.get().dim(1) != memoryMask.get().dim(1))) {
            throw new ShapeException(
                    "a memory mask "
                            + memoryMask.get().shape()
                            + " needs a memory [B, S, C] of as many steps, got "
                            + memory.map(m -> m.shape().toString()).orElse("none"));
        }
    }

    private static void requireMask(String what, Tensor mask) {
        if (mask.type() != DType.BOOL || mask.shape().rank() != 2) {
            throw new ShapeException(
                    "a context needs a " + what + " of truth values, got " + mask.spec() + ": use ids.ne(padding)");
        }
    }

    /// The input is all there is.
    public static Context of() {
        return NOTHING;
    }

    /// With steps that are only filled up.
    public Context mask(Tensor real) {
        return new Context(Optional.of(real), memory, memoryMask, cache);
    }

    /// With another sequence to look at.
    public Context memory(Tensor sequence) {
        return new Context(mask, Optional.of(sequence), memoryMask, cache);
    }

    /// With the steps of the memory that are real.
    public Context memoryMask(Tensor real) {
        return new Context(mask, memory, Optional.of(real), cache);
    }

    /// With what was seen before.
    public Context cache(KeyValueCache seen) {
        return new Context(mask, memory, memoryMask, Optional.of(seen));
    }

    boolean isEmpty() {
        return mask.isEmpty() && memory.isEmpty() && cache.isEmpty();
    }

    /// Without a memory: what attention to the sequence itself may know.
    Context self() {
        return memory.isEmpty() ? this : new Context(mask, Optional.empty(), Optional.empty(), cache);
    }

    /// How many steps were seen before this input, `[]` of int64; none without a cache.
    Optional<Tensor> offset() {
        return cache.map(KeyValueCache::position);
    }
}
