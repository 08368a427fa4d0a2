package adjoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.nn.TestTimeAugmentation.View;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.util.List;

class TestTimeAugmentationTest {
    // Sees where a value stands: each pixel has its own weight.
    private static final float[] WEIGHTS = {1, 10, 100, 1000, 10_000, 100_000, 2, 20, 200};
    private static final Layer WEIGHING =
            (x, pass) -> x.mul(Tensor.of(WEIGHTS, 1, 3, 3, 1)).sum(1, 2).mul(x.max(1, 2)); // not linear

    private static final Tensor IMAGES =
            Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 1, 1, 0, 0, 0, 0, 0, 3}, 2, 3, 3, 1);

    private static float[] answer(float... image) {
        return WEIGHING.apply(Tensor.of(image, 1, 3, 3, 1), Pass.inference()).toFloats();
    }

    @Test
    void viewsAreWhatTheySay() {
        Tensor image = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3, 1);
        assertThat(new View(0, 0, false, 1).of(image).toFloats()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(new View(0, 0, true, 1).of(image).toFloats()).containsExactly(3, 2, 1, 6, 5, 4, 9, 8, 7);
        assertThat(new View(1, 0, false, 1).of(image).toFloats()).containsExactly(4, 5, 6, 7, 8, 9, 4, 5, 6);
        assertThat(new View(-2, 0, false, 1).of(image).toFloats()).containsExactly(7, 8, 9, 4, 5, 6, 1, 2, 3);
        assertThat(new View(0, -1, false, 1).of(image).toFloats()).containsExactly(2, 1, 2, 5, 4, 5, 8, 7, 8);
        assertThat(new View(0, 2, true, 1).of(image).toFloats()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void averagesTheAnswers() {
        float[] seen = TestTimeAugmentation.mirrored(WEIGHING).apply(IMAGES, Pass.inference()).toFloats();
        assertThat(seen).hasSize(2);
        float plain = answer(1, 2, 3, 4, 5, 6, 7, 8, 9)[0];
        float mirror = answer(3, 2, 1, 6, 5, 4, 9, 8, 7)[0];
        assertThat(seen[0]).isCloseTo((plain + mirror) / 2, within(1f));
        assertThat(seen[1])
                .isCloseTo(
                        (answer(1, 1, 1, 0, 0, 0, 0, 0, 3)[0] + answer(1, 1, 1, 0, 0, 0, 3, 0, 0)[0]) / 2,
                        within(1e-2f));

        float[] six = TestTimeAugmentation.mirroredAndMoved(WEIGHING, 1).apply(IMAGES, Pass.inference()).toFloats();
        float before = answer(5, 4, 5, 2, 1, 2, 5, 4, 5)[0] * 2; // symmetric: as its mirror image
        float after = answer(5, 6, 5, 8, 9, 8, 5, 6, 5)[0] * 2;
        assertThat(six[0]).isCloseTo((2 * plain + 2 * mirror + before + after) / 8, within(1f));
    }

    @Test
    void weightsAreDividedByTheirSum() {
        Layer one = new TestTimeAugmentation(WEIGHING, List.of(new View(0, 0, false, 6), new View(0, 0, true, 2)));
        float expected = 0.75f * answer(1, 2, 3, 4, 5, 6, 7, 8, 9)[0] + 0.25f * answer(3, 2, 1, 6, 5, 4, 9, 8, 7)[0];
        assertThat(one.apply(IMAGES, Pass.inference()).toFloats()[0]).isCloseTo(expected, within(1f));
    }

    @Test
    void inTrainingItIsTheNetworkItself() {
        var model = new Conv2d(1, 2, 3, new adjoint.tensor.Conv(), Init.seeded(1));
        var judge = TestTimeAugmentation.mirrored(model);
        assertThat(judge.apply(IMAGES, Pass.training(RandomKey.of(2))).toFloats())
                .isEqualTo(model.apply(IMAGES, Pass.training(RandomKey.of(2))).toFloats());
        assertThat(judge.apply(IMAGES, Pass.inference()).toFloats())
                .isNotEqualTo(model.apply(IMAGES, Pass.inference()).toFloats());
        assertThat(judge.parameters().values()).containsExactlyElementsOf(model.parameters().values());
    }

    @Test
    void refusals() {
        assertThatThrownBy(() -> new TestTimeAugmentation(WEIGHING, List.of())).hasMessageContaining("got none");
        assertThatThrownBy(() -> new View(0, 0, false, 0)).hasMessageContaining("got 0.0");
        assertThatThrownBy(() -> TestTimeAugmentation.mirroredAndMoved(WEIGHING, 3).apply(IMAGES, Pass.inference()))
                .hasMessageContaining("moved by -3 pixels")
                .hasMessageContaining("[2, 3, 3, 1]");
        assertThatThrownBy(() -> TestTimeAugmentation.mirrored(WEIGHING).apply(Tensor.zeros(2, 9), Pass.inference()))
                .hasMessageContaining("need images [N, H, W, C]");
    }
}
