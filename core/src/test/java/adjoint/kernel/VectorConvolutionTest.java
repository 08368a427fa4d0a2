package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import adjoint.kernel.Step.Convolution.Operand;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/// Vector kernels of convolution and pooling against the reference, over awkward sizes.
///
/// Numbers are small integers, on which all sums are exact: results must be equal, and so must those of any team.
class VectorConvolutionTest {
    private static final double MEAN_TERM = 0.25; // the size of a product of two numbers from -1 to 1

    private static final List<Team> TEAMS = List.of(new Team(1), new Team(2), new Team(3), new Team(7));
    private static final int[] CHANNELS = {1, 2, 3, 5, 7, 8, 13, 16, 17, 31, 32, 33, 48, 64};
    private static final float GUARD = 12345;
    private static final long MARGIN = 64;

    @AfterAll
    static void close() {
        TEAMS.forEach(Team::close);
    }

    private static int pick(SplittableRandom random, int... values) {
        return values[random.nextInt(values.length)];
    }

    /// The geometry of one spatial axis.
    private record Axis(int in, int kernel, int out, int stride, int before, int dilation) {
        static Axis random(SplittableRandom random) {
            while (true) {
                int in = pick(random, 1, 2, 3, 4, 5, 7, 8, 9, 13, 17);
                int kernel = pick(random, 1, 2, 3, 5);
                int stride = pick(random, 1, 1, 2, 3);
                int dilation = pick(random, 1, 1, 2, 3);
                int before = random.nextInt(-1, 4);
                int after = random.nextInt(-1, 4);
                int room = in + before + after - (kernel - 1) * dilation - 1;
                if (room >= 0) {
                    return new Axis(in, kernel, room / stride + 1, stride, before, dilation);
                }
            }
        }
    }

    private static int[] each(Axis[] axes, java.util.function.ToIntFunction<Axis> part) {
        return Arrays.stream(axes).mapToInt(part).toArray();
    }

    private static int[] dims(int first, int[] middle, int... last) {
        int[] d = new int[1 + middle.length + last.length];
        d[0] = first;
        System.arraycopy(middle, 0, d, 1, middle.length);
        System.arraycopy(last, 0, d, 1 + middle.length, last.length);
        return d;
    }

    private static View view(int slot, int... dims) {
        return View.dense(slot, MARGIN, DType.FLOAT32, dims);
    }

    private static Step.Convolution convolution(Operand target, int n, int groups, int c, int k, Axis... axes) {
        int[] w = Arrays.copyOf(each(axes, Axis::kernel), axes.length + 2);
        w[axes.length] = c;
        w[axes.length + 1] = groups * k;
        return new Step.Convolution(
                target,
                view(1, dims(n, each(axes, Axis::in), groups * c)),
                view(2, w),
                view(3, dims(n, each(axes, Axis::out), groups * k)),
                each(axes, Axis::stride),
                each(axes, Axis::before),
                each(axes, Axis::dilation),
                groups);
    }

    @ParameterizedTest
    @EnumSource(Operand.class)
    void convolutionsAgree(Operand target) {
        for (int seed = 0; seed < 200; seed++) {
            var random = new SplittableRandom(seed);
            int groups = pick(random, 1, 1, 1, 2, 3);
            Axis[] axes = new Axis[random.nextInt(1, 3)];
            Arrays.setAll(axes, _ -> Axis.random(random));
            int c = pick(random, CHANNELS);
            int k = pick(random, CHANNELS);
            check(convolution(target, random.nextInt(1, 4), groups, c, k, axes), seed);
        }
    }

    @ParameterizedTest
    @EnumSource(Operand.class)
    void depthwiseAgrees(Operand target) {
        for (int seed = 0; seed < 80; seed++) {
            var random = new SplittableRandom(seed);
            Axis[] axes = new Axis[random.nextInt(1, 3)];
            Arrays.setAll(axes, _ -> Axis.random(random));
            int groups = pick(random, 2, 3, 5, 7, 13, 16, 17, 33, 64);
            var step = convolution(target, random.nextInt(1, 4), groups, 1, 1, axes);
            assertInstanceOf(VectorDepthwise.class, new VectorKernels().prepare(step));
            check(step, seed);
        }
    }

