package adjoint.plan;

import adjoint.kernel.BlockProgram;
import adjoint.kernel.BlockProgram.Instruction;
import adjoint.kernel.BlockProgram.Reduction;
import adjoint.kernel.BlockProgram.Store;
import adjoint.kernel.DType;
import adjoint.kernel.Opcode;
import adjoint.kernel.Recurrence;
import adjoint.kernel.RecurrenceAdjoint;
import adjoint.kernel.Step;
import adjoint.kernel.Step.Convolution.Operand;
import adjoint.kernel.View;
import adjoint.tensor.After;
import adjoint.tensor.ArgReduce;
import adjoint.tensor.ArgSort;
import adjoint.tensor.Attention;
import adjoint.tensor.AttentionGradient;
import adjoint.tensor.Binary;
import adjoint.tensor.Cast;
import adjoint.tensor.Compare;
import adjoint.tensor.Concat;
import adjoint.tensor.Convolution;
import adjoint.tensor.CumulativeSum;
import adjoint.tensor.CustomOp;
import adjoint.tensor.Fill;
import adjoint.tensor.Gather;
import adjoint.tensor.Iota;
import adjoint.tensor.MatMul;
import adjoint.tensor.Pad;
import adjoint.tensor.Pool;
import adjoint.tensor.RandomOp;
import adjoint.tensor.Recurrent;
import adjoint.tensor.RecurrentAdjoint;
import adjoint.tensor.Reduce;
import adjoint.tensor.ScatterAdd;
import adjoint.tensor.ScatterAddAlongAxis;
import adjoint.tensor.Select;
import adjoint.tensor.Shape;
import adjoint.tensor.TakeAlongAxis;
import adjoint.tensor.Unary;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Writes a unit as steps for the machine, once all its operands are placed.
final class Lowering {
    private Lowering() {}

    /// @param stored which members' results must be in memory
    static List<Step> steps(Unit unit, Predicate<Node> stored) {
        if (unit.isFused()) {
            return List.of(new Fused(unit).program(stored));
        }
        Node node = unit.members.getFirst();
        View target = dense(node);
        return switch (node.op) {
            case MatMul _ -> List.of(product(node, target));
            case Convolution c -> List.of(convolution(c, node, target));
            case Pool p -> List.of(pool(p, node, target));
            case Attention _, AttentionGradient _ -> List.of(AttentionLowering.step(unit, stored));
            case Recurrent r -> List.of(recurrence(r.cell(), views(node), target));
            case RecurrentAdjoint r -> List.of(recurrenceAdjoint(r.cell(), views(node), target));
            case Gather g -> List.of(new Step.Gather(dense(node.input(0)), dense(node.input(1)), target, g.axis()));
            case ScatterAdd s ->
                    List.of(new Step.ScatterAdd(dense(node.input(0)), dense(node.input(1)), target, s.axis()));
            case TakeAlongAxis t ->
                    List.of(new Step.TakeAlongAxis(dense(node.input(0)), dense(node.input(1)), target, t.axis()));
            case ScatterAddAlongAxis s ->
                    List.of(new Step.ScatterAddAlongAxis(dense(node.input(0)), dense(node.input(1)), target, s.axis()));
            case ArgReduce a -> List.of(new Step.ArgReduce(dense(node.input(0)), target, a.axis(), a.max()));
            case CumulativeSum c ->
                    List.of(new Step.CumulativeSum(dense(node.input(0)), target, c.axis(), c.reverse()));
            case ArgSort a -> List.of(new Step.ArgSort(dense(node.input(0)), target, a.axis(), a.descending()));
            case RandomOp r -> List.of(new Step.Random(r.distribution(), dense(node.input(0)), target));
            case Iota i -> List.of(new Step.Iota(target, i.axis()));
            case Fill f -> List.of(fill(target, f.value()));
            case After _ -> List.of(copy(node.input(0).layout.view(node.shape()), target));
            case Concat c -> concat(c, node);
            case Pad p -> pad(p, node, target);
            case CustomOp c -> List.of(new Step.Custom(c, c.label(), views(node), target));
            default -> throw new AssertionError("no step for " + node.op);
        };
    }

    /// Whether the op reads its inputs with any strides; the others want them dense.
    static boolean takesStrides(Node node) {
        return switch (node.op) {
            case MatMul _, Attention _, AttentionGradient _, After _, Concat _, Pad _ -> true;
            default -> Fuser.isFusable(node);
        };
    }

