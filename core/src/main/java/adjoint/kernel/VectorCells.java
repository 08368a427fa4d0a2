package adjoint.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.lang.foreign.MemorySegment;

/// The elementwise part of a [Recurrence]'s steps, a row of `n` units at a time (whole vectors), in place.
///
/// Columns of a row follow each other; offsets are bytes. More loops than one for a cell, because the compiler gives up
/// inlining where many functions meet (see [VectorFunctions]).
final class VectorCells {
    private static final int LANES = VectorMath.LANES;

    private VectorCells() {}

    /// `a = σ(a + x)`
    static void sigmoid(MemorySegment a, long ao, MemorySegment x, long xo, int n) {
        a = VectorMath.slice(a, ao, n);
        x = VectorMath.slice(x, xo, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = VectorMath.load(a, 4L * i).add(VectorMath.load(x, 4L * i));
            VectorMath.sigmoid(v).intoMemorySegment(a, 4L * i, VectorMath.ORDER);
        }
    }

    /// `a = tanh(a + x)`
    static void tanh(MemorySegment a, long ao, MemorySegment x, long xo, int n) {
        a = VectorMath.slice(a, ao, n);
        x = VectorMath.slice(x, xo, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = VectorMath.load(a, 4L * i).add(VectorMath.load(x, 4L * i));
            VectorMath.tanh(v).intoMemorySegment(a, 4L * i, VectorMath.ORDER);
        }
    }

    /// `a = max(0, a + x)`
    static void relu(MemorySegment a, long ao, MemorySegment x, long xo, int n) {
        a = VectorMath.slice(a, ao, n);
        x = VectorMath.slice(x, xo, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = VectorMath.load(a, 4L * i).add(VectorMath.load(x, 4L * i));
            v.max(0f).intoMemorySegment(a, 4L * i, VectorMath.ORDER);
        }
    }

    /// `a += x`
    static void add(MemorySegment a, long ao, MemorySegment x, long xo, int n) {
        a = VectorMath.slice(a, ao, n);
        x = VectorMath.slice(x, xo, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector v = VectorMath.load(a, 4L * i).add(VectorMath.load(x, 4L * i));
            v.intoMemorySegment(a, 4L * i, VectorMath.ORDER);
        }
    }

    /// From a GRU's gates (columns `h r z s n` at `yo`; `r` and `z` done, `s` still a product) to its state.
    static void gru(
            MemorySegment y,
            long yo,
            MemorySegment previous,
            long po,
            MemorySegment x,
            long xo,
            MemorySegment bias,
            long bo,
            int n) {
        MemorySegment state = VectorMath.slice(y, yo, n);
        MemorySegment reset = VectorMath.slice(y, yo + 4L * n, n);
        MemorySegment update = VectorMath.slice(y, yo + 8L * n, n);
        MemorySegment product = VectorMath.slice(y, yo + 12L * n, n);
        MemorySegment candidate = VectorMath.slice(y, yo + 16L * n, n);
        previous = VectorMath.slice(previous, po, n);
        x = VectorMath.slice(x, xo, n);
        bias = VectorMath.slice(bias, bo, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector s = VectorMath.load(product, 4L * i).add(VectorMath.load(bias, 4L * i));
            FloatVector c = VectorMath.tanh(VectorMath.load(reset, 4L * i).fma(s, VectorMath.load(x, 4L * i)));
            FloatVector h = VectorMath.load(update, 4L * i).fma(VectorMath.load(previous, 4L * i).sub(c), c);
            s.intoMemorySegment(product, 4L * i, VectorMath.ORDER);
            c.intoMemorySegment(candidate, 4L * i, VectorMath.ORDER);
            h.intoMemorySegment(state, 4L * i, VectorMath.ORDER);
        }
    }

