package adjoint.kernel;

import adjoint.kernel.BlockRegisters.Action;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// Runs a float [BlockProgram] tile by tile: each instruction is one loop over a block that stays in the nearest cache, until
/// several are one ([LoopCompiler]).
///
/// The order of work within a tile: gather what is not in place, compute (results that are safe to write at once go
/// to their targets), reduce, write the rest. So everything is read before it can be overwritten by another
/// register's store.
final class BlockKernel implements Kernel {
    /// A register's block with room for a whole vector more; the odd size keeps blocks apart in the cache.
    static final long BLOCK_BYTES = 4 * BlockSpace.TILE + 128;

    static final int BLOCKS_PER_REDUCTION = 4;

    /// Tiles that one call of a loop without sums computes; of one with sums, as many as there is room for those.
    private static final int MOST_TILES = 64;

    private static final ThreadLocal<Workspace> WORKSPACES = ThreadLocal.withInitial(Workspace::new);

    private final BlockLoop[] blockLoops;
    private final BlockLoop.WithNumber[] withNumber;
    private final BlockSpace space;
    private final BlockRegisters registers;
    private final View[] loads;
    private final BlockProgram.Store[] stores;
    private final BlockReduction[] reductions;
    private final BlockLoops loops;
    private final long points;
    private final FusedRun[] runs;

    /// Whether the only run is all there is to compute, in as many tiles as follow each other.
    private final boolean isWhole;

    private final int registerCount;
    private final int[] filledOnce; // the registers that are the same in all tiles,
    private final int[] placed; // the loads that each tile looks up or gathers,
    private final int[] direct; // and those whose results go to their targets at once
    private final long[] blockOffsets;
    private final AtomicLong work = new AtomicLong(); // only to find out what is worth a loop of its own
    private final int tasks;
    private final int lanes;

    private BlockKernel(BlockProgram program, BlockLoops loops) {
        this.space = new BlockSpace(program);
        this.registers = new BlockRegisters(program, space, loops);
        this.loads = program.loads().toArray(View[]::new);
        this.stores = program.stores().toArray(BlockProgram.Store[]::new);
        this.reductions = new BlockReduction[program.reductions().size()];
        for (int i = 0; i < reductions.length; i++) {
            reductions[i] = new BlockReduction(program.reductions().get(i), registers.reduced[i], space, loops);
        }
        this.loops = loops;
        this.points = program.points();
        this.runs = loops.fuses(points) ? FusedRun.of(registers, space, loops, sumsRows()) : new FusedRun[0];
        this.isWhole = runs.length == 1 && runs[0].isWhole(registers, space, reductions.length, loops.lanes());
        this.tasks = space.keptParts * space.reducedParts;
        this.lanes = loops.lanes();
        int n = registers.opcodes.length;
        this.registerCount = loads.length + n;
        this.filledOnce = registers(r -> registers.scalar[r] || registers.invariant[r]);
        this.placed = registers(r -> r < loads.length && !registers.scalar[r] && !registers.invariant[r]);
        this.direct = registers(r -> registers.directStore[r] >= 0);
        this.blockOffsets = Arrays.stream(registers.block).mapToLong(b -> b * BLOCK_BYTES).toArray();
        this.blockLoops = new BlockLoop[n];
        this.withNumber = new BlockLoop.WithNumber[n];
        for (int i = 0; i < n; i++) {
            Opcode opcode = registers.opcodes[i];
            if (registers.scalarOperand[i] != 0) {
                withNumber[i] = loops.loopWithNumber(opcode, registers.scalarOperand[i] == 1).orElseThrow();
            } else if (registers.actions[i] == Action.COMPUTE && opcode != Opcode.CONSTANT) {
                blockLoops[i] = loops.loop(opcode);
            }
        }
    }

    private int[] registers(IntPredicate which) {
        return IntStream.range(0, registerCount).filter(which).toArray();
    }

    /// A kernel for any program: those without floats or without points go to the reference.
    static Kernel prepare(BlockProgram program, BlockLoops loops) {
        return program.compute() == DType.FLOAT32 && program.points() > 0
                ? new BlockKernel(program, loops)
                : new ReferenceProgram(program);
    }

    @Override
    public long scratchBytes() {
        return space.reducedParts > 1 ? 8 * space.keptPoints * space.reducedParts * reductions.length : 0;
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        fuse();
        if (tasks == 1) {
            task(0, memory, scratch);
            return;
        }
        team.run(tasks, task -> task(task, memory, scratch));
        if (space.reducedParts > 1) {
            for (int i = 0; i < reductions.length; i++) {
                reductions[i].join(memory.slot(0), partials(scratch, i, 0), space.reducedParts, memory);
            }
        }
    }

    private void fuse() {
        for (FusedRun run : runs) {
            if (run.maker == null) {
                run.maker = loops.fused(run.source, work.addAndGet(points * (run.to - run.from)));
            }
        }
    }

    private long partials(long scratch, int reduction, int part) {
        return scratch + 8 * space.keptPoints * ((long) reduction * space.reducedParts + part);
    }

