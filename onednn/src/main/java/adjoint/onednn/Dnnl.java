package adjoint.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// The functions of oneDNN's C interface (`dnnl.h`) that the kernels need, one method each.
///
/// The library's own objects are opaque handles, here `long`; zero is none. What can fail throws a [OneDnnException]. Method
/// handles take the function's address, so that they are constants of the class while the library is one of the instance.
@SuppressWarnings("restricted") // OneDnnProvider tells what to do when native access is denied
final class Dnnl {
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
    private static final int QUERY_SCRATCHPAD = 136;
    private static final int QUERY_IMPLEMENTATION = 8;
    private static final int NOT_IMPLEMENTED = 3;
    private static final int NAME_BYTES = 64;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OUT = function(ADDRESS);
    private static final MethodHandle DESTROY = function(JAVA_LONG);
    private static final MethodHandle SET = function(JAVA_LONG, JAVA_INT);
    private static final MethodHandle SET_HANDLE = trivial(JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle CREATE_ENGINE = function(ADDRESS, JAVA_INT, JAVA_LONG);
    private static final MethodHandle CREATE = function(ADDRESS, JAVA_LONG);
    private static final MethodHandle CREATE_KIND = function(ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle DESCRIBE = function(ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    private static final MethodHandle DESCRIBE_ANY = function(ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle CREATE_MEMORY = function(ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle EXECUTE = function(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
    private static final MethodHandle SIZE =
            LINKER.downcallHandle(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG), critical());
    private static final MethodHandle QUERY =
            LINKER.downcallHandle(FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
    private static final MethodHandle THREADS = trivial(JAVA_INT);
    private static final MethodHandle SET_THREADS =
            LINKER.downcallHandle(FunctionDescriptor.ofVoid(JAVA_INT), critical());

    private static final MethodHandle SGEMM =
            function(
                    JAVA_BYTE, JAVA_BYTE, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_FLOAT, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                    JAVA_LONG, JAVA_FLOAT, JAVA_LONG, JAVA_LONG);

    /// What only some programs call is linked when they do: each handle costs a millisecond or more.
    private static final class Convolutions {
        static final MethodHandle FORWARD =
                function(
                        ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS,
                        ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
        static final MethodHandle BACKWARD_DATA =
                function(
                        ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS,
                        ADDRESS, JAVA_LONG, JAVA_LONG);
        static final MethodHandle BACKWARD_WEIGHTS =
                function(
                        ADDRESS, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS,
                        ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG);
        static final MethodHandle REORDER =
                function(ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
        static final MethodHandle APPEND_SUM = function(JAVA_LONG, JAVA_FLOAT, JAVA_INT, JAVA_INT);
        static final MethodHandle SET_POST_OPS = function(JAVA_LONG, JAVA_LONG);
        static final MethodHandle QUERY_TEXT = function(JAVA_LONG, JAVA_INT, JAVA_INT, ADDRESS);
    }

    /// How a convolution lies: strides, dilations (0 is none) and padding of each spatial axis.
    record Window(long[] stride, long[] dilation, long[] before, long[] after) {}

    private final SymbolLookup library;
    private final MemorySegment createMemory;
    private final MemorySegment destroyMemory;
    private final MemorySegment setDataHandle;
    private final MemorySegment execute;
    private final MemorySegment sgemm;
    private final MemorySegment getThreads;
    private final MemorySegment setThreads;
    private final Cleaner cleaner = Cleaner.create();
    private final AtomicInteger primitives = new AtomicInteger();
    private final long engine;
    private final long attributes;

    /// Loads the library and what it needs from the folder where it lies.
    ///
    /// @throws IllegalArgumentException if the system cannot load it
    /// @throws IllegalCallerException if native access is denied
    Dnnl(Path file) {
        library = SymbolLookup.libraryLookup(file, Arena.global());
        createMemory = find("dnnl_memory_create");
        destroyMemory = find("dnnl_memory_destroy");
        setDataHandle = find("dnnl_memory_set_data_handle");
        execute = find("dnnl_primitive_execute");
        sgemm = find("dnnl_sgemm");
        getThreads = find("omp_get_max_threads");
        setThreads = find("omp_set_num_threads");
        engine = create(out -> (int) CREATE_ENGINE.invokeExact(find("dnnl_engine_create"), out, CPU, 0L), "engine");
        attributes = attributes();
    }

    private static Linker.Option critical() {
        return Linker.Option.critical(false);
    }

    private static MethodHandle function(MemoryLayout... parameters) {
        return LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, parameters));
    }

    // For functions that do next to nothing.
    private static MethodHandle trivial(ValueLayout result, MemoryLayout... parameters) {
        return LINKER.downcallHandle(FunctionDescriptor.of(result, parameters), critical());
    }

    private MemorySegment find(String name) {
        return library.find(name)
                .orElseThrow(() -> new OneDnnException("the library has no function " + name + ": it is not oneDNN 3"));
    }

    @FunctionalInterface
    private interface Creation {
        int into(MemorySegment out) throws Throwable;
    }

    @FunctionalInterface
    private interface Call<T> {
        T run() throws Throwable;
    }

    private static <T> T call(Call<T> call) {
        try {
            return call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e); // a method handle of C throws nothing else
        }
    }

    private static long create(Creation creation, String what) {
        try (var arena = Arena.ofConfined()) {
            var out = arena.allocate(JAVA_LONG);
            check(call(() -> creation.into(out)), what);
            return out.get(JAVA_LONG, 0);
        }
    }

    private static void check(int status, String what) {
        if (status != 0) {
            String why =
                    switch (status) {
                        case 1 -> "out of memory";
                        case 2 -> "invalid arguments";
                        case NOT_IMPLEMENTED -> "not implemented for these shapes";
                        default -> "status " + status;
                    };
            throw new OneDnnException("oneDNN refuses to make " + what + ": " + why);
        }
    }

    // Plain float arithmetic, the same at every run, in scratch memory that the caller lends.
    private long attributes() {
        long made = create(out -> (int) OUT.invokeExact(find("dnnl_primitive_attr_create"), out), "attributes");
        set(made, "scratchpad_mode", USER);
        set(made, "fpmath_mode", STRICT);
        set(made, "deterministic", 1);
        return made;
    }

    private void set(long attributes, String name, int value) {
        var address = find("dnnl_primitive_attr_set_" + name);
        check(call(() -> (int) SET.invokeExact(address, attributes, value)), "attributes");
    }

    /// `major.minor.patch`.
    String version() {
        var function = LINKER.downcallHandle(find("dnnl_version"), FunctionDescriptor.of(ADDRESS));
        var numbers = call(() -> (MemorySegment) function.invokeExact()).reinterpret(12);
        return "%d.%d.%d"
                .formatted(
                        numbers.get(JAVA_INT, 0), numbers.get(JAVA_INT, 4), numbers.get(JAVA_INT, 8));
    }

    /// Makes the calling thread work alone in what follows, and tells how many OpenMP threads it had before: those of this
    /// library would fight the team's. OpenMP keeps the number for each calling thread.
    int workAlone() {
        try {
            int before = (int) THREADS.invokeExact(getThreads);
            if (before != 1) {
                SET_THREADS.invokeExact(setThreads, 1);
            }
            return before;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// Gives the calling thread the number of OpenMP threads that it had.
    void workWith(int threads) {
        if (threads != 1) {
            try {
                SET_THREADS.invokeExact(setThreads, threads);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /// Describes floats in memory: extents and strides in elements.
    long describe(long[] dims, long[] strides) {
        try (var arena = Arena.ofConfined()) {
            var d = arena.allocateFrom(JAVA_LONG, dims);
            var s = arena.allocateFrom(JAVA_LONG, strides);
            var address = find("dnnl_memory_desc_create_with_strides");
            return create(
                    out -> (int) DESCRIBE.invokeExact(address, out, dims.length, d, FLOAT32, s), "a descriptor");
        }
    }

    /// Describes floats whose layout a primitive is free to choose.
    long describeAny(long[] dims) {
        try (var arena = Arena.ofConfined()) {
            var d = arena.allocateFrom(JAVA_LONG, dims);
            var address = find("dnnl_memory_desc_create_with_tag");
            return create(
                    out -> (int) DESCRIBE_ANY.invokeExact(address, out, dims.length, d, FLOAT32, TAG_ANY),
                    "a descriptor");
        }
    }

    /// Bytes of what is described.
    long bytes(long descriptor) {
        return descriptor == 0
                ? 0
                : call(() -> (long) SIZE.invokeExact(find("dnnl_memory_desc_get_size"), descriptor));
    }

    /// A copy of the descriptor of an argument of a primitive.
    long argument(long primitiveDescriptor, int argument) {
        int query =
                switch (argument) {
                    case SRC -> 129;
                    case DIFF_SRC -> 130;
                    case WEIGHTS -> 131;
                    case DIFF_WEIGHTS -> 132;
                    case DST -> 133;
                    case DIFF_DST -> 134;
                    case SCRATCHPAD -> QUERY_SCRATCHPAD;
                    default -> throw new IllegalArgumentException("argument " + argument);
                };
        var address = find("dnnl_primitive_desc_query_md");
        long found = call(() -> (long) QUERY.invokeExact(address, primitiveDescriptor, query, 0));
        return found == 0
                ? 0
                : create(
                        out -> (int) CREATE.invokeExact(find("dnnl_memory_desc_clone"), out, found), "a descriptor");
    }

    private static long windowed(Window w, WindowCreation creation, String what) {
        try (var arena = Arena.ofConfined()) {
            var stride = arena.allocateFrom(JAVA_LONG, w.stride());
            var dilation = arena.allocateFrom(JAVA_LONG, w.dilation());
            var before = arena.allocateFrom(JAVA_LONG, w.before());
            var after = arena.allocateFrom(JAVA_LONG, w.after());
            return create(out -> creation.into(out, stride, dilation, before, after), what);
        }
    }

    @FunctionalInterface
    private interface WindowCreation {
        int into(MemorySegment out, MemorySegment s, MemorySegment d, MemorySegment b, MemorySegment a)
                throws Throwable;
    }

    /// Describes a convolution.
    long forward(long src, long weights, long dst, Window w) {
        var address = find("dnnl_convolution_forward_primitive_desc_create");
        return windowed(
                w,
                (out, s, d, b, a) ->
                        (int)
                                Convolutions.FORWARD.invokeExact(
                                        address, out, engine, FORWARD_TRAINING, DIRECT, src, weights, 0L, dst, s, d, b,
                                        a, attributes),
                "a convolution");
    }

    /// Describes a convolution's adjoint with respect to its input.
    long backwardData(long diffSrc, long weights, long diffDst, Window w, long forward) {
        var address = find("dnnl_convolution_backward_data_primitive_desc_create");
        return windowed(
                w,
                (out, s, d, b, a) ->
                        (int)
                                Convolutions.BACKWARD_DATA.invokeExact(
                                        address, out, engine, DIRECT, diffSrc, weights, diffDst, s, d, b, a, forward,
                                        attributes),
                "the input adjoint of a convolution");
    }

    /// Describes a convolution's adjoint with respect to its kernel.
    long backwardWeights(long src, long diffWeights, long diffDst, Window w, long forward) {
        var address = find("dnnl_convolution_backward_weights_primitive_desc_create");
        return windowed(
                w,
                (out, s, d, b, a) ->
                        (int)
                                Convolutions.BACKWARD_WEIGHTS.invokeExact(
                                        address, out, engine, DIRECT, src, diffWeights, 0L, diffDst, s, d, b, a,
                                        forward, attributes),
                "the kernel adjoint of a convolution");
    }

    /// Describes a copy from one layout to another, or an addition to what is there.
    long reorder(long src, long dst, boolean add) {
        long mine = add ? addition() : attributes;
        try {
            var address = find("dnnl_reorder_primitive_desc_create");
            return create(
                    out -> (int) Convolutions.REORDER.invokeExact(address, out, src, engine, dst, engine, mine),
                    "a reorder");
        } finally {
            if (add) {
                destroy("primitive_attr", mine);
            }
        }
    }

    private long addition() {
        long made = attributes();
        long ops = create(out -> (int) OUT.invokeExact(find("dnnl_post_ops_create"), out), "a sum");
        var append = find("dnnl_post_ops_append_sum");
        check(call(() -> (int) Convolutions.APPEND_SUM.invokeExact(append, ops, 1f, 0, 0)), "a sum");
        var set = find("dnnl_primitive_attr_set_post_ops");
        check(call(() -> (int) Convolutions.SET_POST_OPS.invokeExact(set, made, ops)), "a sum");
        destroy("post_ops", ops);
        return made;
    }

    /// The name of the implementation that oneDNN has chosen, such as `brgconv:avx512_core`; `ref` ones are plain loops.
    String implementation(long primitiveDescriptor) {
        var address = find("dnnl_primitive_desc_query");
        long name =
                create(
                        out ->
                                (int)
                                        Convolutions.QUERY_TEXT.invokeExact(
                                                address, primitiveDescriptor, QUERY_IMPLEMENTATION, 0, out),
                        "a name");
        return MemorySegment.ofAddress(name).reinterpret(NAME_BYTES).getString(0);
    }

    /// Makes what is described.
    long primitive(long primitiveDescriptor) {
        return create(
                out -> (int) CREATE.invokeExact(find("dnnl_primitive_create"), out, primitiveDescriptor),
                "a primitive");
    }

    /// Makes a sequence of executions.
    long stream() {
        return create(
                out -> (int) CREATE_KIND.invokeExact(find("dnnl_stream_create"), out, engine, IN_ORDER), "a stream");
    }

    /// Makes an argument without an address.
    long memory(long descriptor) {
        return create(out -> (int) CREATE_MEMORY.invokeExact(createMemory, out, descriptor, engine, 0L), "an argument");
    }

    /// Destroys an object of that kind, such as `primitive_desc`.
    void destroy(String kind, long handle) {
        if (handle != 0) {
            var address = find("dnnl_" + kind + "_destroy");
            check(call(() -> (int) DESTROY.invokeExact(address, handle)), "an end of " + kind);
        }
    }

    /// Says where an argument lies.
    void place(long memory, long address) {
        try {
            int _ = (int) SET_HANDLE.invokeExact(setDataHandle, memory, address);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// Executes a primitive, and tells the status: 0 is good.
    int execute(long primitive, long stream, int count, long arguments) {
        try {
            return (int) EXECUTE.invokeExact(execute, primitive, stream, count, arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// Multiplies matrices of floats, `c = a · b` of `m` x `k` x `n`, row by row at these addresses, and tells the status.
    ///
    /// @param transposedA whether a lies column by column
    /// @param rowA elements from one row (column, if transposed) to the next
    int multiply(
            boolean transposedA, boolean transposedB, long m, long n, long k, long a, long rowA, long b, long rowB,
            long c, long rowC) {
        try {
            return (int)
                    SGEMM.invokeExact(
                            sgemm,
                            (byte) (transposedA ? 'T' : 'N'),
                            (byte) (transposedB ? 'T' : 'N'),
                            m, n, k, 1f, a, rowA, b, rowB, 0f, c, rowC);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// Whether two descriptors are of the same layout.
    boolean same(long descriptor, long other) {
        var address = find("dnnl_memory_desc_equal");
        return call(() -> (int) SET_HANDLE.invokeExact(address, descriptor, other)) != 0;
    }

    /// How many primitives are there, to be counted up and down by those that make and free them.
    AtomicInteger primitives() {
        return primitives;
    }

    /// What frees native objects when nothing reachable uses them any more.
    Cleaner cleaner() {
        return cleaner;
    }
}
