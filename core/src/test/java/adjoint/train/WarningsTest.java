package adjoint.train;

import static org.assertj.core.api.Assertions.assertThat;

import adjoint.data.LabelledText;
import adjoint.text.CharacterTokenizer;
import adjoint.text.TextDataset;
import adjoint.text.Tokens;

import org.junit.jupiter.api.Test;

import java.util.List;

class WarningsTest {
    @Test
    void windowsHaveNoLabelsToBeSortedBy() {
        Tokens tokens = Tokens.of(new int[100], 1);
        assertThat(Warnings.ofOrder(tokens.windows(8).batched(2))).isEmpty();
        assertThat(Warnings.ofOrder(tokens.windows(8, 20, 1).batched(2))).isEmpty();
    }

    @Test
    void textsSortedByLabelAreNamed() {
        var texts = new LabelledText(List.of("a", "b", "a", "b"), new int[] {0, 0, 1, 1}, List.of("x", "y"));
        TextDataset data = TextDataset.of(texts, CharacterTokenizer.of("ab"), 8);
        assertThat(Warnings.ofOrder(data.batched(2))).get().asString().contains("sorted by label");
        assertThat(Warnings.ofOrder(data.shuffled(1).batched(2))).isEmpty();
        assertThat(Warnings.ofOrder(data.select(0, 2, 1, 3).batched(2))).isEmpty();
    }
}
