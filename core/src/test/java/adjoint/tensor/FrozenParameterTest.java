package adjoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import adjoint.optim.Averaging;
import adjoint.optim.Optimizer;
import adjoint.optim.Sgd;
import adjoint.tensor.Evaluator.Update;

import org.junit.jupiter.api.Test;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;

class FrozenParameterTest {
    private final Parameter weight = Parameter.of(Tensor.of(new float[] {1, 2}, 2));
    private final Parameter frozen = weight.frozen();

    @Test
    void isTheSameNumbersUntrained() {
        assertThat(frozen.trainable()).isFalse();
        assertThat(frozen.isFrozen()).isTrue();
        assertThat(weight.trainable()).isTrue();
        assertThat(weight.isFrozen()).isFalse();
        assertThat(frozen).isSameAs(weight.frozen()).isSameAs(frozen.frozen()).isNotEqualTo(weight);
        assertThat(frozen.value()).isSameAs(weight.value());
        assertThat(frozen.spec()).isEqualTo(weight.spec());
        assertThat(frozen).hasToString("frozen parameter float32 [2]");
        var state = Parameter.state(Tensor.zeros(2));
        assertThat(state.frozen()).isSameAs(state);
        assertThat(state.isFrozen()).isFalse();
        assertThatThrownBy(() -> new Optimizer(Sgd.rate(1), Map.of("w", frozen))).hasMessageContaining("none of them");
    }

    @Test
    void whatIsWrittenToOneIsWrittenToBoth() {
        Tensor before = weight.value().mul(2);
        frozen.set(Tensor.of(new float[] {3, 4}, 2));
        assertThat(weight.value().toFloats()).containsExactly(3, 4);
        assertThatThrownBy(before::toFloats).hasMessageContaining("before an update of it");
        weight.set(Tensor.of(new float[] {5, 6}, 2));
        assertThat(frozen.value().toFloats()).containsExactly(5, 6);
        assertThat(frozen.version()).isEqualTo(weight.version()).isEqualTo(3);
        frozen.buffer().segment().set(ValueLayout.JAVA_FLOAT, 0, 7);
        frozen.changed();
        assertThat(weight.value().toFloats()).containsExactly(7, 6);
        new Optimizer(Sgd.rate(1), Map.of("w", weight)).step(weight.value().sum());
        assertThat(frozen.value().toFloats()).containsExactly(6, 5);
    }

    @Test
    void oneStepWritesItOnce() {
        Tensor next = weight.value().add(1);
        assertThatThrownBy(() ->
                        Evaluator.standard()
                                .update(List.of(), List.of(new Update(weight, next), new Update(frozen, next))))
                .isInstanceOf(AdjointException.class);
    }

    @Test
    void isNotAveraged() {
        assertThat(Averaging.equal(Map.of("w", frozen)).state()).isEmpty();
    }
}
