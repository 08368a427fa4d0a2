package adjoint.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.util.ArrayList;
import java.util.List;

/// The most floating-point operations a second that the machine gives: fused multiply-adds on registers alone. Needs the
/// module `jdk.incubator.vector`.
public final class Peak {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int CHAINS = 12; // two units of latency 4 or 5 need 8 to 10
    private static final int ITERATIONS = 2_000_000;
    private static final int ROUNDS = 30;

    private Peak() {}

    /// In 10⁹ operations a second, a multiply-add counting as two; the best of several rounds.
    public static double gigaflops(int threads) {
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            best = Math.max(best, round(threads));
        }
        return best;
    }

    private static double round(int threads) {
        List<Thread> others = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 1; i < threads; i++) {
            others.add(Thread.ofPlatform().start(Peak::spin));
        }
        spin();
        for (Thread other : others) {
            try {
                other.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while measuring the machine's peak", e);
            }
        }
        double operations = 2.0 * threads * ITERATIONS * CHAINS * SPECIES.length();
        return operations / (System.nanoTime() - start);
    }

    private static void spin() {
        if (multiplyAdd(ITERATIONS) == 0) {
            throw new IllegalStateException("the sum of a growing series came out as 0");
        }
    }

    private static float multiplyAdd(int iterations) {
        var x = FloatVector.broadcast(SPECIES, 0.9f);
        var y = FloatVector.broadcast(SPECIES, 0.1f);
        var a = y;
        var b = y;
        var c = y;
        var d = y;
        var e = y;
        var f = y;
        var g = y;
        var h = y;
        var i = y;
        var j = y;
        var k = y;
        var l = y;
        for (int n = 0; n < iterations; n++) {
            a = a.fma(x, y);
            b = b.fma(x, y);
            c = c.fma(x, y);
            d = d.fma(x, y);
            e = e.fma(x, y);
            f = f.fma(x, y);
            g = g.fma(x, y);
            h = h.fma(x, y);
            i = i.fma(x, y);
            j = j.fma(x, y);
            k = k.fma(x, y);
            l = l.fma(x, y);
        }
        var sum = a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).add(k).add(l);
        return sum.lane(0);
    }
}
