package adjoint.kernel;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import adjoint.kernel.FusedLoop.Input;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.lang.System.Logger.Level;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Makes a loop of several instructions, as a class of its own.
///
/// A new loop is slow until the JVM has compiled it, hundreds of times slower than the ready loops of single instructions: so it is
/// run aside, by a thread that ends when it has nothing to do, until it is the faster one; and where it never is, it is not used.
/// The bits are the same either way, but for which NaN a NaN is.
final class LoopCompiler {
    private static final ClassDesc SEGMENT = desc(MemorySegment.class);
    private static final ClassDesc VECTOR = desc(FloatVector.class);
    private static final ClassDesc MATH = desc(VectorMath.class);
    private static final MethodTypeDesc RUN =
            MethodTypeDesc.ofDescriptor(
                    "([Ljava/lang/foreign/MemorySegment;[J[F[IIILjava/lang/foreign/MemorySegment;J)V");

    // Where the arguments of RUN are.
    private static final int SEGMENTS = 1;
    private static final int OFFSETS = 2;
    private static final int SCALARS = 3;
    private static final int REGISTERS = 4;
    private static final int ROWS = 5;
    private static final int COLUMNS = 6;
    private static final int SUMS = 7;
    private static final int SUMS_AT = 8;
    private static final int FIRST_LOCAL = 10;

    private static final Set<Opcode> OPCODES =
            Set.of(
                    Opcode.NEG,
                    Opcode.ABS,
                    Opcode.SQRT,
                    Opcode.RSQRT,
                    Opcode.RECIPROCAL,
                    Opcode.RELU,
                    Opcode.ADD,
                    Opcode.SUB,
                    Opcode.MUL,
                    Opcode.DIV,
                    Opcode.MIN,
                    Opcode.MAX,
                    Opcode.EQ,
                    Opcode.NE,
                    Opcode.LT,
                    Opcode.LE,
                    Opcode.SELECT);

    /// Points of a program from which its loops are worth it: below, everything stays in the near caches.
    private static final long FEWEST_POINTS = 1 << 16;

    /// Elements times instructions after which a program's loops are made.
    private static final long FIRST_WORK = 1 << 26;

    private static final long MOST_NANOS = 10_000_000_000L;
    private static final int TILES_AT_ONCE = 20;

    private final boolean eager;
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

