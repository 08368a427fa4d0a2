package adjoint.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import adjoint.kernel.DType;
import adjoint.kernel.Kernel;
import adjoint.kernel.Memory;
import adjoint.kernel.ReferenceKernels;
import adjoint.kernel.Step;
import adjoint.kernel.Step.Convolution.Operand;
import adjoint.kernel.Team;
import adjoint.kernel.View;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

class NativeConvolutionTest {
    private static final int[] TEAMS = {1, 2, 3, 7};
    private static final float GUARD = 12345;

    private static View view(int slot, long offset, int... dims) {
        return View.dense(slot, offset, DType.FLOAT32, dims);
    }

    /// A convolution whose x, w, y are in slots 1, 2, 3.
    private static Step.Convolution step(
            Operand target, int[] x, int[] w, int[] y, int[] stride, int[] before, int[] dilation, int groups) {
        return new Step.Convolution(
                target, view(1, 8, x), view(2, 4, w), view(3, 12, y), stride, before, dilation, groups);
    }

    /// A square 3 x 3 convolution that keeps the size.
    private static Step.Convolution plain(Operand target, int images, int side, int c, int k) {
        int[] one = {1, 1};
        return step(
                target,
                new int[] {images, side, side, c},
                new int[] {3, 3, c, k},
                new int[] {images, side, side, k},
                one,
                one,
                one,
                1);
    }

    private static Step.Convolution random(Operand target, Random random) {
        int axes = 1 + random.nextInt(2);
        int[] channels = {1, 2, 3, 5, 7, 8, 13, 16, 17, 33};
        int groups = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 1;
        int c = channels[random.nextInt(channels.length)];
        int k = channels[random.nextInt(channels.length)];
        int[] x = new int[axes + 2];
        int[] w = new int[axes + 2];
        int[] y = new int[axes + 2];
        int[] stride = new int[axes];
        int[] before = new int[axes];
        int[] dilation = new int[axes];
        x[0] = y[0] = 1 + random.nextInt(5);
        x[axes + 1] = groups * c;
        w[axes] = c;
        w[axes + 1] = y[axes + 1] = groups * k;
        for (int i = 0; i < axes; i++) {
            stride[i] = 1 + random.nextInt(3);
            dilation[i] = 1 + random.nextInt(2);
            w[i] = 1 + random.nextInt(5);
            before[i] = random.nextInt(3);
            int after = random.nextInt(3);
            int reach = (w[i] - 1) * dilation[i] + 1;
            x[i + 1] = Math.max(1, reach - before[i] - after) + random.nextInt(14);
            y[i + 1] = (x[i + 1] + before[i] + after - reach) / stride[i] + 1;
        }
        return step(target, x, w, y, stride, before, dilation, groups);
    }

    @ParameterizedTest
    @EnumSource
    void awkwardShapesAgreeWithTheReference(Operand target) {
        var random = new Random(7);
        int taken = 0;
        for (int i = 0; i < 150; i++) {
            var step = random(target, random);
            try {
                Kernel kernel = NativeConvolution.of(TestLibrary.DNNL, step);
                if (kernel != null) {
                    taken++;
                    agrees(kernel, step, random);
                }
            } catch (OneDnnException e) {
                assertThat(e).hasMessageContaining("has only plain loops");
            }
        }
        assertThat(taken).isGreaterThan(120);
    }