    private void task(int task, Memory memory, long scratch) {
        int keptPart = task / space.reducedParts;
        int part = task % space.reducedParts;
        int end = (int) IndexKernels.share(space.keptTiles, keptPart + 1, space.keptParts);
        int from = (int) IndexKernels.share(space.reducedTiles, part, space.reducedParts);
        int to = (int) IndexKernels.share(space.reducedTiles, part + 1, space.reducedParts);
        Workspace w = WORKSPACES.get();
        w.reserve(registerCount, space.loopAxes.length, registers.blocks + reductions.length * BLOCKS_PER_REDUCTION);
        Arrays.fill(w.segments, 0, registerCount, w.memory);
        System.arraycopy(blockOffsets, 0, w.offsets, 0, registerCount);
        fillOnce(w, memory);
        FusedLoop whole = isWhole ? runs[0].loop() : null;
        int kept = (int) IndexKernels.share(space.keptTiles, keptPart, space.keptParts);
        while (kept < end) {
            int extent = 0;
            int next = kept + 1;
            for (int reduced = from; reduced < to; reduced++) {
                extent = space.locate(kept, reduced, w.starts);
                int n = extent * space.inner;
                boolean ragged = n % lanes != 0;
                place(w, memory, extent, ragged);
                int step = reduced - from;
                if (whole != null && extent == space.chunk) {
                    boolean sums = reductions.length > 0; // with them, tiles follow each other in this loop
                    int tiles = wholeTiles(w.starts[0], sums ? to - reduced : end - kept);
                    computeAll(whole, w, tiles, step, to - from);
                    if (sums) {
                        reduced += tiles - 1;
                    } else {
                        next = kept + tiles;
                    }
                    continue;
                }
                boolean areSummed = compute(w, n);
                for (int i = 0; i < reductions.length; i++) {
                    int r = reductions[i].register;
                    boolean last = reduced == to - 1;
                    if (areSummed) {
                        long sums = BlockReduction.tileResults(results(i));
                        reductions[i].taken(extent, step, last, w.memory, results(i), sums);
                    } else {
                        reductions[i].take(w.segments[r], w.offsets[r], extent, step, last, w.memory, results(i));
                    }
                }
                store(w, memory, extent, ragged);
            }
            for (int i = 0; i < reductions.length; i++) {
                long position = space.keptStart(w.starts);
                if (space.reducedParts == 1) {
                    reductions[i].finish(w.memory, results(i), extent, position, memory);
                } else {
                    long at = partials(scratch, i, part) + 8 * position;
                    reductions[i].putAside(w.memory, results(i), extent, memory.slot(0), at);
                }
            }
            kept = next;
        }
        Arrays.fill(w.segments, 0, registerCount, null); // a thread must not keep a plan's memory alive
    }

    private long results(int reduction) {
        return (registers.blocks + (long) reduction * BLOCKS_PER_REDUCTION) * BLOCK_BYTES;
    }

    // Numbers, and the loads that are the same in all tiles.
    private void fillOnce(Workspace w, Memory memory) {
        int extent = Math.min(space.chunk, space.dims[space.split]);
        int n = extent * space.inner;
        for (int r : filledOnce) {
            if (registers.scalar[r]) {
                w.scalars[r] =
                        r >= loads.length
                                ? registers.constants[r]
                                : (float)
                                        Elements.get(memory.slot(loads[r].slot()), loads[r].type(), loads[r].offset());
                if (registers.block[r] >= 0) {
                    BlockTransfer.fill(w.scalars[r], w.memory, blockOffsets[r], n + lanes - 1);
                }
            } else {
                View v = loads[r];
                var from = memory.slot(v.slot());
                BlockTransfer.load(
                        space, r, registers.narrow[r], v.type(), from, v.offset(), extent, w.memory, blockOffsets[r]);
            }
        }
    }

    // Settles where the registers are in this tile, and gathers the loads that are not in place.
    private void place(Workspace w, Memory memory, int extent, boolean ragged) {
        MemorySegment[] segments = w.segments;
        long[] offsets = w.offsets;
        for (int r : placed) {
            View v = loads[r];
            MemorySegment from = memory.slot(v.slot());
            long at = v.offset() + space.start(r, w.starts) * v.type().bytes();
            if (registers.inPlace[r] && !ragged) {
                segments[r] = from;
                offsets[r] = at;
            } else if (registers.block[r] >= 0) {
                segments[r] = w.memory;
                offsets[r] = blockOffsets[r];
                BlockTransfer.load(space, r, registers.narrow[r], v.type(), from, at, extent, w.memory, offsets[r]);
            }
        }
        for (int r : direct) {
            int s = registers.directStore[r];
            View v = stores[s].target();
            segments[r] = ragged ? w.memory : memory.slot(v.slot());
            offsets[r] = ragged ? blockOffsets[r] : v.offset() + space.start(loads.length + s, w.starts) * Float.BYTES;
        }
    }

