package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.ORDER;
import static adjoint.kernel.VectorProductTiles.SPECIES;
import static adjoint.kernel.VectorProductTiles.load;

import jdk.incubator.vector.FloatVector;

import java.lang.foreign.MemorySegment;

/// The linear maps of Winograd's minimal filtering F(4 x 4, 3 x 3) and F(2 x 2, 5 x 5): a tile of 4 x 4 outputs y of a 3 x 3
/// kernel g, or 2 x 2 of a 5 x 5 one, over 6 x 6 inputs d is
///
/// `y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A`
///
/// which takes 36 multiplications in place of 144 or 100 (Lavin, Gray 2016, "Fast Algorithms for Convolutional Neural Networks"). The
/// matrices are those of the points 0, 1, -1, 2, -1/2 and ∞, whose roundings are about half of those of 0, ±1, ±2 and ∞
/// (Barabasz et al. 2020, "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks").
///
/// Each map is one along an axis, applied to several lines of vectors: along the rows of a tile, then along its columns. All
/// offsets and steps are bytes: `line` from one line to the next, `step` from one element of a line to the next.
final class WinogradTransforms {
    private static final int BYTES = SPECIES.vectorByteSize();
    private static final float THIRD = 1 / 3f;
    private static final float FIFTEENTH = 1 / 15f;

    private WinogradTransforms() {}

    private static void store(FloatVector x, MemorySegment to, long at) {
        x.intoMemorySegment(to, at, ORDER);
    }

    /// Six elements to six: `v = Bᵀ d`.
    static void input(
            int lines,
            MemorySegment d,
            long at,
            long line,
            long step,
            MemorySegment v,
            long to,
            long vLine,
            long vStep) {
        var threeHalves = FloatVector.broadcast(SPECIES, 1.5f);
        var two = FloatVector.broadcast(SPECIES, 2f);
        var minusHalf = FloatVector.broadcast(SPECIES, -0.5f);
        for (int i = 0; i < lines; i++) {
            long a = at + i * line;
            var d1 = load(d, a + step);
            var d2 = load(d, a + 2 * step);
            var d3 = load(d, a + 3 * step);
            var s = load(d, a + 4 * step).sub(d2);
            var t = d1.sub(d3);
            long b = to + i * vLine;
            store(threeHalves.fma(t, load(d, a).sub(d2).add(s)), v, b);
            store(s.sub(t).sub(d2.add(d3).mul(threeHalves)), v, b + vStep);
            store(threeHalves.fma(d2.sub(d3), s.add(t)), v, b + 2 * vStep);
            store(minusHalf.fma(t, s), v, b + 3 * vStep);
            store(two.fma(t, s), v, b + 4 * vStep);
            store(load(d, a + 5 * step).sub(d3).add(t).sub(s.mul(threeHalves)), v, b + 5 * vStep);
        }
    }

    /// Six elements to as many as a tile has along an axis, four or two: `y = Aᵀ m`.
    static void output(
            int side,
            int lines,
            MemorySegment m,
            long at,
            long line,
            long step,
            MemorySegment y,
            long to,
            long yLine,
            long yStep) {
        if (side == 4) {
            output4(lines, m, at, line, step, y, to, yLine, yStep);
        } else {
            output2(lines, m, at, line, step, y, to, yLine, yStep);
        }
    }

    private static void output4(
            int lines,
            MemorySegment m,
            long at,
            long line,
            long step,
            MemorySegment y,
            long to,
            long yLine,
            long yStep) {
        var two = FloatVector.broadcast(SPECIES, 2f);
        var minusHalf = FloatVector.broadcast(SPECIES, -0.5f);
        var four = FloatVector.broadcast(SPECIES, 4f);
        var quarter = FloatVector.broadcast(SPECIES, 0.25f);
        var eight = FloatVector.broadcast(SPECIES, 8f);
        var minusEighth = FloatVector.broadcast(SPECIES, -0.125f);
        for (int i = 0; i < lines; i++) {
            long a = at + i * line;
            var m1 = load(m, a + step);
            var m2 = load(m, a + 2 * step);
            var m3 = load(m, a + 3 * step);
            var m4 = load(m, a + 4 * step);
            var even = m1.add(m2);
            var odd = m1.sub(m2);
            long b = to + i * yLine;
            store(load(m, a).add(even).add(m3).add(m4), y, b);
            store(m3.fma(two, m4.fma(minusHalf, odd)), y, b + yStep);
            store(m3.fma(four, m4.fma(quarter, even)), y, b + 2 * yStep);
            store(m3.fma(eight, m4.fma(minusEighth, odd)).add(load(m, a + 5 * step)), y, b + 3 * yStep);
        }
    }

