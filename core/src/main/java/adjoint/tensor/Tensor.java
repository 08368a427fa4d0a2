package adjoint.tensor;

import adjoint.kernel.BlockProgram.Kind;
import adjoint.kernel.Buffer;
import adjoint.kernel.DType;
import adjoint.kernel.Step.Distribution;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;

/// An array of numbers that knows how it came about.
///
/// A tensor is a promise: calling `a.matmul(b).relu()` checks shapes and records what is to be done; the numbers are
/// computed when they are first read ([#toFloats()], [#item()], printing), or by an optimizer's step, all in one plan. Tensors
/// are immutable, and nobody closes them.
///
/// ```java
/// Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
/// Tensor y = x.matmul(x).relu().sum();
/// Tensor dx = Gradients.of(y, x);
/// ```
///
/// Elementwise operations broadcast by NumPy's rules: aligned at the last axis, an extent of 1 stretches. Axes may be
/// counted from the end with negative numbers. Elements are of one type; nothing is converted silently, except that a Java
/// number takes the type of the tensor it meets.
public final class Tensor {
    private static final Tensor[] NONE = {};
    private static final Tensor[] LET_GO = {};

    private final Spec spec;
    private final Parameter parameter;
    private final long version;
    private final int hash = ThreadLocalRandom.current().nextInt(); // cheaper than the JVM's identity hash
    private volatile Op op;
    private volatile Tensor[] inputs;
    private volatile Buffer buffer;

    private Tensor(Op op, Tensor[] inputs, Spec spec, Buffer buffer, Parameter parameter) {
        this.op = op;
        this.inputs = inputs;
        this.spec = spec;
        this.buffer = buffer;
        this.parameter = parameter;
        this.version = parameter == null ? 0 : parameter.version();
    }

    // ---------------------------------------------------------------- creation

    /// Records an operation on its inputs, after checking its shape rule.
    public static Tensor apply(Op op, Tensor... inputs) {
        return new Tensor(op, inputs, op.infer(Arrays.asList(inputs)), null, null);
    }

    /// float32 elements in row-major order; the array is copied. Without dims: one axis as long as the array.
    public static Tensor of(float[] values, int... dims) {
        return data(Buffer.wrap(values.clone()), dims);
    }

    /// float64 elements in row-major order; the array is copied. Without dims: one axis as long as the array.
    public static Tensor of(double[] values, int... dims) {
        return data(Buffer.wrap(values.clone()), dims);
    }

    /// float32 elements in row-major order of a shape that may be a scalar's; the array is copied.
    public static Tensor of(float[] values, Shape shape) {
        return of(Buffer.wrap(values.clone()), shape);
    }

    /// float64 elements in row-major order of a shape that may be a scalar's; the array is copied.
    public static Tensor of(double[] values, Shape shape) {
        return of(Buffer.wrap(values.clone()), shape);
    }

    /// int32 elements in row-major order; the array is copied.
    public static Tensor of(int[] values, int... dims) {
        return data(Buffer.wrap(values.clone()), dims);
    }

    /// int64 elements in row-major order; the array is copied.
    public static Tensor of(long[] values, int... dims) {
        return data(Buffer.wrap(values.clone()), dims);
    }

    /// Truth values in row-major order.
    public static Tensor of(boolean[] values, int... dims) {
        return data(Buffer.of(values), dims);
    }

    /// A float32 scalar. Its value is no part of a plan's structure: a learning rate may change at every step.
    public static Tensor scalar(double value) {
        return scalar(DType.FLOAT32, value);
    }

    /// A scalar of the type.
    public static Tensor scalar(DType type, double value) {
        requireExact("a scalar of ", type, type, value);
        Buffer buffer = Buffer.onHeap(type, 1);
        buffer.set(0, value);
        return new Tensor(null, NONE, new Spec(Shape.SCALAR, type), buffer, null);
    }

    /// Elements that are in a buffer already, which must not change any more.
    public static Tensor of(Buffer buffer, Shape shape) {
        if (buffer.size() != shape.size()) {
            throw new ShapeException(
                    "a tensor of " + shape + " needs " + shape.size() + " values, got " + buffer.size());
        }
        return new Tensor(null, NONE, new Spec(shape, buffer.type()), buffer, null);
    }

    private static Tensor data(Buffer buffer, int... dims) {
        return of(buffer, dims.length == 0 ? Shape.of(Math.toIntExact(buffer.size())) : Shape.of(dims));
    }

    static Tensor read(Parameter parameter) {
        return new Tensor(null, NONE, parameter.spec(), null, parameter);
    }

    /// float32 zeros.
    public static Tensor zeros(int... dims) {
        return full(DType.FLOAT32, 0, dims);
    }

    /// float32 ones.
    public static Tensor ones(int... dims) {
        return full(DType.FLOAT32, 1, dims);
    }

    /// A constant everywhere.
    ///
    /// @throws ShapeException if the type is of integers and the value is none, or is out of its range
    public static Tensor full(DType type, double value, int... dims) {
        requireExact("a tensor of ", type, type, value);
        return apply(new Fill(Shape.of(dims), type, value));
    }

    /// int64 0, 1 … n-1.
    public static Tensor arange(int n) {
        return apply(new Iota(Shape.of(n), DType.INT64, 0));
    }

    /// float32 `start, start + step …`, as many as lie before `end`.
    public static Tensor arange(double start, double end, double step) {
        int n = (int) Math.max(0, Math.ceil((end - start) / step));
        return apply(new Iota(Shape.of(n), DType.FLOAT32, 0)).mul(step).add(start);
    }

    /// `n` float32 numbers evenly spaced from `start` to `end`, both included.
    public static Tensor linspace(double start, double end, int n) {
        return apply(new Iota(Shape.of(n), DType.FLOAT32, 0)).mul(n == 1 ? 0 : (end - start) / (n - 1)).add(start);
    }

