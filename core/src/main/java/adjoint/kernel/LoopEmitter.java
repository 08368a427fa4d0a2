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
import jdk.incubator.vector.VectorSpecies;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Makes a loop of several instructions, as a class of its own: over tiles, in it over columns, some vectors at a time, and in it over rows.
///
/// What an instruction computes is the method of [VectorMath] with its opcode's name, whose code is copied, and that of those it
/// calls: so all that is called in the inner loop is the Vector API's own, which C2 always inlines. Of methods of ours it inlines
/// no more once 8,000 bytecodes are together, and vectors would become objects.
final class LoopEmitter {
    private static final ClassDesc SEGMENT = desc(MemorySegment.class);
    private static final ClassDesc VECTOR = desc(FloatVector.class);
    private static final ClassDesc MATH = desc(VectorMath.class);
    private static final ClassDesc SPECIES = desc(VectorSpecies.class);
    private static final ClassDesc FLOATS = desc(ValueLayout.OfFloat.class);
    private static final ClassDesc ORDER = desc(ByteOrder.class);
    private static final MethodTypeDesc SUM = MethodTypeDesc.of(VECTOR, desc(Vector.class));
    private static final MethodTypeDesc RUN =
            MethodTypeDesc.ofDescriptor(
                    "([Ljava/lang/foreign/MemorySegment;[J[F[IIIILjava/lang/foreign/MemorySegment;J)V");

    // Where the arguments of RUN are.
    private static final int SEGMENTS = 1;
    private static final int OFFSETS = 2;
    private static final int SCALARS = 3;
    private static final int REGISTERS = 4;
    private static final int TILES = 5;
    private static final int ROWS = 6;
    private static final int COLUMNS = 7;
    private static final int SUMS = 8;
    private static final int SUMS_AT = 9;
    private static final int FIRST_LOCAL = 11;

    /// The methods of [VectorMath] by name and type.
    private static final class Formulas {
        static final Map<String, CodeModel> CODE = read();