    private static void output2(
            int lines,
            MemorySegment m,
            long at,
            long line,
            long step,
            MemorySegment y,
            long to,
            long yLine,
            long yStep) {
        var two = FloatVector.broadcast(SPECIES, 2f);
        var minusHalf = FloatVector.broadcast(SPECIES, -0.5f);
        for (int i = 0; i < lines; i++) {
            long a = at + i * line;
            var m1 = load(m, a + step);
            var m2 = load(m, a + 2 * step);
            var m3 = load(m, a + 3 * step);
            var m4 = load(m, a + 4 * step);
            long b = to + i * yLine;
            store(load(m, a).add(m1.add(m2)).add(m3).add(m4), y, b);
            store(m3.fma(two, m4.fma(minusHalf, m1.sub(m2))).add(load(m, a + 5 * step)), y, b + yStep);
        }
    }

    /// Four or two elements to six: `m = A y`, the adjoint of [#output].
    static void outputAdjoint(
            int side,
            int lines,
            MemorySegment y,
            long at,
            long line,
            long step,
            MemorySegment m,
            long to,
            long mLine,
            long mStep) {
        if (side == 4) {
            outputAdjoint4(lines, y, at, line, step, m, to, mLine, mStep);
        } else {
            outputAdjoint2(lines, y, at, line, step, m, to, mLine, mStep);
        }
    }

    private static void outputAdjoint4(
            int lines,
            MemorySegment y,
            long at,
            long line,
            long step,
            MemorySegment m,
            long to,
            long mLine,
            long mStep) {
        var eight = FloatVector.broadcast(SPECIES, 8f);
        var four = FloatVector.broadcast(SPECIES, 4f);
        var two = FloatVector.broadcast(SPECIES, 2f);
        var minusEighth = FloatVector.broadcast(SPECIES, -0.125f);
        var quarter = FloatVector.broadcast(SPECIES, 0.25f);
        var minusHalf = FloatVector.broadcast(SPECIES, -0.5f);
        for (int i = 0; i < lines; i++) {
            long a = at + i * line;
            var y0 = load(y, a);
            var y1 = load(y, a + step);
            var y2 = load(y, a + 2 * step);
            var y3 = load(y, a + 3 * step);
            var even = y0.add(y2);
            var odd = y1.add(y3);
            long b = to + i * mLine;
            store(y0, m, b);
            store(even.add(odd), m, b + mStep);
            store(even.sub(odd), m, b + 2 * mStep);
            store(y3.fma(eight, y2.fma(four, y1.fma(two, y0))), m, b + 3 * mStep);
            store(y3.fma(minusEighth, y2.fma(quarter, y1.fma(minusHalf, y0))), m, b + 4 * mStep);
            store(y3, m, b + 5 * mStep);
        }
    }

    private static void outputAdjoint2(
            int lines,
            MemorySegment y,
            long at,
            long line,
            long step,
            MemorySegment m,
            long to,
            long mLine,
            long mStep) {
        var two = FloatVector.broadcast(SPECIES, 2f);
        var minusHalf = FloatVector.broadcast(SPECIES, -0.5f);
        for (int i = 0; i < lines; i++) {
            long a = at + i * line;
            var y0 = load(y, a);
            var y1 = load(y, a + step);
            long b = to + i * mLine;
            store(y0, m, b);
            store(y0.add(y1), m, b + mStep);
            store(y0.sub(y1), m, b + 2 * mStep);
            store(y1.fma(two, y0), m, b + 3 * mStep);
            store(y1.fma(minusHalf, y0), m, b + 4 * mStep);
            store(y1, m, b + 5 * mStep);
        }
    }

    /// As many elements as the kernel has along an axis, three or five, to six: `u = G g`.
    static void kernel(
            int taps,
            int lines,
            MemorySegment g,
            long at,
            long line,
            long step,
            MemorySegment u,
            long to,
            long uLine,
            long uStep) {
        if (taps == 3) {
            kernel3(lines, g, at, line, step, u, to, uLine, uStep);
        } else {
            kernel5(lines, g, at, line, step, u, to, uLine, uStep);
        }
    }

    private static void kernel3(
            int lines,
            MemorySegment g,
            long at,
            long line,
            long step,
            MemorySegment u,
            long to,
            long uLine,
            long uStep) {
        var four = FloatVector.broadcast(SPECIES, 4f);
        var two = FloatVector.broadcast(SPECIES, 2f);
        var minusFour = FloatVector.broadcast(SPECIES, -4f);
        for (int i = 0; i < lines; i++) {
            long a = at + i * line;
            var g0 = load(g, a);
            var g1 = load(g, a + step);
            var g2 = load(g, a + 2 * step);
            var even = g0.add(g2);
            long b = to + i * uLine;
            store(g0, u, b);
            store(even.add(g1).mul(-THIRD), u, b + uStep);
            store(even.sub(g1).mul(THIRD), u, b + 2 * uStep);
            store(g2.fma(four, g1.fma(two, g0)).mul(FIFTEENTH), u, b + 3 * uStep);
            store(g2.fma(minusFour, g1.mul(8).sub(g0.mul(16))).mul(FIFTEENTH), u, b + 4 * uStep);
            store(g2, u, b + 5 * uStep);
        }
    }