    // Of several bands, blocks of terms, parts and panels.
    @ParameterizedTest
    @EnumSource(Operand.class)
    void largeSizesAreCut(Operand target) {
        Axis square = new Axis(40, 3, 40, 1, 1, 1);
        Axis half = new Axis(41, 3, 21, 2, 1, 1);
        check(convolution(target, 2, 1, 96, 3, square, square), 1);
        check(convolution(target, 3, 1, 33, 17, square, half), 2);
        check(convolution(target, 5, 1, 16, 80, half, half), 3);
        check(convolution(target, 1, 2, 300, 10, new Axis(5, 1, 5, 1, 0, 1), square), 4);
        check(convolution(target, 37, 16, 1, 1, square, half), 5);
    }

    // Heights and widths that leave parts of tiles, all paddings that leave no window empty, several blocks and parts,
    // more terms than are added
    // in registers.
    @ParameterizedTest
    @EnumSource(Operand.class)
    void tilesOfWinogradRoundAFewTimesAsMuch(Operand target) {
        int[] channels = {32, 48, 64, 80};
        int checked = 0;
        for (int seed = 0; checked < 10; seed++) {
            var random = new SplittableRandom(seed);
            int taps = pick(random, 3, 5);
            Axis[] axes = new Axis[2];
            Arrays.setAll(axes, _ -> tiled(random, taps));
            int images = random.nextInt(5, 15);
            var step = convolution(target, images, 1, pick(random, channels), pick(random, channels), axes);
            if (WinogradTiles.take(step)) {
                roundsByTiles(step, seed);
                checked++;
            }
        }
        Axis square = new Axis(14, 3, 14, 1, 1, 1);
        roundsByTiles(convolution(target, 15, 1, 272, 64, square, square), 1);
        roundsByTiles(convolution(target, 16, 1, 64, 272, square, square), 2);
        Axis wide = new Axis(8, 5, 8, 1, 2, 1);
        roundsByTiles(convolution(target, 8, 1, 272, 32, wide, wide), 3);
        roundsByTiles(convolution(target, 8, 1, 32, 272, wide, wide), 4);
    }

    // Of a sum inside the picture.
    private static long terms(Step.Convolution step) {
        int[] w = step.w().dims();
        int[] y = step.y().dims();
        return switch (step.target()) {
            case Y -> (long) w[0] * w[1] * w[2];
            case X -> (long) w[0] * w[1] * w[3];
            case W -> (long) y[0] * y[1] * y[2];
        };
    }

    private static Axis tiled(SplittableRandom random, int taps) {
        int in = random.nextInt(taps + 1, 23);
        int before = random.nextInt(0, taps);
        return new Axis(in, taps, in + before + random.nextInt(0, taps) - taps + 1, 1, before, 1);
    }

    private static void roundsByTiles(Step.Convolution step, int seed) {
        assertEquals(
                step.target() == Operand.W ? WinogradKernelAdjoint.class : WinogradConvolution.class,
                new VectorKernels().prepare(step).getClass());
        DoubleUnaryOperator any = i -> new SplittableRandom(seed * 1_000_003L + (long) i).nextDouble(-1, 1);
        byte[] bits = run(new VectorKernels(), step, TEAMS.getFirst(), any);
        var fast = MemorySegment.ofArray(bits);
        var exact = MemorySegment.ofArray(run(new ReferenceKernels(), step, TEAMS.get(1), any));
        // At the rim the terms are fewer, but errors are those of a whole tile; up to 11 units were seen.
        double worst = 0;
        for (long i = MARGIN / 4; i < fast.byteSize() / 4 - MARGIN / 4; i++) {
            double error = Math.abs(fast.getAtIndex(Elements.FLOAT, i) - (double) exact.getAtIndex(Elements.FLOAT, i));
            worst = Math.max(worst, error);
        }
        double share = worst / (terms(step) * MEAN_TERM);
        assertTrue(
                share <= 16 * 0x1p-24, () -> "seed %d, %s of the terms' size: %s".formatted(seed, share, text(step)));
        for (Team team : TEAMS) {
            assertArrayEquals(bits, run(new VectorKernels(), step, team, any));
        }
    }

    @ParameterizedTest
    @EnumSource(Operand.class)
    void windowsOfZerosAloneGiveZero(Operand target) {
        for (int taps : new int[] {3, 5}) {
            var usual = new Axis(16, taps, 16, 1, taps / 2, 1);
            for (int before : new int[] {-1, taps}) {
                var wide = new Axis(16, taps, 19 - taps + before, 1, before, 1);
                check(convolution(target, 20, 1, 32, 32, usual, wide), before);
            }
            if (target == Operand.X) { // whose last column no window reads
                check(convolution(target, 20, 1, 32, 32, usual, new Axis(16, taps, 16 - taps, 1, 0, 1)), 1);
            }
        }
    }