        private static Map<String, CodeModel> read() {
            try (var in = VectorMath.class.getResourceAsStream("VectorMath.class")) {
                if (in == null) {
                    throw new IllegalStateException("the class file of " + VectorMath.class.getName() + " is missing");
                }
                ClassModel model = ClassFile.of().parse(in.readAllBytes());
                return model.methods().stream()
                        .filter(m -> m.code().isPresent())
                        .collect(
                                Collectors.toMap(
                                        m -> key(m.methodName().stringValue(), m.methodTypeSymbol()),
                                        m -> m.code().orElseThrow()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        static String key(String name, MethodTypeDesc type) {
            return name + type.descriptorString();
        }
    }

    private final CodeBuilder code;
    private final FusedLoop.Source source;
    private final int inputs;
    private final int outputs;
    private final int values;
    private final int
            value; // the first of the values' vectors, those of each vector of a row behind those of the one before
    private final int origin; // … of the inputs' segments
    private final int target; // … of the outputs'
    private final int sum; // … of the sums, two each: rows are added to them by turns
    private final int tile; // where it begins
    private final int tileLine; // the number of its first row
    private final int tileEnd;
    private final int tileSums; // where its sums go
    private final int column;
    private final int row; // where it begins
    private final int line; // its number
    private final int end; // behind the last tile
    private final int at; // of the first vector
    private final int free; // the first local that nobody has

    private LoopEmitter(CodeBuilder code, FusedLoop.Source source) {
        this.code = code;
        this.source = source;
        inputs = source.inputs().size();
        outputs = source.outputs().size();
        values = inputs + source.code().size();
        value = FIRST_LOCAL;
        origin = value + source.width() * values;
        target = origin + inputs;
        sum = target + outputs;
        tile = sum + 2 * source.width() * source.sums().size();
        tileLine = tile + 1;
        tileEnd = tileLine + 1;
        tileSums = tileEnd + 1;
        column = tileSums + 1;
        row = column + 1;
        line = row + 1;
        end = line + 1;
        at = end + 1;
        free = at + 1;
    }

    private void emit() {
        code.iload(ROWS).iload(TILES).imul().istore(line);
        code.iload(line).iload(COLUMNS).imul().istore(end);
        for (int k = 0; k < inputs + outputs; k++) {
            if (k < inputs && source.inputs().get(k) == Input.NUMBER) {
                species();
                code.aload(SCALARS).aload(REGISTERS).loadConstant(k).iaload().faload();
                broadcast();
                code.astore(value(k, 0));
            } else {
                Input kind = k < inputs ? source.inputs().get(k) : Input.BLOCK;
                code.aload(SEGMENTS).aload(REGISTERS).loadConstant(k).iaload().aaload();
                code.aload(OFFSETS).aload(REGISTERS).loadConstant(k).iaload().laload();
                code.iload(kind == Input.ROW ? COLUMNS : kind == Input.COLUMN ? line : end);
                code.invokestatic(MATH, "slice", MethodTypeDesc.of(SEGMENT, SEGMENT, CD_long, CD_int));
                code.astore(origin + k);
            }
        }
        if (source.isFlat()) {
            elements();
        } else {
            tiles();
        }
        code.return_();
    }

    // C2 unrolls a loop whose step it knows, and checks its bounds once.
    private void elements() {
        var next = code.newLabel();
        var done = code.newLabel();
        code.iconst_0().istore(at);
        code.labelBinding(next).iload(at).iload(end).if_icmpge(done);
        vector(0);
        code.iinc(at, VectorMath.LANES).goto_(next).labelBinding(done);
    }

    private void tiles() {
        var nextTile = code.newLabel();
        var done = code.newLabel();
        code.iconst_0().istore(tile).iconst_0().istore(tileLine).iconst_0().istore(tileSums);
        code.labelBinding(nextTile).iload(tile).iload(end).if_icmpge(done);
        code.iload(ROWS).iload(COLUMNS).imul().iload(tile).iadd().istore(tileEnd);
        columns();
        code.iload(tileEnd).istore(tile);
        code.iload(tileLine).iload(ROWS).iadd().istore(tileLine);
        code.iload(tileSums).iload(COLUMNS).iadd().istore(tileSums);
        code.goto_(nextTile).labelBinding(done);
    }

    private void columns() {
        var nextColumn = code.newLabel();
        var done = code.newLabel();
        int sums = source.sums().size();
        code.iconst_0().istore(column);
        code.labelBinding(nextColumn).iload(column).iload(COLUMNS).if_icmpge(done);
        for (int v = 0; v < source.width(); v++) {
            load(Input.ROW, column, v);
        }
        for (int k = 0; k < 2 * source.width() * sums; k++) {
            species();
            code.loadConstant(-0f); // the one number that changes nothing it is added to
            broadcast();
            code.astore(sum + k);
        }
        rows();
        for (int k = 0; k < source.width() * sums; k++) {
            code.aload(sum + 2 * k).aload(sum + 2 * k + 1).invokevirtual(VECTOR, "add", SUM);
            code.aload(SUMS).lload(SUMS_AT).loadConstant(k % sums * FusedLoop.SUM_BYTES).ladd();
            code.iload(tileSums).iload(column).iadd().istore(at);
            bytes(at, k / sums);
            code.ladd();
            store();
        }
        code.iinc(column, source.width() * VectorMath.LANES).goto_(nextColumn).labelBinding(done);
    }

    private void rows() {
        var nextRow = code.newLabel();
        var done = code.newLabel();
        code.iload(tile).istore(row).iload(tileLine).istore(line);
        code.labelBinding(nextRow).iload(row).iload(tileEnd).if_icmpge(done);
        code.iload(row).iload(column).iadd().istore(at);
        load(Input.COLUMN, line, 0);
        for (int v = 0; v < source.width(); v++) {
            vector(v);
        }
        code.iload(row).iload(COLUMNS).iadd().istore(row).iinc(line, 1);
        code.goto_(nextRow).labelBinding(done);
    }

    // Everything is read before anything of the same elements is written: outputs may take the place of inputs.
    private void vector(int v) {
        load(Input.BLOCK, at, v);
        for (int k = 0; k < source.code().size(); k++) {
            var instruction = source.code().get(k);
            instruction.operands().forEach(operand -> code.aload(value(operand, v)));
            copy(
                    instruction.opcode().name().toLowerCase(Locale.ROOT),
                    MethodTypeDesc.of(VECTOR, Collections.nCopies(instruction.operands().size(), VECTOR)),
                    free);
            code.astore(value(inputs + k, v));
        }
        for (int k = 0; k < source.sums().size(); k++) {
            int first = sum + 2 * (v * source.sums().size() + k);
            code.aload(first).aload(value(source.sums().get(k), v)).invokevirtual(VECTOR, "add", SUM);
            code.aload(first + 1).astore(first).astore(first + 1);
        }
        for (int k = 0; k < outputs; k++) {
            code.aload(value(source.outputs().get(k), v)).aload(target + k);
            bytes(at, v);
            store();
        }
    }

    // Numbers, for all or for each row, are the same in all vectors of a row.
    private int value(int k, int v) {
        boolean isSame =
                k < inputs && (source.inputs().get(k) == Input.NUMBER || source.inputs().get(k) == Input.COLUMN);
        return value + (isSame ? 0 : v * values) + k;
    }

    private void load(Input kind, int index, int v) {
        for (int k = 0; k < inputs; k++) {
            if (source.inputs().get(k) == kind) {
                species();
                code.aload(origin + k);
                if (kind == Input.COLUMN) {
                    code.getstatic(desc(Elements.class), "FLOAT", FLOATS);
                    bytes(index, 0);
                    code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(CD_float, FLOATS, CD_long));
                    broadcast();
                } else {
                    bytes(index, v);
                    code.getstatic(MATH, "ORDER", ORDER);
                    code.invokestatic(
                            VECTOR, "fromMemorySegment", MethodTypeDesc.of(VECTOR, SPECIES, SEGMENT, CD_long, ORDER));
                }
                code.astore(value(k, v));
            }
        }
    }

    // Of a float, some vectors on.
    private void bytes(int index, int vectors) {
        code.loadConstant((long) Float.BYTES).iload(index);
        if (vectors > 0) {
            code.loadConstant(vectors * VectorMath.LANES).iadd();
        }
        code.i2l().lmul();
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

    /// Vector operations that an opcode takes, roughly; 0 if it cannot be part of a loop.
    static int operations(Opcode opcode) {
        return switch (opcode) {
            case NEG, ABS, SQRT, RECIPROCAL, ADD, SUB, MUL, DIV, MIN, MAX -> 1;
            case RSQRT, RELU, EQ, NE, LT, LE, SELECT -> 2;
            case ROUND -> 7;
            case EXP, EXPM1, TANH, SIGMOID -> 25;
            case LOG, LOG1P -> 35;
            case ERF, SOFTPLUS -> 60;
            default -> 0;
        };
    }

    /// The loop as a new class. One at a time: whether models of class files may be shared is nowhere said.
    static synchronized FusedLoop make(FusedLoop.Source source) {
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
                                                        code -> new LoopEmitter(code, source).emit()));
        try {
            Class<?> made = MethodHandles.lookup().defineHiddenClass(bytes, true).lookupClass();
            return (FusedLoop) made.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    // Puts a method of VectorMath here instead of a call: its arguments are on the stack, and its result will be.
    private void copy(String name, MethodTypeDesc type, int locals) {
        CodeModel method = Formulas.CODE.get(Formulas.key(name, type));
        int behind = locals + ((CodeAttribute) method).maxLocals();
        int slot = locals + type.parameterList().stream().mapToInt(t -> TypeKind.from(t).slotSize()).sum();
        for (ClassDesc parameter : type.parameterList().reversed()) {
            TypeKind kind = TypeKind.from(parameter);
            slot -= kind.slotSize();
            code.storeLocal(kind, slot);
        }
        for (CodeElement element : method) {
            switch (element) {
                case LoadInstruction load -> code.loadLocal(load.typeKind(), locals + load.slot());
                case StoreInstruction store -> code.storeLocal(store.typeKind(), locals + store.slot());
                case InvokeInstruction call when call.owner().matches(MATH) ->
                        copy(call.name().stringValue(), call.typeSymbol(), behind);
                case ReturnInstruction _ -> {} // the last one, since no method branches
                case FieldInstruction _,
                        InvokeInstruction _,
                        ConstantInstruction _,
                        TypeCheckInstruction _,
                        OperatorInstruction _,
                        ConvertInstruction _,
                        StackInstruction _ ->
                        code.with(element);
                case Instruction other ->
                        throw new IllegalStateException(
                                "VectorMath." + name + " has " + other.opcode() + ": not copied");
                default -> {} // lines and names of variables
            }
        }
    }

    private static ClassDesc desc(Class<?> type) {
        return type.describeConstable().orElseThrow();
    }
}
