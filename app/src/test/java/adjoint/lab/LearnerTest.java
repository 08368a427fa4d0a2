package adjoint.lab;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.data.Digits;
import adjoint.models.Mlp;
import adjoint.nn.Init;
import adjoint.optim.Adam;
import adjoint.optim.Sgd;
import adjoint.plan.Engine;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.List;

class LearnerTest {
    private final Engine engine = new Engine(1);
    private final Learner learner =
            new Learner(
                    Digits.train(1).take(640).shuffled(1).batched(64), Digits.test(1).take(200), 45, 10, 2, 1, engine);

    @AfterEach
    void close() {
        engine.close();
    }

    private static Mlp model() {
        return new Mlp(784, List.of(32), 10, new Mlp.Form(), Init.seeded(1));
    }

    @Test
    void testsEverySoOftenAndAtTheEnd() {
        Learner.Course course = learner.run(model(), Adam.rate(0.003));
        assertThat(course.steps()).containsExactly(10, 20, 30, 40, 45);
        assertThat(course.last()).isGreaterThan(0.5);
        assertThat(course.stepsTo(0)).hasValue(10);
        assertThat(course.stepsTo(1.1)).isEmpty();
    }

    @Test
    void stopsAtItsGoal() {
        var soon = new Learner(learner.train(), learner.test(), 45, 10, 0.3, 1, engine);
        Learner.Course course = soon.run(model(), Adam.rate(0.003));
        assertThat(course.last()).isGreaterThanOrEqualTo(0.3);
        assertThat(course.points().getLast().step()).isLessThan(45);
    }

    @Test
    void stopsWhereTheLossIsNoNumber() {
        Learner.Course course = learner.run(model(), Sgd.rate(1e30));
        assertThat(course.last()).isZero();
        assertThat(course.points().getLast().step()).isLessThan(10);
    }
}
