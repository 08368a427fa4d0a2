package adjoint.onednn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/// The functions of oneDNN's C interface (`dnnl.h`) that make, execute and destroy its objects, one method each.
///
/// The objects are opaque handles, here `long`; zero is none. What can fail throws a [OneDnnException].
@SuppressWarnings("restricted")
final class DnnlObjects {
    /// Argument indices of `dnnl_exec_arg_t`.
    static final int SRC = 1;

    static final int DST = 17;
    static final int WEIGHTS = 33;
    static final int SCRATCHPAD = 80;
    static final int DIFF_SRC = 129;
    static final int DIFF_DST = 145;
    static final int DIFF_WEIGHTS = 161;

    /// Bytes of a `dnnl_exec_arg_t`: an int, padding, a handle.
    static final int ARGUMENT_BYTES = 16;

    private static final int CPU = 1;
    private static final int FLOAT32 = 3;
    private static final int IN_ORDER = 1;
    private static final int TAG_ANY = 1;
    private static final int STRICT = 0;
    private static final int USER = 1;
    private static final int FORWARD_TRAINING = 64;
    private static final int DIRECT = 1;
    private static final int QUERY_IMPLEMENTATION = 8;
    private static final int NAME_BYTES = 64;

    private static final int MOST_ARGUMENTS = 13;
    private static final Linker LINKER = Linker.nativeLinker();

    /// One handle for all functions that are not called in runs: of thirteen 64-bit integers, as many as the longest has.
    /// Arguments that a function does not have, and the upper halves of its ints, it does not look at: they are in registers
    /// or in eight bytes each of the caller's stack, with System V, Windows and 64-bit Arm Linux alike. A handle for each
    /// signature would cost a program's start a tenth of a second.
    private static final MethodHandle CALL;

