package adjoint.kernel;

import java.util.List;

/// One instruction of a plan: what to compute, from and into which memory. The language between the planner and the machines.
///
/// Target views never overlap a source of the same step, with one exception: a [BlockProgram] may store to exactly the
/// elements that it loads (updates in place).
public sealed interface Step
        permits BlockProgram,
                AttentionForward,
                AttentionBackward,
                Step.Product,
                Step.Convolution,
                Step.Pool,
                Recurrence,
                RecurrenceAdjoint,
                Step.Gather,
                Step.ScatterAdd,
                Step.TakeAlongAxis,
                Step.ScatterAddAlongAxis,
                Step.ArgReduce,
                Step.CumulativeSum,
                Step.ArgSort,
                Step.Random,
                Step.Iota,
                Step.Custom {

    /// What it reads.
    List<View> sources();

    /// What it writes, whole or (a copy into part of a larger array) in part.
    List<View> targets();

    /// Its floating-point operations: two for each multiply-add, one for each elementwise instruction at each point; 0
    /// where numbers are only moved.
    default long flops() {
        return 0;
    }

    /// Matrix product `target[…, i, j] = Σ_k left[…, i, k] right[…, k, j]`, of floats of one type. All three views have the
    /// same rank (at least 2) and the same batch axes before the last two; batch strides of 0 repeat an operand, and
    /// swapped strides are a transpose. The target is dense; each element is summed in one fixed order.
    record Product(View left, View right, View target) implements Step {
        @Override
        public List<View> sources() {
            return List.of(left, right);
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }

        @Override
        public long flops() {
            int[] d = left.dims();
            return 2 * target.size() * d[d.length - 1];
        }
    }

    /// A convolution (cross-correlation, as all of deep learning means it), or one of its two adjoints, channels last:
    ///
    /// `y[n, o…, g K + k] = Σ_{r…, c} x[n, o stride + r dilation - before…, g C + c] · w[r…, c, g K + k]`
    ///
    /// with x `[N, in…, G C]`, w `[kernel…, C, G K]`, y `[N, out…, G K]` for `G` groups; x is 0 outside. The same formula
    /// read backwards gives the adjoints, since it is linear in each of x, w, y. All dense, of one floating type; any
    /// number of spatial axes; each sum in one fixed order.
    ///
    /// @param target which of the three views is computed from the other two
    /// @param stride for each spatial axis, positive
    /// @param before zeros that stand before x on each spatial axis (negative: cut off)
    /// @param dilation for each spatial axis, positive
    record Convolution(Operand target, View x, View w, View y, int[] stride, int[] before, int[] dilation, int groups)
            implements Step {
        /// The three tensors that a convolution ties together.
        public enum Operand {
            /// The input; as the target: the adjoint with respect to it.
            X,
            /// The kernel (weights); as the target: the adjoint with respect to it.
            W,
            /// The output: the convolution itself.
            Y
        }

        @Override
        public List<View> sources() {
            return switch (target) {
                case X -> List.of(w, y);
                case W -> List.of(x, y);
                case Y -> List.of(x, w);
            };
        }

        @Override
        public List<View> targets() {
            return List.of(
                    switch (target) {
                        case X -> x;
                        case W -> w;
                        case Y -> y;
                    });
        }

        @Override
        public long flops() {
            return 2 * y.size() * (w.size() / w.dims()[w.dims().length - 1]);
        }
    }

    /// Windows that slide over the spatial axes of x `[N, in…, C]`, with y `[N, out…, C]`: window `o` of an axis holds the
    /// elements `o stride + r dilation - before` for `r = 0 … size - 1`, as far as they lie inside x. All dense, of one floating
    /// type; each sum in one fixed order.
    ///
    /// @param sources x for `MAX` and `SUM`, y for `SPREAD`, x and v for `TAKE`, x and y for `SCATTER`
    /// @param target y for `MAX`, `TAKE` and `SUM`, an array like x for the others
    record Pool(Form form, List<View> sources, View target, int[] size, int[] stride, int[] before, int[] dilation)
            implements Step {
        /// What is done with the windows.
        public enum Form {
            /// The largest element of each; a NaN counts as the largest.
            MAX,
            /// The element of v where x has the (first) largest of the window.
            TAKE,
            /// Zeros, and y added where x has the (first) largest of the window: the adjoint of `TAKE`.
            SCATTER,
            /// The sum of each.
            SUM,
            /// Zeros, and y added to all elements of the window: the adjoint of `SUM`.
            SPREAD
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }

        @Override
        public long flops() {
            boolean reads = form == Form.SPREAD || form == Form.SCATTER;
            return (reads ? sources.getLast() : target).size() * Elements.product(size, 0, size.length);
        }
    }

    /// `target[a…, i…, b…] = table[a…, index[i…], b…]` where `axis` counts the leading axes `a`; `index` is an integer view
    /// of any rank. All dense. An index outside the axis is an [IndexOutOfBoundsException] that names it and its position.
    record Gather(View table, View index, View target, int axis) implements Step {
        @Override
        public List<View> sources() {
            return List.of(table, index);
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// The adjoint of [Gather]: target is zeroed, then `target[a…, index[i…], b…] += updates[a…, i…, b…]`, in the order of
    /// the indices.
    record ScatterAdd(View index, View updates, View target, int axis) implements Step {
        @Override
        public List<View> sources() {
            return List.of(index, updates);
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// `target[…, i, …] = source[…, index[…, i, …], …]`: all of one rank, index and target of the same shape. All dense.
    record TakeAlongAxis(View source, View index, View target, int axis) implements Step {
        @Override
        public List<View> sources() {
            return List.of(source, index);
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// The adjoint of [TakeAlongAxis]: target is zeroed, then `target[…, index[…, i, …], …] += updates[…, i, …]`, in order.
    record ScatterAddAlongAxis(View index, View updates, View target, int axis) implements Step {
        @Override
        public List<View> sources() {
            return List.of(index, updates);
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// The position (INT64) of the largest (or smallest) element along an axis, the first one of equals; a NaN counts as
    /// the extreme. The target lacks the axis. Dense.
    record ArgReduce(View source, View target, int axis, boolean max) implements Step {
        @Override
        public List<View> sources() {
            return List.of(source);
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// Running sum along an axis: of elements 0 … i, or i … n-1 if `reverse`. Dense.
    record CumulativeSum(View source, View target, int axis, boolean reverse) implements Step {
        @Override
        public List<View> sources() {
            return List.of(source);
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// The positions (INT64) that sort an axis, stable; NaN sorts as larger than all numbers. Dense.
    record ArgSort(View source, View target, int axis, boolean descending) implements Step {
        @Override
        public List<View> sources() {
            return List.of(source);
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// Random numbers from [Philox]: element `i` of the target depends on the key and on `i` alone.
    ///
    /// @param key dense INT64 view of two elements: seed and stream
    record Random(Distribution distribution, View key, View target) implements Step {
        @Override
        public List<View> sources() {
            return List.of(key);
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// The kinds of random numbers.
    enum Distribution {
        /// Uniform in [0, 1).
        UNIFORM,
        /// Standard normal.
        NORMAL
    }

    /// `target[…, i, …] = i` along an axis. Dense.
    record Iota(View target, int axis) implements Step {
        @Override
        public List<View> sources() {
            return List.of();
        }

        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// A function that the user wrote. All views dense.
    record Custom(Function function, String name, List<View> sources, View target) implements Step {
        @Override
        public List<View> targets() {
            return List.of(target);
        }
    }

    /// What a user's function does: read the sources, fill the target.
    @FunctionalInterface
    interface Function {
        /// @param sources the inputs' elements in row-major order
        /// @param target the elements to set, zero at first
        void compute(List<Values> sources, Values target);
    }
}
