package adjoint.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Byte pairs give the same ids as Hugging Face's tokenizers, which read the same file.
class ReferenceIdsTest {
    @TempDir private Path folder;

    @ParameterizedTest
    @MethodSource("adjoint.text.Forms#all")
    void sameIds(Forms.Form form) throws IOException {
        List<String> texts = Forms.texts();
        BytePairTokenizer mine = form.learned(texts);
        Path file = folder.resolve("tokenizer.json");
        mine.save(file);
        Tokenizer again = Tokenizer.read(file);
        int merged = 0;
        try (HuggingFaceTokenizer reference = reference(file)) {
            for (String text : texts) {
                long[] expected = reference.encode(text, false, false).getIds();
                assertThat(mine.encode(text))
                        .as(text)
                        .isEqualTo(Arrays.stream(expected).mapToInt(i -> (int) i).toArray());
                assertThat(again.encode(text)).as(text).isEqualTo(mine.encode(text));
                merged += text.length() - expected.length;
            }
        }
        assertThat(merged).as("characters saved by merging").isGreaterThan(1000);
    }

    private static HuggingFaceTokenizer reference(Path file) throws IOException {
        try {
            return HuggingFaceTokenizer.newInstance(file);
        } catch (UnsatisfiedLinkError | ExceptionInInitializerError | NoClassDefFoundError e) {
            Assumptions.abort("the reference does not run on this machine: " + e);
            return null;
        }
    }
}