    @Test
    void fewTilesOrMostlyEmptyOnesAreLeftToOthers() {
        Axis eight = new Axis(8, 3, 8, 1, 1, 1);
        Axis five = new Axis(5, 3, 5, 1, 1, 1);
        Axis broad = new Axis(8, 5, 8, 1, 2, 1);
        for (Operand target : Operand.values()) {
            assertTrue(WinogradTiles.take(convolution(target, 32, 1, 32, 32, eight, eight)));
            assertTrue(WinogradTiles.take(convolution(target, 8, 1, 32, 32, broad, broad)));
            assertFalse(WinogradTiles.take(convolution(target, 32, 1, 32, 32, eight, broad)));
            assertFalse(WinogradTiles.take(convolution(target, 31, 1, 32, 32, eight, eight)));
            assertFalse(WinogradTiles.take(convolution(target, 32, 1, 16, 32, eight, eight)));
            assertFalse(WinogradTiles.take(convolution(target, 32, 1, 32, 33, eight, eight)));
            assertFalse(WinogradTiles.take(convolution(target, 32, 2, 32, 32, eight, eight)));
            assertFalse(WinogradTiles.take(convolution(target, 128, 1, 64, 64, five, five)));
        }
    }

    @Test
    void whatIsNotFlatFallsToTheReference() {
        Axis a = new Axis(4, 2, 3, 1, 0, 1);
        assertInstanceOf(
                ReferenceConvolution.class, new VectorKernels().prepare(convolution(Operand.Y, 1, 1, 2, 2, a, a, a)));
        check(convolution(Operand.W, 0, 1, 2, 3, a, a), 1);
        Axis tooFar = new Axis(40_000, 1, 40_000, 1, 0, 1);
        assertInstanceOf(
                ReferenceConvolution.class,
                new VectorKernels().prepare(convolution(Operand.Y, 1, 1, 2, 2, tooFar, tooFar)));
    }

    @ParameterizedTest
    @EnumSource(Operand.class)
    void roundsAsWellAsFloatsCan(Operand target) {
        Axis axis = new Axis(16, 3, 16, 1, 1, 1);
        roundsWell(convolution(target, 8, 1, 24, 40, axis, axis), target == Operand.W ? 8 * 256 : 9 * 40);
    }

    private static void roundsWell(Step.Convolution step, double n) {
        DoubleUnaryOperator any = i -> Math.sin(i * 1.7);
        byte[] bits = run(new VectorKernels(), step, TEAMS.getFirst(), any);
        var exact = MemorySegment.ofArray(run(new ReferenceKernels(), step, TEAMS.getFirst(), any));
        var fast = MemorySegment.ofArray(bits);
        // Terms are at most 1; each of n roundings errs by at most 2⁻²⁴ of a partial sum of √n in all likelihood.
        for (long i = MARGIN / 4; i < fast.byteSize() / 4 - MARGIN / 4; i++) {
            double error = Math.abs(fast.getAtIndex(Elements.FLOAT, i) - (double) exact.getAtIndex(Elements.FLOAT, i));
            assertTrue(error <= n * Math.sqrt(n) * 0x1p-24, () -> step.target() + ": " + error);
        }
        for (Team team : TEAMS) {
            assertArrayEquals(bits, run(new VectorKernels(), step, team, any));
        }
    }

    private static Step.Pool pool(Step.Pool.Form form, int n, int channels, Axis... axes) {
        View x = view(1, dims(n, each(axes, Axis::in), channels));
        View y = view(2, dims(n, each(axes, Axis::out), channels));
        View v = view(3, x.dims());
        List<View> sources =
                switch (form) {
                    case MAX, SUM -> List.of(x);
                    case TAKE -> List.of(x, v);
                    case SCATTER -> List.of(x, y);
                    case SPREAD -> List.of(y);
                };
        View target =
                switch (form) {
                    case MAX, SUM, TAKE -> y;
                    case SCATTER, SPREAD -> v;
                };
        return new Step.Pool(
                form,
                sources,
                target,
                each(axes, Axis::kernel),
                each(axes, Axis::stride),
                each(axes, Axis::before),
                each(axes, Axis::dilation));
    }