    /// The float32 identity matrix [n, n].
    public static Tensor eye(int n) {
        Shape square = Shape.of(n, n);
        return apply(new Iota(square, DType.INT64, 0)).eq(apply(new Iota(square, DType.INT64, 1))).to(DType.FLOAT32);
    }

    /// float32 numbers uniform in [0, 1).
    public static Tensor uniform(RandomKey key, int... dims) {
        return random(Distribution.UNIFORM, key, DType.FLOAT32, dims);
    }

    /// float32 standard normal numbers.
    public static Tensor normal(RandomKey key, int... dims) {
        return random(Distribution.NORMAL, key, DType.FLOAT32, dims);
    }

    /// Random numbers of a distribution and a floating type.
    public static Tensor random(Distribution distribution, RandomKey key, DType type, int... dims) {
        if (!type.isFloating()) {
            throw new ShapeException("random numbers are float32 or float64, got " + type + ": convert with to(DType)");
        }
        return apply(new RandomOp(distribution, Shape.of(dims), type), key.tensor());
    }

    /// True with the given probability, independently everywhere.
    public static Tensor bernoulli(RandomKey key, double probability, int... dims) {
        return uniform(key, dims).lt(probability);
    }

    /// A constant that is part of the plan's structure.
    static Tensor constant(DType type, double value) {
        requireExact("a tensor of ", type, type, value);
        return apply(new Fill(Shape.SCALAR, type, value));
    }

    /// Zeros of this shape and type.
    public Tensor zerosLike() {
        return apply(new Fill(shape(), type(), 0));
    }

    /// Ones of this shape and type.
    public Tensor onesLike() {
        return apply(new Fill(shape(), type(), 1));
    }

    // ---------------------------------------------------------------- what it is

    /// Shape and element type.
    public Spec spec() {
        return spec;
    }

    /// The shape.
    public Shape shape() {
        return spec.shape();
    }

    /// The extent of an axis.
    public int dim(int axis) {
        return shape().dim(axis);
    }

    /// The element type.
    public DType type() {
        return spec.type();
    }

    /// The operation that makes it; null for numbers given, parameters, and results whose graph was let go.
    public Op op() {
        return op;
    }

    /// The inputs of its operation, empty where there is none.
    public List<Tensor> inputs() {
        return Arrays.asList(inputs);
    }

    /// One input of its operation.
    public Tensor input(int i) {
        return inputs[i];
    }

    /// The parameter that it reads, or null.
    public Parameter parameter() {
        return parameter;
    }

    /// The parameter's version that it reads.
    public long version() {
        return version;
    }

    /// The numbers, where they are known already; otherwise null.
    public Buffer buffer() {
        return buffer;
    }

    /// True if it had a graph, which was let go when an update computed it: it has no gradients any more.
    public boolean isLetGo() {
        return inputs == LET_GO;
    }