    private static void kernel5(
            int lines,
            MemorySegment g,
            long at,
            long line,
            long step,
            MemorySegment u,
            long to,
            long uLine,
            long uStep) {
        var four = FloatVector.broadcast(SPECIES, 4f);
        var two = FloatVector.broadcast(SPECIES, 2f);
        for (int i = 0; i < lines; i++) {
            long a = at + i * line;
            var g0 = load(g, a);
            var g1 = load(g, a + step);
            var g2 = load(g, a + 2 * step);
            var g3 = load(g, a + 3 * step);
            var g4 = load(g, a + 4 * step);
            var even = g0.add(g2).add(g4);
            var odd = g1.add(g3);
            long b = to + i * uLine;
            store(g0, u, b);
            store(even.add(odd).mul(-THIRD), u, b + uStep);
            store(even.sub(odd).mul(THIRD), u, b + 2 * uStep);
            store(g4.mul(16).add(g3.mul(8)).add(g2.fma(four, g1.fma(two, g0))).mul(FIFTEENTH), u, b + 3 * uStep);
            store(g1.mul(8).sub(g0.mul(16)).sub(g2.fma(four, g4).sub(g3.mul(2))).mul(FIFTEENTH), u, b + 4 * uStep);
            store(g4, u, b + 5 * uStep);
        }
    }

    /// Six elements to three or five: `g = Gᵀ u`, the adjoint of [#kernel].
    static void kernelAdjoint(
            int taps,
            int lines,
            MemorySegment u,
            long at,
            long line,
            long step,
            MemorySegment g,
            long to,
            long gLine,
            long gStep) {
        if (taps == 3) {
            kernelAdjoint3(lines, u, at, line, step, g, to, gLine, gStep);
        } else {
            kernelAdjoint5(lines, u, at, line, step, g, to, gLine, gStep);
        }
    }

    private static void kernelAdjoint3(
            int lines,
            MemorySegment u,
            long at,
            long line,
            long step,
            MemorySegment g,
            long to,
            long gLine,
            long gStep) {
        var minusSixteen = FloatVector.broadcast(SPECIES, -16f);
        for (int i = 0; i < lines; i++) {
            long a = at + i * line;
            var u1 = load(u, a + step);
            var u2 = load(u, a + 2 * step);
            var u3 = load(u, a + 3 * step).mul(FIFTEENTH);
            var u4 = load(u, a + 4 * step).mul(FIFTEENTH);
            var odd = u2.sub(u1).mul(THIRD);
            long b = to + i * gLine;
            store(u4.fma(minusSixteen, load(u, a).add(odd).add(u3)), g, b);
            store(u3.mul(2).add(u4.mul(8)).sub(u1.add(u2).mul(THIRD)), g, b + gStep);
            store(u3.sub(u4).mul(4).add(odd).add(load(u, a + 5 * step)), g, b + 2 * gStep);
        }
    }

    private static void kernelAdjoint5(
            int lines,
            MemorySegment u,
            long at,
            long line,
            long step,
            MemorySegment g,
            long to,
            long gLine,
            long gStep) {
        for (int i = 0; i < lines; i++) {
            long a = at + i * line;
            var u1 = load(u, a + step);
            var u2 = load(u, a + 2 * step);
            var u3 = load(u, a + 3 * step).mul(FIFTEENTH);
            var u4 = load(u, a + 4 * step).mul(FIFTEENTH);
            var odd = u2.sub(u1).mul(THIRD);
            var even = u1.add(u2).mul(THIRD);
            long b = to + i * gLine;
            store(load(u, a).add(odd).add(u3).sub(u4.mul(16)), g, b);
            store(u3.mul(2).add(u4.mul(8)).sub(even), g, b + gStep);
            store(u3.sub(u4).mul(4).add(odd), g, b + 2 * gStep);
            store(u3.mul(8).add(u4.mul(2)).sub(even), g, b + 3 * gStep);
            store(u3.mul(16).sub(u4).add(odd).add(load(u, a + 5 * step)), g, b + 4 * gStep);
        }
    }

    /// Adds `count` vectors of a to b.
    static void add(MemorySegment memory, long a, long b, int count) {
        for (int i = 0; i < count; i++) {
            long c = (long) i * BYTES;
            store(load(memory, b + c).add(load(memory, a + c)), memory, b + c);
        }
    }
}
