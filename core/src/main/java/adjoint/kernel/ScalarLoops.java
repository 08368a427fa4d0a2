package adjoint.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// [BlockLoops] in plain Java, for machines without the Vector API.
final class ScalarLoops implements BlockLoops {
    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public BlockLoop loop(Opcode opcode) {
        return switch (opcode) {
            case ADD -> (BlockLoop.Binary) ScalarLoops::add;
            case SUB -> (BlockLoop.Binary) ScalarLoops::sub;
            case MUL -> (BlockLoop.Binary) ScalarLoops::mul;
            case DIV -> (BlockLoop.Binary) ScalarLoops::div;
            case RELU -> (BlockLoop.Unary) ScalarLoops::relu;
            case EXP -> (BlockLoop.Unary) ScalarLoops::exp;
            case TANH -> (BlockLoop.Unary) ScalarLoops::tanh;
            default -> (a, ao, b, bo, c, co, t, to, n) -> others(opcode, a, ao, b, bo, c, co, t, to, n);
        };
    }

    private static float at(MemorySegment memory, long offset, int i) {
        return memory.get(Elements.FLOAT, offset + 4L * i);
    }

    private static void add(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment t, long to, int n) {
        for (int i = 0; i < n; i++) {
            t.set(Elements.FLOAT, to + 4L * i, at(a, ao, i) + at(b, bo, i));
        }
    }

    private static void sub(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment t, long to, int n) {
        for (int i = 0; i < n; i++) {
            t.set(Elements.FLOAT, to + 4L * i, at(a, ao, i) - at(b, bo, i));
        }
    }

    private static void mul(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment t, long to, int n) {
        for (int i = 0; i < n; i++) {
            t.set(Elements.FLOAT, to + 4L * i, at(a, ao, i) * at(b, bo, i));
        }
    }

    private static void div(MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment t, long to, int n) {
        for (int i = 0; i < n; i++) {
            t.set(Elements.FLOAT, to + 4L * i, at(a, ao, i) / at(b, bo, i));
        }
    }

    private static void relu(MemorySegment a, long ao, MemorySegment t, long to, int n) {
        for (int i = 0; i < n; i++) {
            t.set(Elements.FLOAT, to + 4L * i, at(a, ao, i) <= 0 ? 0 : at(a, ao, i));
        }
    }

    private static void exp(MemorySegment a, long ao, MemorySegment t, long to, int n) {
        for (int i = 0; i < n; i++) {
            t.set(Elements.FLOAT, to + 4L * i, (float) Math.exp(at(a, ao, i)));
        }
    }

    private static void tanh(MemorySegment a, long ao, MemorySegment t, long to, int n) {
        for (int i = 0; i < n; i++) {
            t.set(Elements.FLOAT, to + 4L * i, (float) Math.tanh(at(a, ao, i)));
        }
    }

    private static void others(
            Opcode opcode,
            MemorySegment a,
            long ao,
            MemorySegment b,
            long bo,
            MemorySegment c,
            long co,
            MemorySegment t,
            long to,
            int n) {
        int arity = opcode.arity();
        for (int i = 0; i < n; i++) {
            float x = at(a, ao, i);
            float y = arity > 1 ? at(b, bo, i) : 0;
            float z = arity > 2 ? at(c, co, i) : 0;
            t.set(Elements.FLOAT, to + 4L * i, (float) opcode.apply((double) x, y, z));
        }
    }

    @Override
    public Optional<BlockLoop.WithNumber> loopWithNumber(Opcode opcode, boolean first) {
        return switch (opcode) {
            case ADD -> Optional.of(ScalarLoops::addNumber);
            case MUL -> Optional.of(ScalarLoops::mulNumber);
            default -> Optional.empty();
        };
    }

    private static void addNumber(MemorySegment a, long ao, float b, MemorySegment t, long to, int n) {
        for (int i = 0; i < n; i++) {
            t.set(Elements.FLOAT, to + 4L * i, at(a, ao, i) + b);
        }
    }

    private static void mulNumber(MemorySegment a, long ao, float b, MemorySegment t, long to, int n) {
        for (int i = 0; i < n; i++) {
            t.set(Elements.FLOAT, to + 4L * i, at(a, ao, i) * b);
        }
    }

    @Override
    public float reduce(BlockProgram.Kind kind, MemorySegment a, long ao, int n) {
        double result = kind.identity();
        for (int i = 0; i < n; i++) {
            result = kind == BlockProgram.Kind.SUM ? result + at(a, ao, i) : kind.apply(result, at(a, ao, i));
        }
        return (float) result;
    }

    @Override
    public void spread(MemorySegment a, long ao, int rows, int columns, MemorySegment t, long to) {
        for (int i = 0; i < rows; i++) {
            BlockTransfer.fill(at(a, ao, i), t, to + 4L * i * columns, columns);
        }
    }

    @Override
    public void reduceRows(
            BlockProgram.Kind kind, MemorySegment a, long ao, int rows, int columns, MemorySegment t, long to) {
        MemorySegment.copy(a, ao, t, to, 4L * columns);
        for (int i = 1; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                float x = both(kind, at(t, to, j), at(a, ao + 4L * columns * i, j));
                t.set(Elements.FLOAT, to + 4L * j, x);
            }
        }
    }

    static float both(BlockProgram.Kind kind, float x, float y) {
        return switch (kind) {
            case SUM -> x + y;
            case MAX -> Math.max(x, y);
            case MIN -> Math.min(x, y);
        };
    }
}