    // Who reads the graph meanwhile looks at the inputs, then the op, then the buffer: without a buffer it was still
    // whole.
    void compute(Buffer values, boolean letGo) {
        buffer = values;
        boolean hasGradient = type().isFloating() && !(op instanceof StopGradient);
        if (parameter == null && op != null && (letGo || !hasGradient)) {
            op = null;
            inputs = hasGradient ? LET_GO : NONE;
        }
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    // ---------------------------------------------------------------- reading

    /// Computes the numbers, if they are not known yet. Of a parameter's value this is a copy: the buffer stays as it is when
    /// the parameter is updated.
    public Buffer read() {
        Buffer copy = parameter == null ? null : parameter.copy(version);
        if (copy != null) {
            return copy;
        }
        if (buffer == null) {
            Evaluator.standard().evaluate(this); // of a parameter since updated: refuses, with the reason
        }
        return buffer;
    }

    /// The only element, as a double.
    ///
    /// @throws ShapeException if there is not exactly one
    public double item() {
        if (shape().size() != 1) {
            throw new ShapeException(
                    "item() needs exactly one element, got " + spec + ": use toFloats() or reduce it first");
        }
        return read().get(0);
    }

    /// The elements in row-major order as floats, converted from any type.
    public float[] toFloats() {
        Buffer b = read();
        float[] a = new float[length(b)];
        if (b.type() == DType.FLOAT32) {
            MemorySegment.copy(b.segment(), ValueLayout.JAVA_FLOAT, 0, a, 0, a.length);
            return a;
        }
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) b.get(i);
        }
        return a;
    }

    /// The elements in row-major order as doubles, converted from any type.
    public double[] toDoubles() {
        Buffer b = read();
        double[] a = new double[length(b)];
        for (int i = 0; i < a.length; i++) {
            a[i] = b.get(i);
        }
        return a;
    }

    /// The elements in row-major order as ints; fractions are cut off.
    public int[] toInts() {
        Buffer b = read();
        int[] a = new int[length(b)];
        for (int i = 0; i < a.length; i++) {
            a[i] = (int) b.getLong(i);
        }
        return a;
    }

    /// The elements in row-major order as longs; fractions are cut off.
    public long[] toLongs() {
        Buffer b = read();
        long[] a = new long[length(b)];
        for (int i = 0; i < a.length; i++) {
            a[i] = b.getLong(i);
        }
        return a;
    }

    /// The elements in row-major order as truth values: anything but 0 is true.
    public boolean[] toBooleans() {
        Buffer b = read();
        boolean[] a = new boolean[length(b)];
        for (int i = 0; i < a.length; i++) {
            a[i] = b.get(i) != 0;
        }
        return a;
    }

    /// The elements in row-major order in an array of the type's own: `float[]`, `double[]`, `int[]`, `long[]`, `boolean[]`.
    public Object toArray() {
        return switch (type()) {
            case FLOAT32 -> toFloats();
            case FLOAT64 -> toDoubles();
            case INT32 -> toInts();
            case INT64 -> toLongs();
            case BOOL -> toBooleans();
        };
    }

    private int length(Buffer b) {
        if (b.size() > Integer.MAX_VALUE - 8) {
            throw new ShapeException(
                    "a Java array cannot hold the " + b.size() + " elements of " + spec + ": slice it first");
        }
        return (int) b.size();
    }

    /// The numbers as text, as NumPy shows them, with the type and shape behind; computes them.
    @Override
    public String toString() {
        return TensorText.of(this);
    }

    // ---------------------------------------------------------------- elementwise

    // A Java number beside a tensor. Common constants are part of the structure, so that the planner can simplify; any
    // other
    // value may well change from step to step, and must not make a new plan each time.
    private Tensor literal(double value) {
        requireExact("a tensor of ", spec, type(), value);
        boolean structural = value == 0 || Math.abs(value) == 1 || Math.abs(value) == 2 || Math.abs(value) == 0.5;
        return structural ? constant(type(), value) : scalar(type(), value);
    }

    // A fraction would be lost without a word, and what is out of range would become another number. Makes no text
    // unless it refuses: this is part of every step.
    private static void requireExact(String what, Object of, DType type, double value) {
        if (!type.isInteger()) {
            return;
        }
        if (value != Math.rint(value) || Double.isInfinite(value)) {
            throw new ShapeException(
                    what + of + " meets the number " + value + ", which is no integer: use to(DType.FLOAT32) first");
        }
        double limit = type == DType.INT32 ? 0x1p31 : 0x1p63;
        if (value < -limit || value >= limit) {
            throw new ShapeException(
                    what
                            + of
                            + " meets the number "
                            + value
                            + ", which is out of its range: use to(DType."
                            + (type == DType.INT32 ? "INT64" : "FLOAT64")
                            + ") first");
        }
    }

    private Tensor requireFloating(String label) {
        if (!type().isFloating()) {
            throw new ShapeException(label + " needs floating elements, got " + spec + ": use to(DType.FLOAT32) first");
        }
        return this;
    }

    /// `x + y`
    public Tensor add(Tensor y) {
        return apply(Binary.ADD, this, y);
    }

    /// `x + y`
    public Tensor add(double y) {
        return add(literal(y));
    }

    /// `x - y`
    public Tensor sub(Tensor y) {
        return apply(Binary.SUB, this, y);
    }

    /// `x - y`
    public Tensor sub(double y) {
        return sub(literal(y));
    }

    /// `x · y`, elementwise
    public Tensor mul(Tensor y) {
        return apply(Binary.MUL, this, y);
    }

    /// `x · y`
    public Tensor mul(double y) {
        return mul(literal(y));
    }

    /// `x / y`
    public Tensor div(Tensor y) {
        return apply(Binary.DIV, this, y);
    }

    /// `x / y`
    public Tensor div(double y) {
        return div(literal(y));
    }

    /// `x ^ y`
    public Tensor pow(Tensor y) {
        return apply(Binary.POW, this, y);
    }

    /// `x ^ y`; small whole powers become multiplications.
    public Tensor pow(double y) {
        if (y == 1) {
            return this;
        }
        if (y == 2) {
            return square();
        }
        if (y == 3) {
            return square().mul(this);
        }
        if (y == 0.5) {
            return sqrt();
        }
        return y == -1 ? reciprocal() : pow(literal(y));
    }

    /// The smaller of the two; NaN if either is.
    public Tensor minimum(Tensor y) {
        return apply(Binary.MIN, this, y);
    }

    /// The smaller of the two; NaN if either is.
    public Tensor minimum(double y) {
        return minimum(literal(y));
    }

    /// The larger of the two; NaN if either is.
    public Tensor maximum(Tensor y) {
        return apply(Binary.MAX, this, y);
    }

    /// The larger of the two; NaN if either is.
    public Tensor maximum(double y) {
        return maximum(literal(y));
    }

    /// `min(max(x, low), high)`; the derivative is 1 inside and at the bounds, 0 outside.
    ///
    /// @throws ShapeException if `low` is above `high`
    public Tensor clip(double low, double high) {
        if (!(low <= high)) {
            throw new ShapeException("clip needs a low bound that is not above the high one, got " + low + ", " + high);
        }
        Tensor a = literal(low);
        Tensor b = literal(high);
        return where(lt(a), a.expand(shape().dims()), where(b.lt(this), b.expand(shape().dims()), this));
    }

    /// `-x`
    public Tensor neg() {
        return apply(Unary.NEG, this);
    }

    /// `|x|`; the derivative at 0 is 0.
    public Tensor abs() {
        return apply(Unary.ABS, this);
    }

    /// -1, 0 or 1.
    public Tensor sign() {
        return apply(Unary.SIGN, this);
    }

    /// The largest whole number that is not above.
    public Tensor floor() {
        return apply(Unary.FLOOR, this);
    }

    /// The smallest whole number that is not below.
    public Tensor ceil() {
        return apply(Unary.CEIL, this);
    }

    /// The nearest whole number, halves to even.
    public Tensor round() {
        return apply(Unary.ROUND, this);
    }

    /// `x²`
    public Tensor square() {
        return mul(this);
    }

    /// `1 / x`
    public Tensor reciprocal() {
        return apply(Unary.RECIPROCAL, this);
    }

    /// `√x`
    public Tensor sqrt() {
        return apply(Unary.SQRT, this);
    }

    /// `1 / √x`
    public Tensor rsqrt() {
        return apply(Unary.RSQRT, this);
    }

    /// `eˣ`
    public Tensor exp() {
        return apply(Unary.EXP, this);
    }

    /// `eˣ - 1`, exact near 0.
    public Tensor expm1() {
        return apply(Unary.EXPM1, this);
    }

    /// The natural logarithm.
    public Tensor log() {
        return apply(Unary.LOG, this);
    }

    /// `log(1 + x)`, exact near 0.
    public Tensor log1p() {
        return apply(Unary.LOG1P, this);
    }

    /// Sine.
    public Tensor sin() {
        return apply(Unary.SIN, this);
    }

    /// Cosine.
    public Tensor cos() {
        return apply(Unary.COS, this);
    }

    /// Tangent.
    public Tensor tan() {
        return apply(Unary.TAN, this);
    }

    /// Arc sine.
    public Tensor asin() {
        return apply(Unary.ASIN, this);
    }

    /// Arc cosine.
    public Tensor acos() {
        return apply(Unary.ACOS, this);
    }

    /// Arc tangent.
    public Tensor atan() {
        return apply(Unary.ATAN, this);
    }

    /// Hyperbolic sine.
    public Tensor sinh() {
        return apply(Unary.SINH, this);
    }

    /// Hyperbolic cosine.
    public Tensor cosh() {
        return apply(Unary.COSH, this);
    }

    /// Hyperbolic tangent.
    public Tensor tanh() {
        return apply(Unary.TANH, this);
    }

    /// `1 / (1 + e⁻ˣ)`
    public Tensor sigmoid() {
        return apply(Unary.SIGMOID, this);
    }

    /// `log(1 + eˣ)`
    public Tensor softplus() {
        return apply(Unary.SOFTPLUS, this);
    }

    /// The error function.
    public Tensor erf() {
        return apply(Unary.ERF, this);
    }

    /// `max(x, 0)`; the derivative at 0 is 0.
    public Tensor relu() {
        return apply(Unary.RELU, this);
    }

    /// `min(max(x, 0), 6)`; the derivative at 0 and 6 is 0.
    public Tensor relu6() {
        Tensor six = scalarConstant(6);
        return where(ge(six), six, relu());
    }

    /// `x` where positive, `slope · x` elsewhere (Maas et al. 2013).
    public Tensor leakyRelu(double slope) {
        return where(gt(0), this, mul(slope));
    }

    /// `x` where positive, `α (eˣ - 1)` elsewhere (Clevert et al. 2015); the derivative at 0 is `α`.
    public Tensor elu(double alpha) {
        Tensor positive = gt(0);
        return where(positive, this, where(positive, zerosLike(), this).expm1().mul(alpha)); // e^x must not overflow
    }

    /// Self-normalizing ELU (Klambauer et al. 2017).
    public Tensor selu() {
        return elu(1.6732632423543772).mul(scalarConstant(1.0507009873554805));
    }

    /// `x Φ(x)`, with the exact normal distribution function (Hendrycks & Gimpel 2016).
    public Tensor gelu() {
        return mul(mul(scalarConstant(Math.sqrt(0.5))).erf().add(1).mul(0.5));
    }

    /// The tanh approximation of [#gelu()].
    public Tensor geluTanh() {
        Tensor inner =
                add(square().mul(this).mul(scalarConstant(0.044715))).mul(scalarConstant(Math.sqrt(2 / Math.PI)));
        return mul(inner.tanh().add(1).mul(0.5));
    }

    /// `x · sigmoid(x)` (SiLU, also called swish).
    public Tensor silu() {
        return mul(sigmoid());
    }

    /// `x · tanh(softplus(x))` (Misra 2019).
    public Tensor mish() {
        return mul(softplus().tanh());
    }

    /// `x / (1 + |x|)`
    public Tensor softsign() {
        return div(abs().add(1));
    }

    private Tensor scalarConstant(double value) {
        return constant(type(), value);
    }

    /// Equal, elementwise.
    public Tensor eq(Tensor y) {
        return apply(Compare.EQ, this, y);
    }

    /// Equal, elementwise.
    public Tensor eq(double y) {
        return eq(literal(y));
    }

    /// Not equal, elementwise.
    public Tensor ne(Tensor y) {
        return apply(Compare.NE, this, y);
    }

    /// Not equal, elementwise.
    public Tensor ne(double y) {
        return ne(literal(y));
    }

    /// Less than, elementwise.
    public Tensor lt(Tensor y) {
        return apply(Compare.LT, this, y);
    }

    /// Less than, elementwise.
    public Tensor lt(double y) {
        return lt(literal(y));
    }

    /// Less than or equal, elementwise.
    public Tensor le(Tensor y) {
        return apply(Compare.LE, this, y);
    }

    /// Less than or equal, elementwise.
    public Tensor le(double y) {
        return le(literal(y));
    }

    /// Greater than, elementwise.
    public Tensor gt(Tensor y) {
        return y.lt(this);
    }

    /// Greater than, elementwise.
    public Tensor gt(double y) {
        return gt(literal(y));
    }

    /// Greater than or equal, elementwise.
    public Tensor ge(Tensor y) {
        return y.le(this);
    }

    /// Greater than or equal, elementwise.
    public Tensor ge(double y) {
        return ge(literal(y));
    }

    /// Both true.
    public Tensor and(Tensor y) {
        return apply(Binary.AND, this, y);
    }

    /// At least one true.
    public Tensor or(Tensor y) {
        return apply(Binary.OR, this, y);
    }

    /// Exactly one true.
    public Tensor xor(Tensor y) {
        return apply(Binary.XOR, this, y);
    }

    /// Of truth values: false becomes true and true false.
    public Tensor not() {
        return xor(constant(DType.BOOL, 1));
    }

    /// True where NaN.
    public Tensor isNaN() {
        return ne(this);
    }

    /// True where neither infinite nor NaN.
    public Tensor isFinite() {
        if (!type().isFloating()) {
            return full(DType.BOOL, 1, shape().dims());
        }
        return abs().lt(scalarConstant(Double.POSITIVE_INFINITY));
    }

    /// `condition ? a : b`, elementwise.
    public static Tensor where(Tensor condition, Tensor a, Tensor b) {
        return apply(new Select(), condition, a, b);
    }

    /// `value` where the mask is true, this tensor elsewhere.
    public Tensor maskedFill(Tensor mask, double value) {
        return where(mask, scalarConstant(value), this);
    }

    /// The same numbers in another type. Floats become integers by cutting off; anything but 0 becomes true.
    public Tensor to(DType type) {
        return type == type() ? this : apply(new Cast(type), this);
    }

    /// The same numbers; no gradient passes. What led to them is let go once they are computed.
    public Tensor stopGradient() {
        Buffer known = buffer;
        if (known != null && op != null) {
            return new Tensor(null, NONE, spec, known, null);
        }
        return apply(new StopGradient(), this);
    }

    // ---------------------------------------------------------------- reductions (no axes: over all)

    private Tensor reduce(Kind kind, int... axes) {
        int[] sorted = shape().axes(axes);
        return sorted.length == 0 ? this : apply(new Reduce(kind, Ints.of(sorted)), this);
    }

    // The axes that a reduction took away, put back with extent 1.
    private Tensor keep(Tensor reduced, int... axes) {
        int[] d = shape().dims();
        for (int axis : shape().axes(axes)) {
            d[axis] = 1;
        }
        return reduced.reshape(d);
    }

    private double count(int... axes) {
        double n = 1;
        for (int axis : shape().axes(axes)) {
            n *= dim(axis);
        }
        return n;
    }

    // What a reduction over axes without elements gives.
    private Tensor ofNone(double value, int... axes) {
        int[] gone = shape().axes(axes);
        return full(type(), value, shape().without(gone).dims());
    }

    /// The sum over axes, which disappear.
    public Tensor sum(int... axes) {
        return reduce(Kind.SUM, axes);
    }

    /// The mean over axes; of nothing: NaN.
    public Tensor mean(int... axes) {
        return requireFloating("mean").sum(axes).mul(scalarConstant(1 / count(axes)));
    }

    /// The largest over axes; equal ones share the gradient.
    public Tensor max(int... axes) {
        return reduce(Kind.MAX, axes);
    }

    /// The smallest over axes; equal ones share the gradient.
    public Tensor min(int... axes) {
        return reduce(Kind.MIN, axes);
    }

    /// The mean squared deviation from the mean over axes (divided by n).
    public Tensor variance(int... axes) {
        requireFloating("variance");
        return sub(keep(mean(axes), axes)).square().mean(axes);
    }

    /// The unbiased estimate of the variance (divided by n - 1).
    public Tensor sampleVariance(int... axes) {
        double n = count(axes);
        return variance(axes).mul(scalarConstant(n / (n - 1)));
    }

    /// The square root of [#variance]; the derivative where all are equal is 0.
    public Tensor std(int... axes) {
        requireFloating("std");
        return variance(axes).root(Tensor::sqrt);
    }

    // A root, whose derivative is infinite at 0, with the derivative 0 there: the minimum of the norms that end in it.
    private Tensor root(UnaryOperator<Tensor> function) {
        Tensor zero = eq(0);
        return where(zero, zerosLike(), function.apply(where(zero, onesLike(), this)));
    }

    /// Mean and variance together, with their axes kept as extents of 1.
    public Moments moments(int... axes) {
        return Moments.of(this, axes);
    }

    /// `(x - mean) / √(variance + ε)`, with mean and variance over the axes.
    public Tensor normalize(double epsilon, int... axes) {
        return apply(new Normalize(Ints.of(shape().axes(axes)), epsilon), this);
    }

    /// The product over axes, by halving, so that zeros have their exact gradients.
    public Tensor prod(int... axes) {
        Tensor t = flattenLast(shape().axes(axes)); // [kept…, n]
        int n = t.dim(-1);
        if (n == 0) {
            return full(type(), 1, t.shape().without(-1).dims());
        }
        while (n > 1) {
            int half = n / 2;
            Tensor product = t.slice(-1, 0, half).mul(t.slice(-1, half, 2 * half));
            t = n % 2 == 0 ? product : concat(-1, product, t.slice(-1, n - 1, n));
            n = n - half;
        }
        return t.squeeze(-1);
    }

    // The given (sorted) axes moved behind the others and merged into one.
    private Tensor flattenLast(int... axes) {
        int rank = shape().rank();
        int[] order = new int[rank];
        int[] dims = new int[rank - axes.length + 1];
        int k = 0;
        int n = 1;
        for (int i = 0; i < rank; i++) {
            if (Arrays.binarySearch(axes, i) < 0) {
                dims[k] = dim(i);
                order[k++] = i;
            }
        }
        for (int i = 0; i < axes.length; i++) {
            order[k + i] = axes[i];
            n *= dim(axes[i]);
        }
        dims[k] = n;
        return permute(order).reshape(dims);
    }

    /// `log Σ eˣ` over axes, without overflow; of no elements: -∞.
    public Tensor logSumExp(int... axes) {
        if (requireFloating("logSumExp").count(axes) == 0) {
            return ofNone(Double.NEGATIVE_INFINITY, axes);
        }
        Tensor top = max(axes).stopGradient();
        Tensor finite = where(top.isFinite(), top, top.zerosLike()); // rows of -∞ stay -∞ and are no NaN
        return sub(keep(finite, axes)).exp().sum(axes).log().add(finite);
    }

    /// `eˣ / Σ eˣ` along an axis.
    public Tensor softmax(int axis) {
        if (requireFloating("softmax").dim(axis) == 0) {
            return this;
        }
        Tensor e = sub(keep(max(axis).stopGradient(), axis)).exp();
        return e.div(keep(e.sum(axis), axis));
    }

    /// `x - log Σ eˣ` along an axis.
    public Tensor logSoftmax(int axis) {
        return sub(keep(logSumExp(axis), axis));
    }

    /// The Euclidean length over axes; the derivative at 0 is 0.
    public Tensor norm(int... axes) {
        return square().sum(axes).root(Tensor::sqrt);
    }

    /// The p-norm over axes: `(Σ |x|ᵖ)^(1/p)`, with the derivative 0 at 0. Of infinite p it is the largest `|x|`, of
    /// `-∞` the smallest.
    ///
    /// @throws ShapeException if p is 0 or NaN
    public Tensor pNorm(double p, int... axes) {
        if (p == 0 || Double.isNaN(p)) {
            throw new ShapeException(
                    "pNorm needs a p other than 0, got " + p + ": ne(0).to(DType.FLOAT32).sum() counts what is not 0");
        }
        if (p == 1) {
            return abs().sum(axes);
        }
        if (p == 2) {
            return norm(axes);
        }
        if (Double.isInfinite(p)) {
            return p > 0 ? abs().max(axes) : abs().min(axes);
        }
        Tensor powers = p > 0 && p < 1 ? abs().root(x -> x.pow(p)) : abs().pow(p);
        return powers.sum(axes).root(x -> x.pow(1 / p));
    }

    /// True if any element over the axes is; of none: false.
    public Tensor any(int... axes) {
        return type() == DType.BOOL && count(axes) == 0 ? ofNone(0, axes) : reduce(Kind.MAX, axes);
    }

    /// True if all elements over the axes are; of none: true.
    public Tensor all(int... axes) {
        return type() == DType.BOOL && count(axes) == 0 ? ofNone(1, axes) : reduce(Kind.MIN, axes);
    }

    /// The position (int64) of the largest element along an axis, the first of equals.
    public Tensor argmax(int axis) {
        return apply(new ArgReduce(shape().axis(axis), true), this);
    }

    /// The position (int64) of the smallest element along an axis, the first of equals.
    public Tensor argmin(int axis) {
        return apply(new ArgReduce(shape().axis(axis), false), this);
    }

    /// The running sum along an axis.
    public Tensor cumsum(int axis) {
        return apply(new CumulativeSum(shape().axis(axis), false), this);
    }

    // ---------------------------------------------------------------- movement

    /// The same elements in row-major order under another shape; one extent may be -1 and is worked out.
    public Tensor reshape(int... dims) {
        int[] d = dims.clone();
        int open = -1;
        long known = 1;
        for (int i = 0; i < d.length; i++) {
            if (d[i] == -1 && open < 0) {
                open = i;
            } else {
                known *= d[i];
            }
        }
        if (open >= 0) {
            if (known <= 0 || shape().size() % known != 0) {
                throw new ShapeException(
                        "reshape cannot turn "
                                + shape()
                                + " ("
                                + shape().size()
                                + " elements) into "
                                + Arrays.toString(dims));
            }
            d[open] = Math.toIntExact(shape().size() / known);
        }
        Shape to = Shape.of(d);
        return to.equals(shape()) ? this : apply(new Reshape(to), this);
    }

    /// Merges all axes from `from` on into one: `[32, 28, 28].flatten(1)` is `[32, 784]`.
    public Tensor flatten(int from) {
        int first = shape().rank() == from ? from : shape().axis(from);
        int[] d = Arrays.copyOf(shape().dims(), first + 1);
        d[first] = 1;
        for (int i = first; i < shape().rank(); i++) {
            d[first] *= dim(i);
        }
        return reshape(d);
    }

    /// The axes in another order: axis `i` of the result is axis `order[i]` of this.
    public Tensor permute(int... order) {
        int[] o = new int[order.length];
        for (int i = 0; i < o.length; i++) {
            o[i] = shape().axis(order[i]);
        }
        return apply(new Permute(Ints.of(o)), this);
    }

    /// Two axes exchanged.
    public Tensor transpose(int a, int b) {
        int[] order = shape().axes();
        order[shape().axis(a)] = shape().axis(b);
        order[shape().axis(b)] = shape().axis(a);
        return permute(order);
    }

    /// A matrix transposed: the last two axes exchanged.
    public Tensor t() {
        return transpose(-1, -2);
    }

    /// Elements `start` (included) to `end` (excluded) of an axis; negative positions count from the end.
    public Tensor slice(int axis, int start, int end) {
        return slice(axis, start, end, 1);
    }

    /// Every `step`-th element of an axis, from `start` to before `end`. A negative step runs backwards from `start` down to
    /// after `end`; an `end` below `-extent` takes in the first element.
    ///
    /// @throws ShapeException if a position lies outside the axis
    public Tensor slice(int axis, int start, int end, int step) {
        int a = shape().axis(axis);
        int n = dim(a);
        if (step == 0) {
            throw new ShapeException(
                    "slice needs a step other than 0, got start " + start + ", end " + end + " of " + shape());
        }
        int from = start < 0 ? start + n : start;
        int to = step < 0 && end < -n ? -1 : end < 0 ? end + n : end;
        boolean fits = step > 0 ? 0 <= from && from <= to && to <= n : -1 <= to && to <= from && from < n;
        if (!fits) {
            throw new ShapeException(
                    "slice of axis "
                            + axis
                            + " from "
                            + start
                            + " to "
                            + end
                            + (step == 1 ? "" : " in steps of " + step)
                            + " does not lie inside "
                            + shape());
        }
        return step > 0
                ? window(a, from, to, step)
                : flip(a).window(a, n - 1 - from, n - 1 - to, Math.negateExact(step));
    }

    // The elements from position `from` to before `to`, both counted from the start.
    private Tensor window(int axis, int from, int to, int step) {
        int[] starts = new int[shape().rank()];
        int[] sizes = shape().dims();
        int[] steps = new int[starts.length];
        Arrays.fill(steps, 1);
        starts[axis] = from;
        sizes[axis] = Math.ceilDiv(to - from, step);
        steps[axis] = step;
        return apply(new Slice(Ints.of(starts), Ints.of(sizes), Ints.of(steps)), this);
    }

    /// Position `i` of an axis, which disappears; negative positions count from the end.
    ///
    /// @throws ShapeException if there is no such position
    public Tensor select(int axis, int i) {
        int n = dim(axis);
        int position = i < 0 ? i + n : i;
        if (position < 0 || position >= n) {
            throw new ShapeException(
                    "position "
                            + i
                            + " of axis "
                            + axis
                            + " does not lie inside "
                            + shape()
                            + ": use "
                            + -n
                            + " to "
                            + (n - 1));
        }
        return window(shape().axis(axis), position, position + 1, 1).squeeze(axis);
    }

    /// Position `i` of the first axis.
    public Tensor get(int i) {
        return select(0, i);
    }

    /// Zeros before and after along one axis.
    public Tensor pad(int axis, int before, int after) {
        int[] b = new int[shape().rank()];
        int[] a = new int[shape().rank()];
        b[shape().axis(axis)] = before;
        a[shape().axis(axis)] = after;
        return pad(b, a, 0);
    }

    /// A value before and after, so many times along each axis.
    public Tensor pad(int[] before, int[] after, double value) {
        var pad = new Pad(Ints.of(before), Ints.of(after), Ints.of(new int[before.length]));
        if (value == 0) {
            return apply(pad, this);
        }
        Tensor inside = apply(pad, full(DType.BOOL, 1, shape().dims()));
        return where(inside, apply(pad, this), scalarConstant(value));
    }

    /// Tensors one after the other along an axis.
    public static Tensor concat(int axis, Tensor... tensors) {
        if (tensors.length == 0) {
            throw new ShapeException("concat needs at least one tensor");
        }
        return tensors.length == 1 ? tensors[0] : apply(new Concat(tensors[0].shape().axis(axis)), tensors.clone());
    }

    /// Tensors of one shape side by side along a new axis.
    public static Tensor stack(int axis, Tensor... tensors) {
        return concat(axis, Arrays.stream(tensors).map(t -> t.unsqueeze(axis)).toArray(Tensor[]::new));
    }

    /// Cut along an axis into pieces of these sizes, which add up to the extent.
    public Tensor[] split(int axis, int... sizes) {
        if (Arrays.stream(sizes).sum() != dim(axis)) {
            throw new ShapeException(
                    "split needs sizes that add up to " + dim(axis) + ", got " + Arrays.toString(sizes));
        }
        Tensor[] pieces = new Tensor[sizes.length];
        for (int i = 0, start = 0; i < sizes.length; start += sizes[i++]) {
            pieces[i] = slice(axis, start, start + sizes[i]);
        }
        return pieces;
    }

    /// Cut along an axis into `n` equal pieces.
    public Tensor[] chunk(int axis, int n) {
        int[] sizes = new int[n];
        Arrays.fill(sizes, dim(axis) / n);
        return split(axis, sizes);
    }

    /// Reverses axes.
    public Tensor flip(int... axes) {
        return apply(new Flip(Ints.of(shape().axes(axes))), this);
    }

    /// The whole tensor repeated so many times along each axis (NumPy's `tile`).
    public Tensor repeat(int... times) {
        int rank = Math.max(times.length, shape().rank());
        int[] apart = new int[2 * rank];
        int[] wide = new int[2 * rank];
        int[] merged = new int[rank];
        for (int i = 0; i < rank; i++) {
            int d = i - (rank - shape().rank());
            int t = i - (rank - times.length);
            apart[2 * i] = 1;
            wide[2 * i] = t < 0 ? 1 : times[t];
            apart[2 * i + 1] = wide[2 * i + 1] = d < 0 ? 1 : dim(d);
            merged[i] = wide[2 * i] * wide[2 * i + 1];
        }
        return reshape(apart).expand(wide).reshape(merged);
    }

    /// Each element repeated `times` times along an axis.
    public Tensor repeatInterleave(int axis, int times) {
        int a = shape().axis(axis);
        Shape wide = shape().insert(a + 1, times);
        return reshape(shape().insert(a + 1, 1).dims())
                .expand(wide.dims())
                .reshape(shape().with(a, dim(a) * times).dims());
    }

    /// Broadcasts to a larger shape.
    public Tensor expand(int... dims) {
        Shape to = Shape.of(dims);
        return to.equals(shape()) ? this : apply(new Expand(to), this);
    }

    /// Shifts along an axis, what falls off one end coming back at the other.
    public Tensor roll(int axis, int shift) {
        int n = dim(axis);
        int s = n == 0 ? 0 : Math.floorMod(shift, n);
        return s == 0 ? this : concat(shape().axis(axis), slice(axis, n - s, n), slice(axis, 0, n - s));
    }

    /// Drops an axis of extent 1.
    public Tensor squeeze(int axis) {
        if (dim(axis) != 1) {
            throw new ShapeException("squeeze needs an axis of extent 1, got axis " + axis + " of " + shape());
        }
        return reshape(shape().without(axis).dims());
    }

    /// A new axis of extent 1 at the position; -1 means behind the last.
    public Tensor unsqueeze(int axis) {
        int a = axis < 0 ? axis + shape().rank() + 1 : axis;
        if (a < 0 || a > shape().rank()) {
            throw new ShapeException("unsqueeze needs a position from 0 to " + shape().rank() + ", got " + axis);
        }
        return reshape(shape().insert(a, 1).dims());
    }

    // ---------------------------------------------------------------- indexing

    /// Whole slices picked by an index tensor: `[10, 3].gather(0, int [32, 5])` is `[32, 5, 3]`.
    public Tensor gather(int axis, Tensor index) {
        return apply(new Gather(shape().axis(axis)), this, index);
    }

    /// A copy in which `updates` slices were added at their index; the adjoint of [#gather].
    public Tensor scatterAdd(int axis, Tensor index, Tensor updates) {
        int a = shape().axis(axis);
        Tensor sums = apply(new ScatterAdd(a, dim(a)), index, updates);
        if (!sums.shape().equals(shape())) {
            throw new ShapeException(
                    "scatterAdd at axis "
                            + axis
                            + " into "
                            + shape()
                            + " needs updates that differ from it only there, where they have the axes "
                            + index.shape()
                            + " of the index, got "
                            + updates.shape());
        }
        return add(sums);
    }

    /// One element for each index along an axis.
    public Tensor takeAlongAxis(int axis, Tensor index) {
        return apply(new TakeAlongAxis(shape().axis(axis)), this, index);
    }

    /// Of integers: float32 with a new last axis of `classes`, 1 at the integer's place and 0 elsewhere. An integer outside
    /// `0 … classes - 1` gives zeros only.
    public Tensor oneHot(int classes) {
        Tensor index = Gather.requireIndex("one-hot", this);
        return index.unsqueeze(-1).eq(apply(new Iota(Shape.of(classes), type(), 0))).to(DType.FLOAT32);
    }

    /// The positions (int64) that sort an axis; stable.
    public Tensor argsort(int axis, boolean descending) {
        return apply(new ArgSort(shape().axis(axis), descending), this);
    }

    /// Sorted along an axis, upwards.
    public Tensor sort(int axis) {
        return takeAlongAxis(axis, argsort(axis, false));
    }

    /// The `k` largest along an axis, largest first, with their positions.
    public TopK topK(int axis, int k) {
        Tensor positions = argsort(axis, true).slice(axis, 0, k);
        return new TopK(takeAlongAxis(axis, positions), positions);
    }

    /// What [#topK] gives.
    public record TopK(Tensor values, Tensor indices) {}

    // ---------------------------------------------------------------- products

    /// The matrix product `[…, m, k] · […, k, n] -> […, m, n]`; leading axes broadcast. A vector on the left is a row, on
    /// the right a column, and its axis disappears, as in NumPy.
    public Tensor matmul(Tensor b) {
        if (shape().rank() == 1 && b.shape().rank() >= 1) {
            return unsqueeze(0).matmul(b).reshape(b.shape().rank() == 1 ? new int[0] : b.shape().without(-2).dims());
        }
        if (b.shape().rank() == 1) {
            return matmul(b.unsqueeze(1)).squeeze(-1);
        }
        if (shape().rank() > 2 && b.shape().rank() == 2) { // one product for all leading axes
            Shape result = shape().with(-1, b.dim(1));
            int rows = Math.toIntExact(shape().without(-1).size());
            return apply(new MatMul(), reshape(rows, dim(-1)), b).reshape(result.dims());
        }
        return apply(new MatMul(), this, b);
    }

    /// Scaled dot-product attention of queries (this) `[B, H, T, D]` to keys `[B, G, S, D]` with values `[B, G, S, E]`:
    /// `softmax(q kᵀ / √D) v`, `[B, H, T, E]` (Vaswani et al. 2017). H is a multiple of G.
    public Tensor attention(Tensor k, Tensor v) {
        return attention(k, v, AttentionOptions.standard());
    }

    /// Scaled dot-product attention with a mask, causal, or with dropout. The matrix of weights is never in memory as a whole
    /// (Dao et al. 2022), neither here nor in the gradient; but it is in that of a mask of floats and in second derivatives. A
    /// query that sees no key gives 0.
    public Tensor attention(Tensor k, Tensor v, AttentionOptions options) {
        return Attention.of(this, k, v, options);
    }

    /// The sum of the products of two vectors.
    public Tensor dot(Tensor b) {
        return mul(b).sum();
    }

    /// All products of the elements of two vectors: `[m], [n] -> [m, n]`.
    public Tensor outer(Tensor b) {
        return unsqueeze(1).mul(b.unsqueeze(0));
    }

    /// A sum of products in Einstein's notation: `einsum("bij,bjk->bik", a, b)`.
    public static Tensor einsum(String formula, Tensor... operands) {
        return Einsum.of(formula, operands);
    }

    // ---------------------------------------------------------------- convolution and pooling, channels last

    /// A convolution over the spatial axes (cross-correlation, as all of deep learning means it):
    ///
    /// `y[n, o…, k] = Σ_{r…, c} x[n, o stride + r dilation - padding…, c] · kernel[r…, c, k]`
    ///
    /// Shapes: this `[N, spatial…, C]`, kernel `[kernel…, C / groups, K]`, y `[N, out…, K]`; any number of spatial axes.
    public Tensor conv(Tensor kernel, Conv conv) {
        return conv.of(this, kernel);
    }

    /// The adjoint of [#conv] with respect to its input: each element of this paints the kernel, scaled, into the output
    /// (Zeiler et al. 2010).
    ///
    /// Shapes: this `[N, spatial…, K]`, kernel `[kernel…, C / groups, K]`, y `[N, out…, C]` with
    /// `out = (spatial - 1) stride + (kernel - 1) dilation + 1 - padding + outputPadding`, or `spatial · stride` with
    /// [Padding#SAME].
    ///
    /// @param outputPadding further elements at the end of each spatial axis; none or a single number holds for all
    public Tensor convTranspose(Tensor kernel, Conv conv, int... outputPadding) {
        return conv.transposed(this, kernel, outputPadding);
    }

    /// The largest element of each window, each channel for itself; NaN if there is one. Of equal ones the first gets the
    /// gradient.
    ///
    /// Shapes: this `[N, spatial…, C]`, y `[N, out…, C]`.
    public Tensor maxPool(Window window) {
        return window.max(this);
    }

    /// The mean of each window's elements, each channel for itself; what lies outside of the input does not count.
    ///
    /// Shapes: this `[N, spatial…, C]`, y `[N, out…, C]`.
    public Tensor averagePool(Window window) {
        return window.average(this, false);
    }

    /// The mean of each window's elements, with or without the zeros that pad the input.
    public Tensor averagePool(Window window, boolean countPadding) {
        return window.average(this, countPadding);
    }

    /// The largest elements of as many windows as asked for on each spatial axis, about equally large.
    public Tensor adaptiveMaxPool(int... out) {
        return AdaptivePool.of("adaptive-max-pool", this, Tensor::maxPool, out);
    }

    /// The means of as many windows as asked for on each spatial axis, about equally large.
    public Tensor adaptiveAveragePool(int... out) {
        return AdaptivePool.of("adaptive-average-pool", this, Tensor::averagePool, out);
    }

    /// The function applied to this: lets own functions stand in a chain.
    public Tensor then(UnaryOperator<Tensor> function) {
        return function.apply(this);
    }
}
