package adjoint.nn;

import adjoint.kernel.DType;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Optional;
import java.util.stream.IntStream;

/// Rotary positions (Su et al. 2021): the two halves of each head are turned against each other, by an angle that grows with the
/// step, so that the product of a query and a key depends on how far they are apart.
///
/// `(a, b) -> (a cos φ - b sin φ, b cos φ + a sin φ)`, `φ = t · base^(-2i/D)` for numbers `i` and `i + D/2` of a head, as in Llama.
///
/// @param base of the wavelengths, above 1; usually 10,000
public record Rotary(double base) {
    /// @throws ShapeException if the base is not above 1
    public Rotary {
        if (!(base > 1) || Double.isInfinite(base)) {
            throw new ShapeException("rotary positions need a base above 1, such as 10000, got " + base);
        }
    }

    /// With a base of 10,000.
    public Rotary() {
        this(10_000);
    }

    /// Turns queries or keys.
    ///
    /// @param x `[B, H, T, D]`, D even
    /// @param offset the first step's number, `[]` of int64; 0 if empty
    /// @throws ShapeException if D is odd
    public Tensor turn(Tensor x, Optional<Tensor> offset) {
        int d = x.dim(-1);
        if (d % 2 != 0) {
            throw new ShapeException("rotary positions need heads of an even size, got " + x.shape());
        }
        Tensor angle = angles(x.dim(2), offset, base, d, x.type());
        Tensor cos = angle.cos(); // [T, D / 2]
        Tensor sin = angle.sin();
        Tensor a = x.slice(-1, 0, d / 2);
        Tensor b = x.slice(-1, d / 2, d);
        return Tensor.concat(-1, a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin)));
    }

    /// The numbers of steps behind an offset, `[T]`.
    static Tensor steps(int count, Optional<Tensor> offset, DType type) {
        Tensor steps = Tensor.arange(count).to(DType.INT64);
        return (offset.isPresent() ? steps.add(offset.get()) : steps).to(type);
    }

    /// How far each step has turned each of `width / 2` waves, `φ = t · base^(-2i / width)`: `[T, width / 2]`.
    static Tensor angles(int count, Optional<Tensor> offset, double base, int width, DType type) {
        double[] speeds = IntStream.range(0, width / 2).mapToDouble(i -> Math.pow(base, -2.0 * i / width)).toArray();
        return steps(count, offset, type).unsqueeze(1).mul(Tensor.of(speeds, width / 2).to(type));
    }

    @Override
    public String toString() {
        return "Rotary(" + base + ")";
    }
}