    static {
        var parameters = new MemoryLayout[MOST_ARGUMENTS];
        Arrays.fill(parameters, JAVA_LONG);
        CALL = LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, parameters));
    }

    private static final MethodHandle PLACE =
            LINKER.downcallHandle(
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG), Linker.Option.critical(false));
    private static final MethodHandle EXECUTE =
            LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));

    /// These return 64 bits.
    private static final MethodHandle ASK =
            LINKER.downcallHandle(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));

    /// Only kernel adjoints need it.
    private static final class Sums {
        static final MethodHandle APPEND =
                LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_FLOAT, JAVA_INT, JAVA_INT));
    }

    /// How a convolution lies: strides, dilations (0 is none) and padding of each spatial axis.
    record Window(long[] stride, long[] dilation, long[] before, long[] after) {}

    private final Dnnl dnnl;
    private final MemorySegment place;
    private final MemorySegment execute;
    private final long engine;
    private final long attributes;
    private final AtomicInteger primitives = new AtomicInteger();

    DnnlObjects(Dnnl dnnl) {
        this.dnnl = dnnl;
        place = dnnl.function("dnnl_memory_set_data_handle");
        execute = dnnl.function("dnnl_primitive_execute");
        engine = make("engine_create", CPU, 0);
        attributes = attributes();
    }

    /// How many primitives there are, counted up and down by those that make and free them.
    AtomicInteger primitives() {
        return primitives;
    }

    private void call(String name, long... arguments) {
        long[] a = Arrays.copyOf(arguments, MOST_ARGUMENTS);
        int status;
        try {
            status =
                    (int)
                            CALL.invokeExact(
                                    dnnl.function("dnnl_" + name),
                                    a[0],
                                    a[1],
                                    a[2],
                                    a[3],
                                    a[4],
                                    a[5],
                                    a[6],
                                    a[7],
                                    a[8],
                                    a[9],
                                    a[10],
                                    a[11],
                                    a[12]);
        } catch (Throwable e) {
            throw Dnnl.failure(e);
        }
        check(name, status);
    }

    private static void check(String name, int status) {
        if (status != 0) {
            String why =
                    switch (status) {
                        case 1 -> "out of memory";
                        case 2 -> "invalid arguments";
                        case 3 -> "not implemented for these shapes";
                        default -> "status " + status;
                    };
            throw new OneDnnException("dnnl_%s failed: %s".formatted(name, why));
        }
    }

    /// Calls a function whose first argument is where it stores what it has made.
    private long make(String name, long... arguments) {
        try (var arena = Arena.ofConfined()) {
            var out = arena.allocate(JAVA_LONG);
            var all = new long[arguments.length + 1];
            all[0] = out.address();
            System.arraycopy(arguments, 0, all, 1, arguments.length);
            call(name, all);
            return out.get(JAVA_LONG, 0);
        }
    }

    private static long numbers(Arena arena, long[] values) {
        return arena.allocateFrom(JAVA_LONG, values).address();
    }

    // Plain float arithmetic, the same at every run, in scratch memory that the caller lends.
    private long attributes() {
        long made = make("primitive_attr_create");
        call("primitive_attr_set_scratchpad_mode", made, USER);
        call("primitive_attr_set_fpmath_mode", made, STRICT);
        call("primitive_attr_set_deterministic", made, 1);
        return made;
    }

    /// Describes floats in memory: extents and strides in elements.
    long describe(long[] dims, long[] strides) {
        try (var arena = Arena.ofConfined()) {
            return make(
                    "memory_desc_create_with_strides",
                    dims.length,
                    numbers(arena, dims),
                    FLOAT32,
                    numbers(arena, strides));
        }
    }

    /// Describes floats whose layout a primitive is free to choose.
    long describeAny(long[] dims) {
        try (var arena = Arena.ofConfined()) {
            return make("memory_desc_create_with_tag", dims.length, numbers(arena, dims), FLOAT32, TAG_ANY);
        }
    }

    /// Bytes of what is described.
    long bytes(long descriptor) {
        return descriptor == 0 ? 0 : ask("memory_desc_get_size", descriptor, 0, 0);
    }

    private long ask(String name, long object, int what, int index) {
        try {
            return (long) ASK.invokeExact(dnnl.function("dnnl_" + name), object, what, index);
        } catch (Throwable e) {
            throw Dnnl.failure(e);
        }
    }

    /// A copy of the descriptor of an argument of a primitive; 0 if it has none.
    long argument(long primitiveDescriptor, int argument) {
        int query =
                switch (argument) {
                    case SRC -> 129;
                    case DIFF_SRC -> 130;
                    case WEIGHTS -> 131;
                    case DIFF_WEIGHTS -> 132;
                    case DST -> 133;
                    case DIFF_DST -> 134;
                    case SCRATCHPAD -> 136;
                    default -> throw new IllegalArgumentException("argument " + argument);
                };
        long found = ask("primitive_desc_query_md", primitiveDescriptor, query, 0);
        return found == 0 ? 0 : make("memory_desc_clone", found);
    }

    /// Describes a convolution.
    long forward(long src, long weights, long dst, Window w) {
        try (var arena = Arena.ofConfined()) {
            return make(
                    "convolution_forward_primitive_desc_create",
                    engine,
                    FORWARD_TRAINING,
                    DIRECT,
                    src,
                    weights,
                    0,
                    dst,
                    numbers(arena, w.stride),
                    numbers(arena, w.dilation),
                    numbers(arena, w.before),
                    numbers(arena, w.after),
                    attributes);
        }
    }

    /// Describes a convolution's adjoint with respect to its input.
    long backwardData(long diffSrc, long weights, long diffDst, Window w, long forward) {
        try (var arena = Arena.ofConfined()) {
            return make(
                    "convolution_backward_data_primitive_desc_create",
                    engine,
                    DIRECT,
                    diffSrc,
                    weights,
                    diffDst,
                    numbers(arena, w.stride),
                    numbers(arena, w.dilation),
                    numbers(arena, w.before),
                    numbers(arena, w.after),
                    forward,
                    attributes);
        }
    }

    /// Describes a convolution's adjoint with respect to its kernel.
    long backwardWeights(long src, long diffWeights, long diffDst, Window w, long forward) {
        try (var arena = Arena.ofConfined()) {
            return make(
                    "convolution_backward_weights_primitive_desc_create",
                    engine,
                    DIRECT,
                    src,
                    diffWeights,
                    0,
                    diffDst,
                    numbers(arena, w.stride),
                    numbers(arena, w.dilation),
                    numbers(arena, w.before),
                    numbers(arena, w.after),
                    forward,
                    attributes);
        }
    }

    /// Describes a copy from one layout to another, or an addition to what is there.
    long reorder(long src, long dst, boolean add) {
        long mine = add ? addition() : attributes;
        try {
            return make("reorder_primitive_desc_create", src, engine, dst, engine, mine);
        } finally {
            if (add) {
                destroy("primitive_attr", mine);
            }
        }
    }

    private long addition() {
        long made = attributes();
        long ops = make("post_ops_create");
        try {
            var append = dnnl.function("dnnl_post_ops_append_sum");
            check("post_ops_append_sum", (int) Sums.APPEND.invokeExact(append, ops, 1f, 0, 0));
            call("primitive_attr_set_post_ops", made, ops);
            return made;
        } catch (Throwable e) {
            throw Dnnl.failure(e);
        } finally {
            destroy("post_ops", ops);
        }
    }

    /// The name of the implementation that oneDNN has chosen, such as `brgconv:avx512_core`; `ref` ones are plain loops.
    String implementation(long primitiveDescriptor) {
        try (var arena = Arena.ofConfined()) {
            var out = arena.allocate(JAVA_LONG);
            call("primitive_desc_query", primitiveDescriptor, QUERY_IMPLEMENTATION, 0, out.address());
            return MemorySegment.ofAddress(out.get(JAVA_LONG, 0)).reinterpret(NAME_BYTES).getString(0);
        }
    }

    /// Makes what is described.
    long primitive(long primitiveDescriptor) {
        long made = make("primitive_create", primitiveDescriptor);
        primitives.incrementAndGet();
        return made;
    }

    /// Makes a sequence of executions.
    long stream() {
        return make("stream_create", engine, IN_ORDER);
    }

    /// Makes an argument without an address.
    long memory(long descriptor) {
        return make("memory_create", descriptor, engine, 0);
    }

    /// Destroys an object of that kind, such as `primitive_desc`, if there is one.
    void destroy(String kind, long handle) {
        if (handle != 0) {
            call(kind + "_destroy", handle);
        }
    }

    /// Says where an argument lies.
    void place(long memory, long address) {
        int status;
        try {
            status = (int) PLACE.invokeExact(place, memory, address);
        } catch (Throwable e) {
            throw Dnnl.failure(e);
        }
        check("memory_set_data_handle", status);
    }

    /// Executes a primitive on its thread alone, and tells the status: 0 is good.
    int execute(long primitive, long stream, int count, long arguments) {
        int threads = dnnl.workAlone();
        try {
            return (int) EXECUTE.invokeExact(execute, primitive, stream, count, arguments);
        } catch (Throwable e) {
            throw Dnnl.failure(e);
        } finally {
            dnnl.workWith(threads);
        }
    }
}
