package adjoint.nn;

import adjoint.kernel.DType;
import adjoint.kernel.Philox;
import adjoint.tensor.AdjointException;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Shape;
import adjoint.tensor.ShapeException;
import adjoint.tensor.Tensor;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Where a network's first weights come from: a seed, and a scheme.
///
/// Each weight gets a stream of random numbers of its own, in the order of construction, so the same program gives the
/// same bits. Unless another scheme is asked for, weights are He normal by their fan-in (`N(0, 2 / fanIn)`), embeddings
/// are `N(0, 1)`, and biases are 0.
///
/// ```java
/// Init init = Init.seeded(42);
/// var linear = new Linear(784, 128, init);
/// var recurrent = new Linear(128, 128, init.with(Init.orthogonal(1)));
/// ```
public final class Init {
    private final RandomKey root;
    private final AtomicLong made; // shared by copies, so that no two weights share a stream
    private final Optional<Scheme> scheme;
    private final DType type;
    private final boolean blank;

    /// A way to choose first weights.
    @FunctionalInterface
    public interface Scheme {
        /// Values in row-major order.
        ///
        /// @param shape what they are for; the last axis is the output
        /// @param fanIn how many inputs are added up for one output
        /// @param fanOut how many outputs one input goes to
        /// @param key the source of random numbers
        double[] values(Shape shape, int fanIn, int fanOut, RandomKey key);
    }

    private Init(RandomKey root, AtomicLong made, Optional<Scheme> scheme, DType type, boolean blank) {
        this.blank = blank;
        this.root = root;
        this.made = made;
        this.scheme = scheme;
        this.type = type;
    }

    /// float32 weights from a seed.
    public static Init seeded(long seed) {
        return new Init(RandomKey.of(seed), new AtomicLong(), Optional.empty(), DType.FLOAT32, false);
    }

    /// Zeros, whatever schemes a network asks for: for one whose weights are read from a file, so that none is drawn.
    public static Init blank() {
        return new Init(RandomKey.of(0), new AtomicLong(), Optional.empty(), DType.FLOAT32, true);
    }

    /// This with another scheme for weights and embeddings.
    public Init with(Scheme other) {
        return new Init(root, made, Optional.of(other), type, blank);
    }

    /// This with weights that start so many times as large, by its scheme or else He normal.
    public Init scaled(double factor) {
        return with(scaled(scheme.orElse(heNormal()), factor));
    }

    /// This with another floating type: float64 for gradient checks.
    public Init type(DType floating) {
        if (!floating.isFloating()) {
            throw new AdjointException("weights are float32 or float64, got " + floating);
        }
        return new Init(root, made, scheme, floating, blank);
    }

    /// The type of the weights.
    public DType type() {
        return type;
    }

    /// First weights, by the scheme or else He normal.
    public Tensor weight(int fanIn, int fanOut, int... dims) {
        return weight(heNormal(), fanIn, fanOut, dims);
    }

    /// First weights, by the scheme or else by the given one.
    public Tensor weight(Scheme otherwise, int fanIn, int fanOut, int... dims) {
        return make(scheme.orElse(otherwise), fanIn, fanOut, dims);
    }