    // Max pooling needs an element in each window.
    private static boolean isFull(Axis a) {
        for (int o = 0; o < a.out; o++) {
            int inside = 0;
            for (int r = 0; r < a.kernel; r++) {
                int x = o * a.stride + r * a.dilation - a.before;
                inside += x >= 0 && x < a.in ? 1 : 0;
            }
            if (inside == 0) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @EnumSource(Step.Pool.Form.class)
    void poolingAgrees(Step.Pool.Form form) {
        int checked = 0;
        for (int seed = 0; seed < 300; seed++) {
            var random = new SplittableRandom(seed);
            Axis[] axes = new Axis[random.nextInt(1, 3)];
            Arrays.setAll(axes, _ -> Axis.random(random));
            if (Arrays.stream(axes).allMatch(VectorConvolutionTest::isFull)) {
                var step = pool(form, random.nextInt(1, 4), pick(random, CHANNELS), axes);
                assertInstanceOf(VectorPool.class, new VectorKernels().prepare(step));
                check(step, seed);
                checked++;
            }
        }
        assertTrue(checked > 50, "only " + checked + " shapes");
    }

    @ParameterizedTest
    @EnumSource(Step.Pool.Form.class)
    void poolingKeepsNaN(Step.Pool.Form form) {
        Axis axis = new Axis(9, 3, 5, 2, 1, 1);
        var step = pool(form, 2, 19, axis, axis);
        DoubleUnaryOperator numbers = i -> i % 7 == 3 ? Double.NaN : i * 31 % 11;
        byte[] expected = run(new ReferenceKernels(), step, TEAMS.getFirst(), numbers);
        assertArrayEquals(expected, run(new VectorKernels(), step, TEAMS.getFirst(), numbers));
    }

    private static void check(Step step, int seed) {
        DoubleUnaryOperator integers = i -> new SplittableRandom(seed * 1_000_003L + (long) i).nextInt(-4, 5);
        byte[] expected = run(new ReferenceKernels(), step, TEAMS.get(1), integers);
        for (Team team : TEAMS) {
            byte[] actual = run(new VectorKernels(), step, team, integers);
            int at = Arrays.mismatch(expected, actual);
            assertEquals(-1, at, () -> "seed %d, team %d, byte %d: %s".formatted(seed, team.size(), at, text(step)));
        }
    }

    private static String text(Step step) {
        return step.sources().stream().map(v -> Arrays.toString(v.dims())).toList()
                + " -> "
                + Arrays.toString(step.targets().getFirst().dims())
                + (step instanceof Step.Convolution c
                        ? " stride "
                                + Arrays.toString(c.stride())
                                + " before "
                                + Arrays.toString(c.before())
                                + " dilation "
                                + Arrays.toString(c.dilation())
                                + " groups "
                                + c.groups()
                        : "");
    }

    // The target's bytes, with a margin on both sides that must not change.
    private static byte[] run(Kernels kernels, Step step, Team team, DoubleUnaryOperator numbers) {
        try (var arena = Arena.ofShared()) {
            var kernel = kernels.prepare(step);
            var slots = new MemorySegment[4];
            slots[0] = arena.allocate(kernel.scratchBytes() + MARGIN, 64);
            Arrays.fill(slots, 1, 4, slots[0]);
            for (View view : step.sources()) {
                slots[view.slot()] = arena.allocate(4 * view.size() + MARGIN, 64);
                for (long i = 0; i < view.size(); i++) {
                    float number = (float) numbers.applyAsDouble(i * 4 + view.slot());
                    slots[view.slot()].set(Elements.FLOAT, MARGIN + 4 * i, number);
                }
            }
            View target = step.targets().getFirst();
            MemorySegment to = arena.allocate(4 * target.size() + 2 * MARGIN, 64);
            slots[target.slot()] = to;
            for (long i = 0; i < to.byteSize() / 4; i++) {
                to.setAtIndex(Elements.FLOAT, i, GUARD);
            }
            kernel.run(new Memory(slots), MARGIN, team);
            for (long i = 0; i < to.byteSize() / 4; i++) { // a sum of zeros of both signs may be either
                to.setAtIndex(Elements.FLOAT, i, to.getAtIndex(Elements.FLOAT, i) + 0.0f);
            }
            return to.toArray(Elements.BYTE);
        }
    }
}