    /// Whether the op's step writes results of any strides, the last axis without gaps; the others write them dense.
    static boolean writesStrides(Node node) {
        return node.op instanceof AttentionGradient;
    }

    static View dense(Node node) {
        return node.layout.view(node.shape());
    }

    private static List<View> views(Node node) {
        return node.inputs.stream().map(Lowering::dense).toList();
    }

    // A bias comes fourth if the cell has one, lengths come last if they are given.
    private static Step recurrence(Recurrence.Cell cell, List<View> in, View target) {
        boolean biased = cell == Recurrence.Cell.GRU;
        Optional<View> bias = biased ? Optional.of(in.get(3)) : Optional.empty();
        Optional<View> lengths = in.stream().skip(biased ? 4 : 3).findFirst();
        return new Recurrence(cell, in.get(0), in.get(1), in.get(2), bias, lengths, target);
    }

    // Behind the cotangent and the trace come the recurrence's inputs.
    private static Step recurrenceAdjoint(Recurrence.Cell cell, List<View> in, View target) {
        Optional<View> lengths = in.stream().skip(cell == Recurrence.Cell.GRU ? 6 : 5).findFirst();
        return new RecurrenceAdjoint(cell, in.get(0), in.get(1), in.get(3), in.get(4), lengths, target);
    }

    static Step.Product product(Node node, View target) {
        Shape left = node.input(0).shape();
        Shape right = node.input(1).shape();
        Shape shape = node.shape();
        Shape wideLeft = shape.with(-1, left.dim(-1));
        Shape wideRight = shape.with(-2, right.dim(-2));
        return new Step.Product(matrix(node.input(0), wideLeft), matrix(node.input(1), wideRight), target);
    }

    private static Step convolution(Convolution op, Node node, View target) {
        View first = dense(node.input(0));
        View second = dense(node.input(1));
        View x = op.target() == Operand.X ? target : first;
        View w = op.target() == Operand.W ? target : op.target() == Operand.X ? first : second;
        View y = op.target() == Operand.Y ? target : second;
        return new Step.Convolution(
                op.target(),
                x,
                w,
                y,
                op.stride().toArray(),
                op.before().toArray(),
                op.dilation().toArray(),
                op.groups());
    }

    private static Step pool(Pool op, Node node, View target) {
        return new Step.Pool(
                op.form(),
                node.inputs.stream().map(Lowering::dense).toList(),
                target,
                op.size().toArray(),
                op.stride().toArray(),
                op.before().toArray(),
                op.dilation().toArray());
    }

    // Only the batch axes broadcast; a matrix axis of extent 1 equals the one asked for.
    private static View matrix(Node node, Shape shape) {
        return node.layout.view(shape);
    }

    private static Step fill(View target, double value) {
        var constant = new Instruction(Opcode.CONSTANT, 0, 0, 0, value);
        return program(target, List.of(), List.of(constant));
    }

    static Step copy(View source, View target) {
        return program(target, List.of(source), List.of());
    }

    private static Step program(View target, List<View> loads, List<Instruction> code) {
        return new BlockProgram(
                target.type().computeType(),
                target.dims(),
                loads,
                code,
                List.of(new Store(0, target)),
                List.of(),
                new boolean[target.dims().length]);
    }

    private static List<Step> concat(Concat op, Node node) {
        List<Step> steps = new ArrayList<>();
        List<Layout> parts = Layout.parts(node, op.axis());
        for (int i = 0; i < parts.size(); i++) {
            Node input = node.input(i);
            boolean isThere = input.layout.base().layout.base() == node;
            if (input.shape().size() > 0 && !isThere) {
                steps.add(copy(input.layout.view(input.shape()), parts.get(i).view(input.shape())));
            }
        }
        return steps;
    }

    private static List<Step> pad(Pad op, Node node, View target) {
        Node input = node.input(0);
        long[] strides = View.denseStrides(node.shape().dims());
        long start = 0;
        for (int i = 0; i < strides.length; i++) {
            start += op.before().at(i) * strides[i];
            strides[i] *= op.gap().at(i) + 1;
        }
        Step zero = fill(target, 0);
        if (input.shape().size() == 0) {
            return List.of(zero);
        }
        long offset = node.offset + start * node.type().bytes();
        View inside = new View(node.slot, offset, node.type(), input.shape().dims(), strides);
        return List.of(zero, copy(input.layout.view(input.shape()), inside));
    }

    /// A unit of elementwise operations and a reduction, written as a block program.
    private static final class Fused {
        // The same node may be read by members of both widths.
        private record Read(Node input, boolean wide) {}

