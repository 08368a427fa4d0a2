package adjoint.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Cleaner;

/// The loaded library: what every kernel needs of it. [DnnlObjects] has what convolutions need in addition.
///
/// Method handles take the function's address, so that they are constants of their class while the library is one of the
/// instance. Each costs some 10 ms of the program's start; so they are few, and made when they are first needed.
@SuppressWarnings("restricted") // OneDnnProvider says what to do when native access is denied
final class Dnnl {
    private static final Linker LINKER = Linker.nativeLinker();

    // Both functions do next to nothing. One has no argument: it does not read the register; the other returns nothing.
    private static final MethodHandle THREADS =
            LINKER.downcallHandle(FunctionDescriptor.of(JAVA_INT, JAVA_INT), Linker.Option.critical(false));

    private static final MethodHandle SGEMM =
            LINKER.downcallHandle(
                    FunctionDescriptor.of(
                            JAVA_INT, JAVA_BYTE, JAVA_BYTE, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_FLOAT, JAVA_LONG,
                            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_FLOAT, JAVA_LONG, JAVA_LONG));

    private final SymbolLookup library;
    private final MemorySegment sgemm;
    private final MemorySegment getThreads;
    private final MemorySegment setThreads;
    private final Cleaner cleaner = Cleaner.create();
    private DnnlObjects objects;

    /// @param library loaded, and never unloaded
    /// @throws OneDnnException if it is another library, or of another version than 3
    Dnnl(SymbolLookup library) {
        this.library = library;
        if (!version().startsWith("3.")) {
            throw new OneDnnException("the library is oneDNN " + version() + ", and 3 is needed");
        }
        function("dnnl_primitive_attr_set_deterministic"); // which early releases of 3 lack: all convolutions need it
        sgemm = function("dnnl_sgemm");
        getThreads = function("omp_get_max_threads");
        setThreads = function("omp_set_num_threads");
    }

    /// The address of a function.
    MemorySegment function(String name) {
        return library.find(name)
                .orElseThrow(() -> new OneDnnException("the library has no function " + name + ": it is not oneDNN 3, or too old a release of it"));
    }

    /// What convolutions need, made at the first call.
    synchronized DnnlObjects objects() {
        if (objects == null) {
            objects = new DnnlObjects(this);
        }
        return objects;
    }

    /// What frees native objects when nothing reachable uses them any more.
    Cleaner cleaner() {
        return cleaner;
    }

    /// `major.minor.patch`.
    String version() {
        var version = LINKER.downcallHandle(function("dnnl_version"), FunctionDescriptor.of(ADDRESS));
        try {
            var numbers = ((MemorySegment) version.invokeExact()).reinterpret(3 * Integer.BYTES);
            return "%d.%d.%d"
                    .formatted(
                            numbers.getAtIndex(JAVA_INT, 0),
                            numbers.getAtIndex(JAVA_INT, 1),
                            numbers.getAtIndex(JAVA_INT, 2));
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    /// Makes the calling thread work alone in what follows, and tells how many OpenMP threads it had before: those of this
    /// library would fight the team's. OpenMP keeps the number for each calling thread.
    int workAlone() {
        try {
            int before = (int) THREADS.invokeExact(getThreads, 0);
            if (before != 1) {
                int _ = (int) THREADS.invokeExact(setThreads, 1);
            }
            return before;
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    /// Gives the calling thread the number of OpenMP threads that it had.
    void workWith(int threads) {
        if (threads != 1) {
            try {
                int _ = (int) THREADS.invokeExact(setThreads, threads);
            } catch (Throwable e) {
                throw failure(e);
            }
        }
    }

    /// Multiplies matrices of floats, `c = a · b` of `m` x `k` x `n`, row by row at these addresses, and tells the status: 0
    /// is good.
    ///
    /// @param transposedA whether a lies column by column
    /// @param rowA elements from one row (column, if transposed) to the next
    int multiply(
            boolean transposedA,
            boolean transposedB,
            long m,
            long n,
            long k,
            long a,
            long rowA,
            long b,
            long rowB,
            long c,
            long rowC) {
        byte formA = (byte) (transposedA ? 'T' : 'N');
        byte formB = (byte) (transposedB ? 'T' : 'N');
        try {
            return (int) SGEMM.invokeExact(sgemm, formA, formB, m, n, k, 1f, a, rowA, b, rowB, 0f, c, rowC);
        } catch (Throwable e) {
            throw failure(e);
        }
    }

    /// What a method handle threw, though C throws nothing.
    static RuntimeException failure(Throwable e) {
        return switch (e) {
            case RuntimeException r -> r;
            case Error r -> throw r;
            default -> new IllegalStateException(e);
        };
    }
}