    // How many whole tiles go on from an entry of the split axis, of so many that are to be computed.
    private int wholeTiles(int start, int tiles) {
        int most = reductions.length > 0 ? BlockSpace.TILE / space.inner : MOST_TILES;
        return Math.min(Math.min(tiles, most), (space.dims[0] - start) / space.chunk);
    }

    // Computes tiles that follow each other by one loop.
    private void computeAll(FusedLoop loop, Workspace w, int tiles, int step, int steps) {
        FusedRun run = runs[0];
        int rows = space.chunk * space.inner / run.columns;
        long sums = BlockReduction.tileResults(results(0));
        loop.run(w.segments, w.offsets, w.scalars, run.registers, tiles, rows, run.columns, w.memory, sums);
        for (int i = 0; i < reductions.length; i++) {
            long at = BlockReduction.tileResults(results(i));
            for (int t = 0; t < tiles; t++) {
                boolean last = step + t == steps - 1;
                reductions[i].taken(space.chunk, step + t, last, w.memory, results(i), at + 4L * t * run.columns);
            }
        }
    }

    // Returns whether the loops have reduced the tile as well.
    private boolean compute(Workspace w, int points) {
        boolean areSummed = false;
        int rows = points / space.rowLength;
        int wide = (points + lanes - 1) / lanes * lanes;
        int narrow = (rows + lanes - 1) / lanes * lanes;
        MemorySegment[] segments = w.segments;
        long[] offsets = w.offsets;
        BlockRegisters code = registers;
        int next = 0; // of the runs
        for (int i = 0; i < code.opcodes.length; i++) {
            if (next < runs.length && runs[next].from == i) {
                FusedRun run = runs[next++];
                FusedLoop loop = run.loop();
                int columns = run.columns;
                if (loop != null) {
                    long sums = BlockReduction.tileResults(results(0));
                    loop.run(segments, offsets, w.scalars, run.registers, 1, wide / columns, columns, w.memory, sums);
                    areSummed |= !run.source.sums().isEmpty();
                    i = run.to - 1;
                    continue;
                }
            }
            int r = loads.length + i;
            if (code.scalar[r]) {
                continue;
            }
            int a = code.a[i];
            int b = code.b[i];
            int c = code.c[i];
            int n = code.narrow[r] ? narrow : wide;
            if (code.actions[i] == Action.SPREAD) {
                loops.spread(segments[a], offsets[a], rows, space.rowLength, segments[r], offsets[r]);
            } else if (code.actions[i] == Action.REDUCE_ROWS) {
                reduceRows(code.opcodes[i].row(), segments[a], offsets[a], rows, segments[r], offsets[r]);
            } else if (code.scalarOperand[i] == 2) {
                withNumber[i].run(segments[a], offsets[a], w.scalars[b], segments[r], offsets[r], n);
            } else if (code.scalarOperand[i] == 1) {
                withNumber[i].run(segments[b], offsets[b], w.scalars[a], segments[r], offsets[r], n);
            } else {
                blockLoops[i].run(
                        segments[a],
                        offsets[a],
                        segments[b],
                        offsets[b],
                        segments[c],
                        offsets[c],
                        segments[r],
                        offsets[r],
                        n);
            }
        }
        return areSummed;
    }

    private boolean sumsRows() {
        int extent = space.chunk;
        return reductions.length > 0
                && Arrays.stream(reductions).allMatch(r -> r.kind == BlockProgram.Kind.SUM)
                && space.planes(extent) == 1
                && space.columns(extent) == space.inner;
    }

    private void reduceRows(BlockProgram.Kind kind, MemorySegment a, long ao, int rows, MemorySegment t, long to) {
        for (int i = 0; i < rows; i++) {
            t.set(Elements.FLOAT, to + 4L * i, loops.reduce(kind, a, ao + 4L * i * space.rowLength, space.rowLength));
        }
    }

    private void store(Workspace w, Memory memory, int extent, boolean ragged) {
        for (int s = 0; s < stores.length; s++) {
            if (ragged || !registers.isDirect[s]) {
                View v = stores[s].target();
                int r = registers.stored[s];
                int view = loads.length + s;
                long at = v.offset() + space.start(view, w.starts) * v.type().bytes();
                MemorySegment to = memory.slot(v.slot());
                BlockTransfer.store(
                        space, view, registers.narrow[r], v.type(), w.segments[r], w.offsets[r], to, at, extent);
            }
        }
    }

    /// What a thread needs to run tasks, one after the other.
    private static final class Workspace {
        MemorySegment memory = MemorySegment.NULL;
        MemorySegment[] segments = {};
        long[] offsets = {};
        float[] scalars = {};
        int[] starts = {};

        void reserve(int registers, int loops, int blocks) {
            if (segments.length < registers) {
                segments = new MemorySegment[registers];
                offsets = new long[registers];
                scalars = new float[registers];
            }
            if (starts.length < loops) {
                starts = new int[loops];
            }
            if (memory.byteSize() < blocks * BLOCK_BYTES) {
                memory = Arena.ofAuto().allocate(blocks * BLOCK_BYTES, 64);
            }
        }
    }
}