    @ParameterizedTest
    @EnumSource
    void shapesOfRealNetworksAgreeWithTheReference(Operand target) {
        var random = new Random(3);
        for (var step :
                List.of(
                        plain(target, 13, 16, 16, 16),
                        plain(target, 7, 8, 64, 64),
                        plain(target, 5, 17, 3, 16),
                        step(
                                target,
                                new int[] {3, 14, 14, 32},
                                new int[] {5, 5, 32, 64},
                                new int[] {3, 10, 10, 64},
                                new int[] {1, 1},
                                new int[] {0, 0},
                                new int[] {1, 1},
                                1))) {
            agrees(NativeConvolution.of(TestLibrary.DNNL, step), step, random);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyTeamGivesTheSameBits(Operand target) {
        for (int images : new int[] {1, 2, 16, 29}) {
            var step = plain(target, images, 24, 16, 24);
            Kernel kernel = NativeConvolution.prepare(TestLibrary.DNNL, step);
            try (var arena = Arena.ofShared()) {
                MemorySegment expected = null;
                for (int size : TEAMS) {
                    var memory = memory(arena, kernel, step, new Random(1));
                    try (var team = new Team(size)) {
                        kernel.run(memory, 64, team);
                    }
                    var found = memory.slot(step.targets().getFirst().slot());
                    expected = expected == null ? found : expected;
                    assertEquals(-1, expected.mismatch(found), "other bits with a team of " + size);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyThreadsMayUseOneKernelAtOnce(Operand target) throws Exception {
        var step = plain(target, 9, 16, 16, 17);
        Kernel kernel = NativeConvolution.prepare(TestLibrary.DNNL, step);
        try (var arena = Arena.ofShared();
                var team = new Team(2);
                var executor = Executors.newFixedThreadPool(8)) {
            var expected = memory(arena, kernel, step, new Random(5));
            kernel.run(expected, 64, team);
            int slot = step.targets().getFirst().slot();
            var work = new ArrayList<Callable<Long>>();
            for (int i = 0; i < 8; i++) {
                work.add(
                        () -> {
                            var mine = memory(arena, kernel, step, new Random(5));
                            for (int j = 0; j < 20; j++) {
                                mine.slot(slot).asSlice(12, 64).fill((byte) j);
                                kernel.run(mine, 64, team);
                            }
                            return expected.slot(slot).mismatch(mine.slot(slot));
                        });
            }
            for (var done : executor.invokeAll(work)) {
                assertThat(done.get()).isIn(-1L);
            }
        }
    }

    @Test
    void whatOneDnnDoesNotKnowIsLeftToOthers() {
        int[] one = {1, 1};
        // The first row is cut off.
        var cut =
                step(
                        Operand.Y,
                        new int[] {2, 9, 9, 4},
                        new int[] {3, 3, 4, 4},
                        new int[] {2, 6, 7, 4},
                        one,
                        new int[] {-1, 0},
                        one,
                        1);
        assertThat(NativeConvolution.of(TestLibrary.DNNL, cut)).isNull();
        int[] three = {1, 1, 1};
        var volume =
                step(
                        Operand.Y,
                        new int[] {1, 4, 4, 4, 2},
                        new int[] {2, 2, 2, 2, 2},
                        new int[] {1, 3, 3, 3, 2},
                        three,
                        new int[3],
                        three,
                        1);
        assertThat(NativeConvolution.of(TestLibrary.DNNL, volume)).isNull();
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        int[] one = {1, 1};
        var step =
                step(
                        Operand.Y,
                        new int[] {2, 9, 9, 4},
                        new int[] {3, 3, 5, 4},
                        new int[] {2, 7, 7, 4},
                        one,
                        new int[2],
                        one,
                        1);
        assertThatThrownBy(() -> NativeConvolution.of(TestLibrary.DNNL, step))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x [2, 9, 9, 4], w [3, 3, 5, 4], y [2, 7, 7, 4]");
    }

    @Test
    void memoryThatDoesNotHoldTheViewsIsRefusedBeforeNativeCodeSeesIt() {
        var step = plain(Operand.Y, 2, 8, 8, 8);
        Kernel kernel = NativeConvolution.of(TestLibrary.DNNL, step);
        try (var arena = Arena.ofShared();
                var team = new Team(1)) {
            var whole = memory(arena, kernel, step, new Random(1));
            for (int slot = 0; slot < 4; slot++) {
                MemorySegment[] slots = whole.slots().clone();
                slots[slot] = slots[slot].asSlice(0, slots[slot].byteSize() - (slot == 0 ? 128 : 8));
                assertThatThrownBy(() -> kernel.run(new Memory(slots), 64, team))
                        .as("slot %d", slot)
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessageContaining("of slot " + slot);
            }
            MemorySegment[] slots = whole.slots().clone();
            slots[3] = slots[3].asReadOnly();
            assertThatThrownBy(() -> kernel.run(new Memory(slots), 64, team)).isInstanceOf(IllegalStateException.class);
            slots[3] = MemorySegment.ofArray(new float[Math.toIntExact(slots[3].byteSize() / 4)]);
            assertThatThrownBy(() -> kernel.run(new Memory(slots), 64, team)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void whatIsNoLongerUsedIsFreed() throws InterruptedException {
        int before = TestLibrary.DNNL.objects().primitives().get();
        for (int i = 0; i < 20; i++) {
            assertThat(NativeConvolution.of(TestLibrary.DNNL, plain(Operand.W, 2, 5 + i, 3, 4))).isNotNull();
        }
        assertThat(TestLibrary.DNNL.objects().primitives().get()).isGreaterThanOrEqualTo(20);
        // What tests before this one made may go as well.
        for (int i = 0; i < 100 && TestLibrary.DNNL.objects().primitives().get() > before; i++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(TestLibrary.DNNL.objects().primitives().get()).isLessThanOrEqualTo(before);
    }

    private static void agrees(Kernel kernel, Step.Convolution step, Random random) {
        View target = step.targets().getFirst();
        try (var arena = Arena.ofShared();
                var team = new Team(2)) {
            var memory = memory(arena, kernel, step, random);
            var exact = new Memory(memory.slots().clone());
            exact.slots()[target.slot()] = arena.allocate(memory.slot(target.slot()).byteSize(), 4);
            var absolute = absolute(arena, exact);
            kernel.run(memory, 64, team);
            new ReferenceKernels().prepare(step).run(exact, 64, team);
            new ReferenceKernels().prepare(step).run(absolute, 64, team);
            long terms = step.flops() / 2 / target.size() + 1;
            long bound = Math.max(terms, step.target() == Operand.X ? step.w().size() : terms);
            var found = memory.slot(target.slot());
            long first = target.offset() / 4;
            for (long i = 0; i < found.byteSize() / 4; i++) {
                if (i < first || i >= first + target.size()) {
                    assertEquals(GUARD, found.getAtIndex(ValueLayout.JAVA_FLOAT, i), "outside of the target");
                    continue;
                }
                float actual = found.getAtIndex(ValueLayout.JAVA_FLOAT, i);
                float expected = exact.slot(target.slot()).getAtIndex(ValueLayout.JAVA_FLOAT, i);
                // Each of the roundings errs by at most eps / 2 of the terms' absolute sum.
                float sum = absolute.slot(target.slot()).getAtIndex(ValueLayout.JAVA_FLOAT, i);
                if (!(Math.abs(actual - expected) <= sum * bound * 0x1p-24)) {
                    long at = i - first;
                    assertEquals(expected, actual, () -> step + " at " + at);
                }
            }
        }
    }

    private static Memory absolute(Arena arena, Memory memory) {
        MemorySegment[] slots = memory.slots().clone();
        for (int i = 1; i < slots.length; i++) {
            slots[i] = arena.allocate(slots[i].byteSize(), 4);
            for (long j = 0; j < slots[i].byteSize() / 4; j++) {
                float value = memory.slot(i).getAtIndex(ValueLayout.JAVA_FLOAT, j);
                slots[i].setAtIndex(ValueLayout.JAVA_FLOAT, j, Math.abs(value));
            }
        }
        return new Memory(slots);
    }

    // Exactly as large as needed, with a guard at the end of the target.
    private static Memory memory(Arena arena, Kernel kernel, Step.Convolution step, Random random) {
        MemorySegment[] slots = {
            arena.allocate(kernel.scratchBytes() + 64, 64),
            filled(arena, step.x(), random),
            filled(arena, step.w(), random),
            filled(arena, step.y(), random)
        };
        View target = step.targets().getFirst();
        var segment = arena.allocate(target.offset() + target.size() * 4 + 4, 4);
        for (long i = 0; i < segment.byteSize() / 4; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, GUARD);
        }
        slots[target.slot()] = segment;
        return new Memory(slots);
    }

    private static MemorySegment filled(Arena arena, View view, Random random) {
        var segment = arena.allocate(view.offset() + view.size() * 4, 4);
        for (long i = 0; i < segment.byteSize() / 4; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextFloat() * 2 - 1);
        }
        return segment;
    }
}
