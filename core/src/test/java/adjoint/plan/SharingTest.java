package adjoint.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SharingTest {
    private final Sharing sharing = new Sharing();

    // How many of so many runs are shared, when they take so long.
    private int shared(int runs, long alone, long together) {
        int count = 0;
        for (int i = 0; i < runs; i++) {
            boolean isTogether = sharing.isTogether();
            count += isTogether ? 1 : 0;
            boolean isDisturbed = i % 9 == 0; // some runs are interrupted
            sharing.took(isDisturbed ? 1_000_000 : isTogether ? together : alone);
        }
        return count;
    }

    @Test
    void keepsTheFasterWayAndTriesBothAgain() {
        assertThat(shared(64, 100, 200)).isEqualTo(64); // before the first trial
        assertThat(shared(32, 100, 200)).isEqualTo(16);
        assertThat(shared(128, 100, 200)).isZero();
        assertThat(shared(32, 200, 100)).isEqualTo(16); // the machine has changed
        assertThat(shared(256, 200, 100)).isEqualTo(256);
    }

    @Test
    void trialsBecomeRare() {
        shared(100_000, 100, 200);
        int least = shared(1056, 100, 200);
        assertThat(least).isEqualTo(16);
    }

    @Test
    void aMachineThatGrowsFasterMeanwhileDoesSoForBoth() {
        shared(64, 100, 120);
        for (int i = 0; i < 32; i++) {
            sharing.took((i < 16 ? 3 : 1) * (sharing.isTogether() ? 120 : 100));
        }
        assertThat(sharing.isTogether()).isFalse();
    }
}