    /// Whether an instruction may be part of a loop.
    static boolean takes(Opcode opcode) {
        return OPCODES.contains(opcode);
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

    /// What gives the loop of a source, or null until there is one that is faster than its instructions one by one.
    Supplier<FusedLoop> loop(FusedLoop.Source source, BlockLoops single) {
        return loops.computeIfAbsent(
                source,
                _ -> {
                    var made = new Made();
                    if (eager) {
                        made.loop = make(source);
                    } else {
                        thread.execute(() -> warm(source, single, made));
                    }
                    return made;
                });
    }

    private static void warm(FusedLoop.Source source, BlockLoops single, Made made) {
        try (var arena = Arena.ofShared()) {
            var trial = new Trial(source, single, arena);
            FusedLoop loop = make(source);
            long start = System.nanoTime();
            int faster = 0;
            while (faster < 3 && System.nanoTime() - start < MOST_NANOS) {
                faster = trial.together(loop, TILES_AT_ONCE) < trial.oneByOne(TILES_AT_ONCE) ? faster + 1 : 0;
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

        Trial(FusedLoop.Source source, BlockLoops loops, Arena arena) {
            this.source = source;
            this.loops = loops;
            int inputs = source.inputs().size();
            int values = inputs + source.code().size();
            single = source.code().stream().map(i -> loops.loop(i.opcode())).toArray(BlockLoop[]::new);
            // Plans' memory is of one kind and workspaces are of another: the loop shall be compiled for both.
            MemorySegment shared = arena.allocate(values * BlockKernel.BLOCK_BYTES, 64);
            MemorySegment auto = Arena.ofAuto().allocate(values * BlockKernel.BLOCK_BYTES, 64);
            sums = Arena.ofAuto().allocate((source.sums().size() + 1) * FusedLoop.SUM_BYTES, 64);
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

        long together(FusedLoop loop, int tiles) {
            long start = System.nanoTime();
            int columns = loops.lanes();
            for (int tile = 0; tile < tiles; tile++) {
                loop.run(segments, offsets, scalars, registers, BlockSpace.TILE / columns, columns, sums, 0);
            }
            return System.nanoTime() - start;
        }

        long oneByOne(int tiles) {
            long start = System.nanoTime();
            int columns = loops.lanes();
            for (int tile = 0; tile < tiles; tile++) {
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
                            BlockSpace.TILE);
                }
                for (int value : source.sums()) {
                    int rows = BlockSpace.TILE / columns;
                    loops.reduceRows(BlockProgram.Kind.SUM, segments[value], offsets[value], rows, columns, sums, 0);
                }
            }
            return System.nanoTime() - start;
        }
    }

    /// The loop as a new class.
    static FusedLoop make(FusedLoop.Source source) {
        byte[] bytes =
                ClassFile.of()
                        .build(
                                ClassDesc.of(FusedLoop.class.getName() + "$Made"),
                                c ->
                                        c.withInterfaceSymbols(desc(FusedLoop.class))
                                                .withMethodBody(
                                                        INIT_NAME,
                                                        MTD_void,
                                                        ClassFile.ACC_PUBLIC,
                                                        code ->
                                                                code.aload(0)
                                                                        .invokespecial(CD_Object, INIT_NAME, MTD_void)
                                                                        .return_())
                                                .withMethodBody(
                                                        "run",
                                                        RUN,
                                                        ClassFile.ACC_PUBLIC,
                                                        code -> new Emitter(code, source).emit()));
        try {
            Class<?> made = MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
            return (FusedLoop) made.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Emits a loop: over columns, a vector at a time, and in it over rows.
    ///
    /// All that is called in the inner loop is the Vector API's own, which C2 always inlines: of methods of ours it inlines no more
    /// once 8,000 bytecodes are together, and vectors would become objects.
    private static final class Emitter {
        private static final MethodTypeDesc UNARY = MethodTypeDesc.of(VECTOR);
        private static final MethodTypeDesc BINARY = MethodTypeDesc.of(VECTOR, desc(Vector.class));
        private static final ClassDesc MASK = desc(VectorMask.class);
        private static final ClassDesc SPECIES = desc(VectorSpecies.class);
        private static final ClassDesc ORDER = desc(ByteOrder.class);
        private static final ClassDesc COMPARISON = desc(VectorOperators.Comparison.class);

        private final CodeBuilder code;
        private final FusedLoop.Source source;
        private final int inputs;
        private final int outputs;
        private final int value; // the first of the values' vectors
        private final int origin; // … of the inputs' segments
        private final int target; // … of the outputs'
        private final int sum; // … of the sums, two each: rows are added to them by turns
        private final int column;
        private final int row; // where it begins
        private final int end; // behind the last row
        private final int at; // of the vector
        private final int x; // for a moment
        private final int y;
        private final int mask;

        Emitter(CodeBuilder code, FusedLoop.Source source) {
            this.code = code;
            this.source = source;
            inputs = source.inputs().size();
            outputs = source.outputs().size();
            value = FIRST_LOCAL;
            origin = value + inputs + source.code().size();
            target = origin + inputs;
            sum = target + outputs;
            column = sum + 2 * source.sums().size();
            row = column + 1;
            end = row + 1;
            at = end + 1;
            x = at + 1;
            y = x + 1;
            mask = y + 1;
        }

        void emit() {
            code.iload(ROWS).iload(COLUMNS).imul().istore(end);
            for (int k = 0; k < inputs + outputs; k++) {
                if (k < inputs && source.inputs().get(k) == Input.NUMBER) {
                    species();
                    code.aload(SCALARS).aload(REGISTERS).loadConstant(k).iaload().faload();
                    broadcast();
                    code.astore(value + k);
                } else {
                    boolean isRow = k < inputs && source.inputs().get(k) == Input.ROW;
                    code.aload(SEGMENTS).aload(REGISTERS).loadConstant(k).iaload().aaload();
                    code.aload(OFFSETS).aload(REGISTERS).loadConstant(k).iaload().laload();
                    code.iload(isRow ? COLUMNS : end);
                    code.invokestatic(MATH, "slice", MethodTypeDesc.of(SEGMENT, SEGMENT, CD_long, CD_int));
                    code.astore(origin + k);
                }
            }
            var nextColumn = code.newLabel();
            var done = code.newLabel();
            code.iconst_0().istore(column);
            code.labelBinding(nextColumn).iload(column).iload(COLUMNS).if_icmpge(done);
            load(Input.ROW, column);
            for (int k = 0; k < 2 * source.sums().size(); k++) {
                species();
                code.loadConstant(-0f); // the one number that changes nothing it is added to
                broadcast();
                code.astore(sum + k);
            }
            rows();
            for (int k = 0; k < source.sums().size(); k++) {
                code.aload(sum + 2 * k).aload(sum + 2 * k + 1).invokevirtual(VECTOR, "add", BINARY);
                code.aload(SUMS).lload(SUMS_AT).loadConstant(k * FusedLoop.SUM_BYTES).ladd();
                bytes(column);
                code.ladd();
                store();
            }
            code.iinc(column, VectorMath.LANES).goto_(nextColumn).labelBinding(done).return_();
        }

        private void rows() {
            var nextRow = code.newLabel();
            var done = code.newLabel();
            code.iconst_0().istore(row);
            code.labelBinding(nextRow).iload(row).iload(end).if_icmpge(done);
            code.iload(row).iload(column).iadd().istore(at);
            vector();
            code.iload(row).iload(COLUMNS).iadd().istore(row);
            code.goto_(nextRow).labelBinding(done);
        }

        // Everything is read before anything of the same elements is written: outputs may take the place of inputs.
        private void vector() {
            load(Input.BLOCK, at);
            for (int k = 0; k < source.code().size(); k++) {
                var instruction = source.code().get(k);
                instruction.operands().forEach(operand -> code.aload(value + operand));
                compute(instruction.opcode());
                code.astore(value + inputs + k);
            }
            for (int k = 0; k < source.sums().size(); k++) {
                int first = sum + 2 * k;
                code.aload(first).aload(value + source.sums().get(k)).invokevirtual(VECTOR, "add", BINARY);
                code.aload(first + 1).astore(first).astore(first + 1);
            }
            for (int k = 0; k < outputs; k++) {
                code.aload(value + source.outputs().get(k)).aload(target + k);
                bytes(at);
                store();
            }
        }

        private void load(Input kind, int index) {
            for (int k = 0; k < inputs; k++) {
                if (source.inputs().get(k) == kind) {
                    species();
                    code.aload(origin + k);
                    bytes(index);
                    code.getstatic(MATH, "ORDER", ORDER);
                    code.invokestatic(
                            VECTOR, "fromMemorySegment", MethodTypeDesc.of(VECTOR, SPECIES, SEGMENT, CD_long, ORDER));
                    code.astore(value + k);
                }
            }
        }

        private void bytes(int index) {
            code.loadConstant((long) Float.BYTES).iload(index).i2l().lmul();
        }

        // Of what is on the stack: vector, segment, offset.
        private void store() {
            code.getstatic(MATH, "ORDER", ORDER);
            code.invokevirtual(VECTOR, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
        }

        private void species() {
            code.getstatic(MATH, "SPECIES", SPECIES);
        }

        private void broadcast() {
            code.invokestatic(VECTOR, "broadcast", MethodTypeDesc.of(VECTOR, SPECIES, CD_float));
        }

        // What the loops of VectorArithmetic compute, of the operands on the stack.
        private void compute(Opcode opcode) {
            String name = opcode.name().toLowerCase(Locale.ROOT);
            switch (opcode) {
                case NEG, ABS, SQRT -> code.invokevirtual(VECTOR, name, UNARY);
                case ADD, SUB, MUL, DIV, MIN, MAX -> code.invokevirtual(VECTOR, name, BINARY);
                case RECIPROCAL -> oneOver();
                case RSQRT -> {
                    code.invokevirtual(VECTOR, "sqrt", UNARY);
                    oneOver();
                }
                case RELU -> {
                    code.astore(x).aload(x).fconst_0().aload(x);
                    compareWithZero("LE");
                    code.invokevirtual(VECTOR, "blend", MethodTypeDesc.of(VECTOR, CD_float, MASK));
                }
                case EQ, NE, LT, LE -> {
                    code.astore(y).getstatic(desc(VectorOperators.class), opcode.name(), COMPARISON).aload(y);
                    code.invokevirtual(VECTOR, "compare", MethodTypeDesc.of(MASK, COMPARISON, desc(Vector.class)));
                    code.astore(mask);
                    species();
                    code.fconst_0();
                    broadcast();
                    code.fconst_1().aload(mask);
                    code.invokevirtual(VECTOR, "blend", MethodTypeDesc.of(VECTOR, CD_float, MASK));
                }
                case SELECT -> {
                    code.astore(y).astore(x);
                    compareWithZero("NE");
                    code.astore(mask).aload(y).aload(x).aload(mask);
                    code.invokevirtual(VECTOR, "blend", MethodTypeDesc.of(VECTOR, desc(Vector.class), MASK));
                }
                default -> throw new IllegalArgumentException(opcode + " is part of no loop");
            }
        }

        private void oneOver() {
            code.astore(x);
            species();
            code.fconst_1();
            broadcast();
            code.aload(x).invokevirtual(VECTOR, "div", BINARY);
        }

        private void compareWithZero(String comparison) {
            code.getstatic(desc(VectorOperators.class), comparison, COMPARISON).fconst_0();
            code.invokevirtual(VECTOR, "compare", MethodTypeDesc.of(MASK, COMPARISON, CD_float));
        }
    }

    private static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }
}
