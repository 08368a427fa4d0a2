package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.train.TrainingEvent;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

class HeapGuardTest {
    private static final long MIB = 1 << 20;

    private long size;

    @Test
    void collectsWhenTheHeapHasGrownAndNotAtEveryStep() {
        List<Long> collected = new ArrayList<>();
        var guard =
                new HeapGuard(
                        () -> size,
                        () -> 300 * MIB,
                        () -> {
                            collected.add(size / MIB);
                            size = 500 * MIB;
                        });
        for (long mib : new long[] {100, 600, 800, 900, 1100, 1200, 1000}) {
            size = mib * MIB;
            guard.accept(new TrainingEvent.StepDone(1, 1, 0, 1, 1));
        }
        assertThat(collected).containsExactly(600L, 1200L); // from 2 * 300 + 512 on
    }
}