    /// From an LSTM's gates (columns `h c i f g o tanh(c)` at `yo`) to its state; `po` is where the `c` before stands.
    static void lstm(MemorySegment y, long yo, MemorySegment previous, long po, int n) {
        MemorySegment state = VectorMath.slice(y, yo, n);
        MemorySegment cell = VectorMath.slice(y, yo + 4L * n, n);
        MemorySegment in = VectorMath.slice(y, yo + 8L * n, n);
        MemorySegment forget = VectorMath.slice(y, yo + 12L * n, n);
        MemorySegment candidate = VectorMath.slice(y, yo + 16L * n, n);
        MemorySegment out = VectorMath.slice(y, yo + 20L * n, n);
        MemorySegment tanh = VectorMath.slice(y, yo + 24L * n, n);
        previous = VectorMath.slice(previous, po, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector fresh = VectorMath.load(in, 4L * i).mul(VectorMath.load(candidate, 4L * i));
            FloatVector c = VectorMath.load(forget, 4L * i).fma(VectorMath.load(previous, 4L * i), fresh);
            FloatVector t = VectorMath.tanh(c);
            c.intoMemorySegment(cell, 4L * i, VectorMath.ORDER);
            t.intoMemorySegment(tanh, 4L * i, VectorMath.ORDER);
            VectorMath.load(out, 4L * i).mul(t).intoMemorySegment(state, 4L * i, VectorMath.ORDER);
        }
    }

    /// `da = (dh + g) (1 - h²)`; then `dh = 0`, as what passes by the product.
    static void tanhAdjoint(
            MemorySegment y,
            long yo,
            MemorySegment g,
            long go,
            MemorySegment dh,
            long dho,
            MemorySegment da,
            long dao,
            int n) {
        y = VectorMath.slice(y, yo, n);
        g = VectorMath.slice(g, go, n);
        dh = VectorMath.slice(dh, dho, n);
        da = VectorMath.slice(da, dao, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector h = VectorMath.load(y, 4L * i);
            FloatVector d = VectorMath.load(dh, 4L * i).add(VectorMath.load(g, 4L * i));
            d.mul(oneMinusSquare(h)).intoMemorySegment(da, 4L * i, VectorMath.ORDER);
            FloatVector.broadcast(VectorMath.SPECIES, 0).intoMemorySegment(dh, 4L * i, VectorMath.ORDER);
        }
    }

    /// `da = dh + g` where `h > 0`, else 0; then `dh = 0`.
    static void reluAdjoint(
            MemorySegment y,
            long yo,
            MemorySegment g,
            long go,
            MemorySegment dh,
            long dho,
            MemorySegment da,
            long dao,
            int n) {
        y = VectorMath.slice(y, yo, n);
        g = VectorMath.slice(g, go, n);
        dh = VectorMath.slice(dh, dho, n);
        da = VectorMath.slice(da, dao, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector h = VectorMath.load(y, 4L * i);
            FloatVector d = VectorMath.load(dh, 4L * i).add(VectorMath.load(g, 4L * i));
            FloatVector.broadcast(VectorMath.SPECIES, 0)
                    .blend(d, h.compare(VectorOperators.GT, 0f))
                    .intoMemorySegment(da, 4L * i, VectorMath.ORDER);
            FloatVector.broadcast(VectorMath.SPECIES, 0).intoMemorySegment(dh, 4L * i, VectorMath.ORDER);
        }
    }

    private static FloatVector oneMinusSquare(FloatVector x) {
        return x.neg().fma(x, FloatVector.broadcast(VectorMath.SPECIES, 1f));
    }

    // x (1 - x)
    private static FloatVector slope(FloatVector x) {
        return x.neg().fma(x, x);
    }