        private final Unit unit;
        private final List<View> loads = new ArrayList<>();
        private final List<Instruction> code = new ArrayList<>();
        private final Map<Read, Integer> loaded = new HashMap<>();
        private final Map<Node, Integer> registers = new HashMap<>(); // of members
        private final Map<Double, Integer> constants = new HashMap<>();

        Fused(Unit unit) {
            this.unit = unit;
        }

        BlockProgram program(Predicate<Node> stored) {
            for (Node member : unit.members) {
                for (Node input : member.inputs) {
                    var read = new Read(input, isWide(member));
                    if (input.layout.base().unit != unit && !(input.op instanceof Fill) && !loaded.containsKey(read)) {
                        loaded.put(read, loads.size());
                        loads.add(unit.operand(member, input));
                    }
                }
            }
            List<Store> stores = new ArrayList<>();
            List<Reduction> reductions = new ArrayList<>();
            boolean[] reduced = new boolean[unit.space.rank()];
            for (Node member : unit.members) {
                if (member.op instanceof Reduce r && !member.inRow) {
                    Shape kept = unit.space;
                    for (int axis : r.axes().toArray()) {
                        reduced[axis] = true;
                        kept = kept.with(axis, 1);
                    }
                    View target = View.dense(member.slot, member.offset, member.type(), kept.dims());
                    reductions.add(new Reduction(r.kind(), register(member, member.input(0)), target));
                } else {
                    registers.put(member, compute(member));
                    if (stored.test(member)) {
                        stores.add(new Store(registers.get(member), target(member)));
                    }
                }
            }
            int[] dims = unit.space.dims();
            return new BlockProgram(unit.compute, dims, loads, code, stores, reductions, reduced, unit.rowAxes);
        }

        private boolean isWide(Node member) {
            return member.op instanceof Reduce || !unit.isNarrow(member);
        }

        // A narrow member is written once for each row: its view stands still along it.
        private View target(Node member) {
            if (!unit.isNarrow(member)) {
                return dense(member);
            }
            long[] strides = Arrays.copyOf(View.denseStrides(unit.rows().dims()), unit.space.rank());
            return new View(member.slot, member.offset, member.type(), unit.space.dims(), strides);
        }

        private int register(Node member, Node input) {
            if (input.op instanceof Fill f) {
                return constant(f.value());
            }
            Node base = input.layout.base();
            return base.unit == unit ? registers.get(base) : loaded.get(new Read(input, isWide(member)));
        }

        private int constant(double value) {
            return constants.computeIfAbsent(value, v -> emit(Opcode.CONSTANT, 0, 0, 0, v));
        }

        private int emit(Opcode opcode, int a, int b, int c, double constant) {
            code.add(new Instruction(opcode, a, b, c, constant));
            return loads.size() + code.size() - 1;
        }

        private int compute(Node node) {
            int result = evaluate(node);
            return wraps(node) ? emit(Opcode.TO_INT32, result, 0, 0, 0) : result;
        }

        // Registers of integers have 64 bits: what may have left the range of 32 must come back into it.
        private static boolean wraps(Node node) {
            boolean arithmetic =
                    switch (node.op) {
                        case Unary.NEG, Unary.ABS, Binary.ADD, Binary.SUB, Binary.MUL -> true;
                        default -> false;
                    };
            return arithmetic && node.type() == DType.INT32;
        }

        private int evaluate(Node node) {
            int a = register(node, node.input(0));
            return switch (node.op) {
                case Reduce r -> emit(Opcode.row(r.kind()), a, 0, 0, 0);
                case Unary u -> emit(u.opcode(), a, 0, 0, 0);
                case Binary b -> emit(b.opcode(), a, register(node, node.input(1)), 0, 0);
                case Compare c -> emit(c.opcode(), a, register(node, node.input(1)), 0, 0);
                case Select _ ->
                        emit(Opcode.SELECT, a, register(node, node.input(1)), register(node, node.input(2)), 0);
                case Cast cast -> cast(node.input(0).type(), cast.to(), a);
                default -> throw new AssertionError(node.op);
            };
        }

        private int cast(DType from, DType to, int a) {
            if (to == DType.BOOL && from != DType.BOOL) {
                return emit(Opcode.NE, a, constant(0), 0, 0);
            }
            if (to == DType.INT32 && (from.isFloating() || from == DType.INT64)) {
                return emit(Opcode.TO_INT32, a, 0, 0, 0);
            }
            return to == DType.INT64 && from.isFloating() ? emit(Opcode.TO_INT64, a, 0, 0, 0) : a;
        }
    }
}
