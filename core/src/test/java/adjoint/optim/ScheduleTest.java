package adjoint.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.tensor.AdjointException;

import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static void rates(Schedule schedule, double... stepsAndRates) {
        for (int i = 0; i < stepsAndRates.length; i += 2) {
            assertThat(schedule.rate((long) stepsAndRates[i]))
                    .as("step %s", stepsAndRates[i])
                    .isCloseTo(stepsAndRates[i + 1], within(1e-12));
        }
    }

    @Test
    void simpleOnes() {
        rates(Schedule.constant(0.1), 0, 0.1, 1000, 0.1);
        rates(Schedule.step(0.1, 30, 0.5), 0, 0.1, 29, 0.1, 30, 0.05, 60, 0.025);
        rates(Schedule.milestones(1, 0.1, 30, 80), 29, 1, 30, 0.1, 79, 0.1, 80, 0.01);
        rates(Schedule.exponential(2, 0.5), 0, 2, 3, 0.25);
        rates(Schedule.polynomial(1, 4, 1), 0, 1, 1, 0.75, 4, 0, 9, 0);
        rates(Schedule.polynomial(1, 4, 2), 1, 0.5625);
    }

    @Test
    void cosines() {
        rates(Schedule.cosine(1, 100), 0, 1, 50, 0.5, 100, 0, 500, 0);
        rates(Schedule.cosine(1, 100, 0.2), 50, 0.6, 100, 0.2);
        rates(Schedule.cosineRestarts(1, 10, 2, 0), 0, 1, 5, 0.5, 10, 1, 20, 0.5, 30, 1, 50, 0.5, 70, 1);
        rates(Schedule.cosineRestarts(1, 10, 1, 0.5), 10, 1, 25, 0.75);
    }

    @Test
    void oneCycle() { // torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=100)
        rates(
                Schedule.oneCycle(1, 100),
                0,
                0.04,
                14,
                0.04 + 0.48 * (1 - Math.cos(Math.PI * 14 / 29)),
                29,
                1,
                64,
                (1 + 4e-6) / 2,
                99,
                4e-6,
                200,
                4e-6);
        rates(Schedule.oneCycle(1, 1), 0, 4e-6);
        rates(Schedule.oneCycle(1, 10, 0, 25, 1), 0, 1, 9, 0.04);
    }

    @Test
    void compositions() {
        rates(Schedule.constant(1).warmup(4), 0, 0.25, 1, 0.5, 3, 1, 4, 1);
        rates(Schedule.cosine(1, 100).warmup(10), 100, 0, 50, 0.5);
        rates(Schedule.constant(1).then(10, Schedule.step(0.5, 5, 0.1)), 9, 1, 10, 0.5, 15, 0.05);
        rates(Schedule.constant(1).times(0.1), 3, 0.1);
    }

    @Test
    void plateau() { // ReduceLROnPlateau(factor=0.1, patience=2, cooldown=1)
        var schedule = new PlateauSchedule(Schedule.constant(1), 0.1, 2).cooldown(1).lowest(0.005);
        double[] metrics = {5, 4, 4, 4, 3.9999, Double.NaN};
        boolean[] lowers = {false, false, false, false, true, false};
        for (int i = 0; i < metrics.length; i++) {
            assertThat(schedule.observe(metrics[i])).as("observation %d", i).isEqualTo(lowers[i]);
        }
        rates(schedule, 0, 0.1);
        var resumed = new PlateauSchedule(Schedule.constant(1), 0.1, 2).cooldown(1).lowest(0.005);
        resumed.restore(schedule.memory());
        for (int i = 0; i < 20; i++) {
            assertThat(resumed.observe(4)).isEqualTo(schedule.observe(4));
        }
        rates(resumed, 0, 0.005);
    }

    @Test
    void plateauOfAMetricThatShouldRise() {
        var schedule = new PlateauSchedule(Schedule.constant(1), 0.5, 0).maximizing();
        assertThat(schedule.observe(0.5)).isFalse();
        assertThat(schedule.observe(0.6)).isFalse();
        assertThat(schedule.observe(0.6)).isTrue();
        rates(schedule, 7, 0.5);
    }

    @Test
    void senselessOnesAreRefused() {
        assertThatThrownBy(() -> Schedule.cosine(0.1, 0)).isInstanceOf(AdjointException.class);
        assertThatThrownBy(() -> Schedule.constant(0)).hasMessageContaining("above 0, got 0.0");
        assertThatThrownBy(() -> Schedule.milestones(1, 0.1, 5, 5)).hasMessageContaining("[5, 5]");
        assertThatThrownBy(() -> Schedule.constant(1).warmup(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new PlateauSchedule(Schedule.constant(1), 1, 3)).hasMessageContaining("got 1.0");
    }
}
