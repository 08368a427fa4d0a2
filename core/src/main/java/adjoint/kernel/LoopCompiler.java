package adjoint.kernel;

import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Decides who gets a loop of several instructions.
///
/// A new loop, a class of its own ([LoopEmitter]), is slow until the JVM has compiled it, hundreds of times slower than the ready
/// loops of single instructions: so it is run aside, by a thread that ends when it has nothing to do, until it is the faster one;
/// and where it never is, it is not used.
/// The bits are the same either way, but for which NaN a NaN is.
final class LoopCompiler {
    /// Points of a program from which its loops are worth it: below, everything stays in the nearest cache.
    private static final long FEWEST_POINTS = 1 << 13;

    /// Elements times instructions after which a program's loops are made.
    private static final long FIRST_WORK = 1 << 26;

    private static final long MOST_NANOS = 10_000_000_000L;

    /// Between two trials: as long as one runs, a team's thread may have to wait.
    private static final long PAUSE_NANOS = 2_000_000;

    /// Of a trial, and short ones: the JVM compiles a method by how often it is called.
    private static final int CALLS = 20;

    private static final int ROWS = 16;

    /// Of a call: with one, a compiled loop would take more of them for something that never happens.
    private static final int TILES = 2;

    private final boolean eager;
    private final AtomicInteger unmade = new AtomicInteger();
    private final Map<FusedLoop.Source, Made> loops = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(
                    1,
                    1,
                    1,
                    TimeUnit.SECONDS,
                    new LinkedBlockingQueue<>(),
                    Thread.ofPlatform().daemon().name("adjoint-loops").factory());

    /// A loop, or null as long as it is no use.
    private static final class Made implements Supplier<FusedLoop> {
        volatile FusedLoop loop;

        @Override
        public FusedLoop get() {
            return loop;
        }
    }

    /// @param eager whether every loop is made at once and used though it may be slow, for tests
    LoopCompiler(boolean eager) {
        this.eager = eager;
        thread.allowCoreThreadTimeOut(true);
    }

    /// Whether a program is large enough for loops of its own.
    boolean isWorth(long points) {
        return eager || points >= FEWEST_POINTS;
    }

    /// Whether it is time to ask for a program's loops.
    ///
    /// @param work elements times instructions that it has computed so far
    boolean isTime(long work) {
        return eager || work >= FIRST_WORK;
    }

    /// Whether no loop is being made.
    boolean isIdle() {
        return unmade.get() == 0;
    }

    /// What gives the loop of a source, or null until there is one that is faster than its instructions one by one.
    Supplier<FusedLoop> loop(FusedLoop.Source source, BlockLoops single) {
        return loops.computeIfAbsent(
                source,
                _ -> {
                    var made = new Made();
                    if (eager) {
                        made.loop = LoopEmitter.make(source);
                    } else {
                        unmade.incrementAndGet();
                        thread.execute(() -> {
                            try {
                                warm(source, single, made);
                            } finally {
                                unmade.decrementAndGet();
                            }
                        });
                    }
                    return made;
                });
    }

    private static void warm(FusedLoop.Source source, BlockLoops single, Made made) {
        try (var arena = Arena.ofShared()) {
            var trial = new Trial(source, single, arena);
            FusedLoop loop = LoopEmitter.make(source);
            long start = System.nanoTime();
            int faster = 0;
            while (faster < 3 && System.nanoTime() - start < MOST_NANOS) {
                faster = trial.together(loop) < trial.oneByOne() ? faster + 1 : 0;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            made.loop = faster < 3 ? null : loop;
        } catch (LinkageError
                | OutOfMemoryError
                | RuntimeException e) { // where classes cannot be made, all stays as it was
            System.getLogger("adjoint.kernel").log(Level.DEBUG, "instructions stay one by one: " + source, e);
        }
    }

    /// A source on numbers that mean nothing.
    private static final class Trial {
        private final FusedLoop.Source source;
        private final BlockLoops loops;
        private final BlockLoop[] single;
        private final MemorySegment[] segments;
        private final long[] offsets;
        private final float[] scalars;
        private final int[] registers;
        private final MemorySegment sums;
        private final MemorySegment spread;
        private final int columns;

        Trial(FusedLoop.Source source, BlockLoops loops, Arena arena) {
            this.source = source;
            this.loops = loops;
            columns = source.width() * loops.lanes();
            int inputs = source.inputs().size();
            int values = inputs + source.code().size();
            single = source.code().stream().map(i -> loops.loop(i.opcode())).toArray(BlockLoop[]::new);
            // Plans' memory is of one kind and workspaces are of another: the loop shall be compiled for both.
            MemorySegment shared = arena.allocate(values * BlockKernel.BLOCK_BYTES, 64);
            MemorySegment auto = Arena.ofAuto().allocate(values * BlockKernel.BLOCK_BYTES, 64);
            sums = Arena.ofAuto().allocate((source.sums().size() + 1) * FusedLoop.SUM_BYTES, 64);
            spread = Arena.ofAuto().allocate(BlockKernel.BLOCK_BYTES, 64);
            segments = new MemorySegment[values];
            offsets = new long[values];
            scalars = new float[values];
            for (int v = 0; v < values; v++) {
                segments[v] = v % 2 == 0 ? shared : auto;
                offsets[v] = v * BlockKernel.BLOCK_BYTES;
                scalars[v] = 1;
                BlockTransfer.fill(1, segments[v], offsets[v], BlockSpace.TILE);
            }
            registers = new int[inputs + source.outputs().size()];
            for (int i = 0; i < registers.length; i++) {
                registers[i] = i < inputs ? i : source.outputs().get(i - inputs);
            }
        }

        long together(FusedLoop loop) {
            long start = System.nanoTime();
            for (int call = 0; call < CALLS; call++) {
                loop.run(segments, offsets, scalars, registers, TILES, ROWS, columns, sums, 0);
            }
            return System.nanoTime() - start;
        }

        long oneByOne() {
            long start = System.nanoTime();
            int rows = TILES * ROWS;
            for (int call = 0; call < CALLS; call++) {
                for (int k = 0; k < source.inputs().size(); k++) {
                    if (source.inputs().get(k) == FusedLoop.Input.COLUMN) {
                        loops.spread(segments[k], offsets[k], rows, columns, spread, 0);
                    }
                }
                for (int i = 0; i < single.length; i++) {
                    var operands = source.code().get(i).operands();
                    int a = operands.getFirst();
                    int b = operands.get(Math.min(1, operands.size() - 1));
                    int c = operands.getLast();
                    int t = source.inputs().size() + i;
                    single[i].run(
                            segments[a],
                            offsets[a],
                            segments[b],
                            offsets[b],
                            segments[c],
                            offsets[c],
                            segments[t],
                            offsets[t],
                            rows * columns);
                }
                for (int value : source.sums()) {
                    loops.reduceRows(BlockProgram.Kind.SUM, segments[value], offsets[value], rows, columns, sums, 0);
                }
            }
            return System.nanoTime() - start;
        }
    }
}