    /// The cotangents of `a_n, x_r, x_z, x_n` at `dao`; then `dh = dh z`.
    static void gruAdjoint(
            MemorySegment y,
            long yo,
            MemorySegment previous,
            long po,
            MemorySegment g,
            long go,
            MemorySegment dh,
            long dho,
            MemorySegment da,
            long dao,
            int n) {
        MemorySegment reset = VectorMath.slice(y, yo + 4L * n, n);
        MemorySegment update = VectorMath.slice(y, yo + 8L * n, n);
        MemorySegment product = VectorMath.slice(y, yo + 12L * n, n);
        MemorySegment candidate = VectorMath.slice(y, yo + 16L * n, n);
        MemorySegment an = VectorMath.slice(da, dao, n);
        MemorySegment xr = VectorMath.slice(da, dao + 4L * n, n);
        MemorySegment xz = VectorMath.slice(da, dao + 8L * n, n);
        MemorySegment xn = VectorMath.slice(da, dao + 12L * n, n);
        previous = VectorMath.slice(previous, po, n);
        g = VectorMath.slice(g, go, n);
        dh = VectorMath.slice(dh, dho, n);
        for (int i = 0; i < n; i += LANES) {
            FloatVector r = VectorMath.load(reset, 4L * i);
            FloatVector z = VectorMath.load(update, 4L * i);
            FloatVector c = VectorMath.load(candidate, 4L * i);
            FloatVector d = VectorMath.load(dh, 4L * i).add(VectorMath.load(g, 4L * i));
            FloatVector dz = d.mul(VectorMath.load(previous, 4L * i).sub(c)).mul(slope(z));
            FloatVector dn = d.sub(d.mul(z)).mul(oneMinusSquare(c));
            FloatVector dr = dn.mul(VectorMath.load(product, 4L * i)).mul(slope(r));
            dn.mul(r).intoMemorySegment(an, 4L * i, VectorMath.ORDER);
            dr.intoMemorySegment(xr, 4L * i, VectorMath.ORDER);
            dz.intoMemorySegment(xz, 4L * i, VectorMath.ORDER);
            dn.intoMemorySegment(xn, 4L * i, VectorMath.ORDER);
            d.mul(z).intoMemorySegment(dh, 4L * i, VectorMath.ORDER);
        }
    }

    /// The cotangents of the gates `i f g o` at `dao`; `dh` and `dc` (at `dho`, one behind the other) become 0 and `dc f`.
    ///
    /// @param po where the `c` before stands
    static void lstmAdjoint(
            MemorySegment y,
            long yo,
            MemorySegment previous,
            long po,
            MemorySegment g,
            long go,
            MemorySegment dh,
            long dho,
            MemorySegment da,
            long dao,
            int n) {
        MemorySegment in = VectorMath.slice(y, yo + 8L * n, n);
        MemorySegment forget = VectorMath.slice(y, yo + 12L * n, n);
        MemorySegment candidate = VectorMath.slice(y, yo + 16L * n, n);
        MemorySegment out = VectorMath.slice(y, yo + 20L * n, n);
        MemorySegment tanh = VectorMath.slice(y, yo + 24L * n, n);
        MemorySegment di = VectorMath.slice(da, dao, n);
        MemorySegment df = VectorMath.slice(da, dao + 4L * n, n);
        MemorySegment dg = VectorMath.slice(da, dao + 8L * n, n);
        MemorySegment dout = VectorMath.slice(da, dao + 12L * n, n);
        MemorySegment dc = VectorMath.slice(dh, dho + 4L * n, n);
        previous = VectorMath.slice(previous, po, n);
        g = VectorMath.slice(g, go, n);
        dh = VectorMath.slice(dh, dho, n);
        for (int k = 0; k < n; k += LANES) {
            FloatVector i = VectorMath.load(in, 4L * k);
            FloatVector f = VectorMath.load(forget, 4L * k);
            FloatVector c = VectorMath.load(candidate, 4L * k);
            FloatVector o = VectorMath.load(out, 4L * k);
            FloatVector t = VectorMath.load(tanh, 4L * k);
            FloatVector d = VectorMath.load(dh, 4L * k).add(VectorMath.load(g, 4L * k));
            FloatVector dcell = d.mul(o).fma(oneMinusSquare(t), VectorMath.load(dc, 4L * k));
            dcell.mul(c).mul(slope(i)).intoMemorySegment(di, 4L * k, VectorMath.ORDER);
            dcell.mul(VectorMath.load(previous, 4L * k)).mul(slope(f)).intoMemorySegment(df, 4L * k, VectorMath.ORDER);
            dcell.mul(i).mul(oneMinusSquare(c)).intoMemorySegment(dg, 4L * k, VectorMath.ORDER);
            d.mul(t).mul(slope(o)).intoMemorySegment(dout, 4L * k, VectorMath.ORDER);
            dcell.mul(f).intoMemorySegment(dc, 4L * k, VectorMath.ORDER);
            FloatVector.broadcast(VectorMath.SPECIES, 0).intoMemorySegment(dh, 4L * k, VectorMath.ORDER);
        }
    }
}
