package adjoint.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Interprets a [BlockProgram] row by row (without rows: point by point), in row-major order: the definition that faster machines are tested
/// against.
final class ReferenceProgram implements Kernel {
    private final BlockProgram program;
    private final View[] loads;
    private final BlockProgram.Instruction[] code;
    private final BlockProgram.Store[] stores;
    private final BlockProgram.Reduction[] reductions;

    ReferenceProgram(BlockProgram program) {
        this.program = program;
        this.loads = program.loads().toArray(View[]::new);
        this.code = program.code().toArray(BlockProgram.Instruction[]::new);
        this.stores = program.stores().toArray(BlockProgram.Store[]::new);
        this.reductions = program.reductions().toArray(BlockProgram.Reduction[]::new);
    }

    @Override
    public void run(Memory memory, long scratch, Team team) {
        if (program.compute() == DType.INT64) {
            runIntegers(memory);
        } else {
            runFloats(memory);
        }
    }

    private void runFloats(Memory memory) {
        boolean single = program.compute() == DType.FLOAT32;
        int length = Math.max(1, program.rowLength());
        var registers = new double[loads.length + code.length][length];
        var results = new double[reductions.length][];
        for (int i = 0; i < reductions.length; i++) {
            results[i] = new double[Math.toIntExact(reductions[i].target().size())];
            Arrays.fill(results[i], reductions[i].kind().identity());
        }
        var reading = new Walk(program.dims());
        var writing = new Walk(program.dims());
        for (long row = program.points() / length; row > 0; row--) {
            for (int p = 0; p < length; p++, reading.next()) {
                for (int i = 0; i < loads.length; i++) {
                    View v = loads[i];
                    double x = Elements.get(memory.slot(v.slot()), v.type(), reading.offset(v));
                    registers[i][p] = single ? (float) x : x;
                }
            }
            for (int i = 0; i < code.length; i++) {
                compute(code[i], registers, registers[loads.length + i], single);
            }
            for (int p = 0; p < length; p++, writing.next()) {
                for (var s : stores) {
                    View v = s.target();
                    Elements.set(memory.slot(v.slot()), v.type(), writing.offset(v), registers[s.register()][p]);
                }
                int at = reductions.length == 0 ? 0 : writing.kept(program.reduced());
                for (int i = 0; i < reductions.length; i++) {
                    double x = registers[reductions[i].register()][p];
                    results[i][at] = reductions[i].kind().apply(results[i][at], x);
                }
            }
        }
        for (int i = 0; i < reductions.length; i++) {
            View v = reductions[i].target();
            MemorySegment target = memory.slot(v.slot());
            for (int j = 0; j < results[i].length; j++) {
                Elements.set(target, v.type(), v.offset() + (long) j * v.type().bytes(), results[i][j]);
            }
        }
    }

    // One instruction at all points of a row.
    private static void compute(BlockProgram.Instruction c, double[][] registers, double[] target, boolean single) {
        Opcode op = c.opcode();
        if (op.row() != null) {
            double all = Arrays.stream(registers[c.a()]).reduce(op.row().identity(), op.row()::apply);
            Arrays.fill(target, all);
            return;
        }
        for (int p = 0; p < target.length; p++) {
            target[p] =
                    switch (op.arity()) {
                        case 0 -> single ? (float) c.constant() : c.constant();
                        case 1 -> op.apply(registers[c.a()][p], 0, 0);
                        case 2 -> op.apply(registers[c.a()][p], registers[c.b()][p], 0);
                        default -> op.apply(registers[c.a()][p], registers[c.b()][p], registers[c.c()][p]);
                    };
        }
    }

    private void runIntegers(Memory memory) {
        var registers = new long[loads.length + code.length];
        var results = new long[reductions.length][];
        for (int i = 0; i < reductions.length; i++) {
            results[i] = new long[Math.toIntExact(reductions[i].target().size())];
            Arrays.fill(results[i], (long) reductions[i].kind().identity());
        }
        var walk = new Walk(program.dims());
        for (long p = program.points(); p > 0; p--, walk.next()) {
            for (int i = 0; i < loads.length; i++) {
                View v = loads[i];
                registers[i] = Elements.getLong(memory.slot(v.slot()), v.type(), walk.offset(v));
            }
            for (int i = 0; i < code.length; i++) {
                var c = code[i];
                registers[loads.length + i] =
                        switch (c.opcode().arity()) {
                            case 0 -> (long) c.constant();
                            case 1 -> c.opcode().apply(registers[c.a()], 0L, 0L);
                            case 2 -> c.opcode().apply(registers[c.a()], registers[c.b()], 0L);
                            default -> c.opcode().apply(registers[c.a()], registers[c.b()], registers[c.c()]);
                        };
            }
            for (var s : stores) {
                View v = s.target();
                Elements.setLong(memory.slot(v.slot()), v.type(), walk.offset(v), registers[s.register()]);
            }
            int at = reductions.length == 0 ? 0 : walk.kept(program.reduced());
            for (int i = 0; i < reductions.length; i++) {
                long x = registers[reductions[i].register()];
                results[i][at] =
                        switch (reductions[i].kind()) {
                            case SUM -> results[i][at] + x;
                            case MAX -> Math.max(results[i][at], x);
                            case MIN -> Math.min(results[i][at], x);
                        };
            }
        }
        for (int i = 0; i < reductions.length; i++) {
            View v = reductions[i].target();
            MemorySegment target = memory.slot(v.slot());
            for (int j = 0; j < results[i].length; j++) {
                Elements.setLong(target, v.type(), v.offset() + (long) j * v.type().bytes(), results[i][j]);
            }
        }
    }

    /// The coordinates of the current point.
    static final class Walk {
        private final int[] dims;
        private final int[] at;

        Walk(int[] dims) {
            this.dims = dims;
            this.at = new int[dims.length];
        }

        void next() {
            for (int i = dims.length - 1; i >= 0; i--) {
                if (++at[i] < dims[i]) {
                    return;
                }
                at[i] = 0;
            }
        }

        /// Byte offset of the current point's element.
        long offset(View view) {
            long element = 0;
            for (int i = 0; i < at.length; i++) {
                element += at[i] * view.strides()[i];
            }
            return view.offset() + element * view.type().bytes();
        }

        /// Row-major position among the axes that are not reduced.
        int kept(boolean[] reduced) {
            int position = 0;
            for (int i = 0; i < at.length; i++) {
                if (!reduced[i]) {
                    position = position * dims[i] + at[i];
                }
            }
            return position;
        }
    }
}