    /// First values by the given scheme, whatever this one's is: gains of 1, slopes of 0.25.
    public Tensor make(Scheme given, int fanIn, int fanOut, int... dims) {
        Shape shape = Shape.of(dims);
        double[] values = (blank ? zeros() : given).values(shape, fanIn, fanOut, root.fold(made.getAndIncrement()));
        if (type == DType.FLOAT64) {
            return Tensor.of(values, shape);
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.of(floats, shape);
    }

    /// First biases: zeros.
    public Tensor bias(int... dims) {
        return make(zeros(), 1, 1, dims);
    }

    /// First gains: ones.
    public Tensor gain(int... dims) {
        return make(ones(), 1, 1, dims);
    }

    // ---------------------------------------------------------------- schemes

    /// `N(0, std²)`
    public static Scheme normal(double std) {
        return (shape, fanIn, fanOut, key) -> normals(shape, std, key);
    }

    /// Uniform in `[low, high)`.
    public static Scheme uniform(double low, double high) {
        return (shape, fanIn, fanOut, key) -> uniforms(shape, low, high, key);
    }

    /// `N(0, std²)`, drawn again where beyond two standard deviations. What remains has a deviation of 0.88 · std.
    public static Scheme truncatedNormal(double std) {
        return (shape, fanIn, fanOut, key) -> {
            double[] values = new double[length(shape)];
            Arrays.parallelSetAll(
                    values,
                    i -> {
                        double z = 3;
                        for (long k = i; Math.abs(z) > 2; k += values.length) {
                            z = Philox.normal(key.seed(), key.stream(), k);
                        }
                        return z * std;
                    });
            return values;
        };
    }

    /// He et al. 2015, eq. 10: `N(0, 2 / fanIn)`, for ReLU.
    public static Scheme heNormal() {
        return heNormal(Activation.RELU.gain());
    }

    /// `N(0, gain² / fanIn)`
    public static Scheme heNormal(double gain) {
        return (shape, fanIn, fanOut, key) -> normals(shape, gain / Math.sqrt(fanIn), key);
    }

    /// As [#heNormal()], uniform: `±√(6 / fanIn)`.
    public static Scheme heUniform() {
        return heUniform(Activation.RELU.gain());
    }

    /// Uniform within `±gain √(3 / fanIn)`.
    public static Scheme heUniform(double gain) {
        return (shape, fanIn, fanOut, key) -> symmetric(shape, gain * Math.sqrt(3.0 / fanIn), key);
    }

    /// LeCun et al. 1998: `N(0, 1 / fanIn)`, for SELU.
    public static Scheme lecunNormal() {
        return heNormal(1);
    }

    /// As [#lecunNormal()], uniform: `±√(3 / fanIn)`.
    public static Scheme lecunUniform() {
        return heUniform(1);
    }

    /// Glorot & Bengio 2010: `N(0, 2 / (fanIn + fanOut))`, for tanh and sigmoid.
    public static Scheme xavierNormal() {
        return xavierNormal(1);
    }

    /// `N(0, 2 gain² / (fanIn + fanOut))`
    public static Scheme xavierNormal(double gain) {
        return (shape, fanIn, fanOut, key) -> normals(shape, gain * Math.sqrt(2.0 / (fanIn + fanOut)), key);
    }

    /// Glorot & Bengio 2010, eq. 16: uniform within `±√(6 / (fanIn + fanOut))`.
    public static Scheme xavierUniform() {
        return xavierUniform(1);
    }

    /// Uniform within `±gain √(6 / (fanIn + fanOut))`.
    public static Scheme xavierUniform(double gain) {
        return (shape, fanIn, fanOut, key) -> symmetric(shape, gain * Math.sqrt(6.0 / (fanIn + fanOut)), key);
    }

    /// Saxe et al. 2014: a random matrix with orthogonal rows or columns (the fewer) of length `gain`. More axes than
    /// two are taken as a matrix of all the leading ones by the last.
    public static Scheme orthogonal(double gain) {
        return (shape, fanIn, fanOut, key) -> Orthogonal.matrix(shape, gain, key);
    }

    /// Another scheme's values, times a factor.
    public static Scheme scaled(Scheme scheme, double factor) {
        return (shape, fanIn, fanOut, key) -> {
            double[] values = scheme.values(shape, fanIn, fanOut, key).clone();
            Arrays.setAll(values, i -> factor * values[i]);
            return values;
        };
    }

    /// 0 everywhere.
    public static Scheme zeros() {
        return constant(0);
    }

    /// 1 everywhere.
    public static Scheme ones() {
        return constant(1);
    }

    /// One value everywhere.
    public static Scheme constant(double value) {
        return (shape, fanIn, fanOut, key) -> {
            double[] values = new double[length(shape)];
            Arrays.fill(values, value);
            return values;
        };
    }

    /// The identity matrix; where it is not square, zeros beside it. For kernels, at the window's centre: a convolution with
    /// padding `SAME` then passes its input through (Zagoruyko & Komodakis 2017, Dirac weights). Meant for one
    /// group.
    public static Scheme identity() {
        return (shape, fanIn, fanOut, key) -> Isometry.identity(shape);
    }

    /// [#identity()] for the first outputs, as many as there are inputs; the further ones start as `rest` has them.
    public static Scheme partialIdentity(Scheme rest) {
        return (shape, fanIn, fanOut, key) -> Isometry.partialIdentity(shape, rest.values(shape, fanIn, fanOut, key));
    }

    /// Xiao et al. 2018: kernels that are 0 but at the centre, where a random matrix with orthogonal rows of length `gain`
    /// stands. A deep linear convolution then keeps the length of every picture, as [#orthogonal] does for vectors. Needs at
    /// least as many outputs as inputs, and one group.
    public static Scheme deltaOrthogonal(double gain) {
        return (shape, fanIn, fanOut, key) -> Isometry.deltaOrthogonal(shape, gain, key);
    }

    /// Balduzzi et al. 2017: with W by the scheme given, for half of the inputs and outputs, `[[W, -W], [-W, W]]`. A ReLU
    /// network then starts as a linear one: of each two mirrored units one lets the value through, and the layer behind
    /// puts them together, `relu(z) - relu(-z) = z`. The first layer of such a network starts with
    /// [#looksLinearFirst(Scheme)], the last with [#looksLinearLast(Scheme)].
    ///
    /// ```java
    /// Init.looksLinear(Init.orthogonal(1)) // and for convolutions Init.looksLinear(Init.deltaOrthogonal(1))
    /// ```
    public static Scheme looksLinear(Scheme half) {
        return mirrored(half, true, true);
    }

    /// `[W, -W]`: the first layer of a network that is [#looksLinear(Scheme)].
    public static Scheme looksLinearFirst(Scheme half) {
        return mirrored(half, false, true);
    }

    /// `[W; -W]`: the last layer of a network that is [#looksLinear(Scheme)].
    public static Scheme looksLinearLast(Scheme half) {
        return mirrored(half, true, false);
    }

    private static Scheme mirrored(Scheme half, boolean inputs, boolean outputs) {
        return (shape, fanIn, fanOut, key) -> {
            Shape part = Isometry.half(shape, inputs, outputs);
            int in = inputs ? Math.max(1, fanIn / 2) : fanIn;
            int out = outputs ? Math.max(1, fanOut / 2) : fanOut;
            return Isometry.mirrored(part, inputs, outputs, half.values(part, in, out, key));
        };
    }

    // ---------------------------------------------------------------- random numbers, without recording a graph

    static double[] normals(Shape shape, double std, RandomKey key) {
        double[] values = new double[length(shape)];
        Arrays.parallelSetAll(values, i -> Philox.normal(key.seed(), key.stream(), i) * std);
        return values;
    }

    private static double[] uniforms(Shape shape, double low, double high, RandomKey key) {
        double[] values = new double[length(shape)];
        Arrays.parallelSetAll(values, i -> low + (high - low) * Philox.uniform(key.seed(), key.stream(), i));
        return values;
    }

    private static double[] symmetric(Shape shape, double bound, RandomKey key) {
        return uniforms(shape, -bound, bound, key);
    }

    static int length(Shape shape) {
        if (shape.size() > Integer.MAX_VALUE - 8) {
            throw new ShapeException("first weights of " + shape + " do not fit into a Java array: split the layer");
        }
        return (int) shape.size();
    }
}
