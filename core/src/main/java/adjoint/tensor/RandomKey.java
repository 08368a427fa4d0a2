package adjoint.tensor;

import adjoint.kernel.Philox;

/// The name of a stream of random numbers. The same key gives the same numbers, always; make a new one for each draw with
/// [#fold].
///
/// ```java
/// var key = RandomKey.of(42);
/// var noise = Tensor.normal(key.fold(1), 32, 10);
/// ```
///
/// @param seed the seed of the whole training
/// @param stream which of the seed's streams
public record RandomKey(long seed, long stream) {
    /// The first stream of a seed.
    public static RandomKey of(long seed) {
        return new RandomKey(seed, 0);
    }

    /// Another stream, made from this one and a number: a step, a layer's place, a call.
    public RandomKey fold(long number) {
        return new RandomKey(seed, Philox.mix(stream ^ Philox.mix(number)));
    }

    /// The key as ops take it: int64 [2].
    Tensor tensor() {
        return Tensor.of(new long[] {seed, stream}, 2);
    }
}
