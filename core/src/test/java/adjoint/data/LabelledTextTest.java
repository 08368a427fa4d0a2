package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class LabelledTextTest {
    private static final String SMALL = "text,class\nhello,b\n\"one, \"\"two\"\"\nthree\",a\n,b\n";

    @TempDir private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("t.csv"), text);
    }

    private AbstractThrowableAssert<?, ?> refused(String text, String textColumn, String labelColumn)
            throws IOException {
        Path file = file(text);
        return assertThatThrownBy(() -> LabelledText.read(file, textColumn, labelColumn))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void readsQuotedCellsByNameAndByNumber() throws IOException {
        LabelledText t = LabelledText.read(file(SMALL), "text", "class");
        assertThat(t.texts()).containsExactly("hello", "one, \"two\"\nthree", "");
        assertThat(t.labels()).containsExactly(1, 0, 1);
        assertThat(t.classes()).containsExactly("a", "b");
        assertThat(t.size()).isEqualTo(3);
        LabelledText numbered = LabelledText.read(file(SMALL.substring(11)), "0", "1");
        assertThat(numbered.texts()).isEqualTo(t.texts());
        assertThat(numbered.labels()).isEqualTo(t.labels());
        assertThat(LabelledText.read(file(SMALL), "text", "1").texts()).isEqualTo(t.texts());
        assertThat(LabelledText.read(file("0,1\nx,a\ny,b\n"), "0", "1").texts()).containsExactly("x", "y");
        assertThat(LabelledText.read(file("t,c\nx,10\ny,9\n"), "t", "c").classes()).containsExactly("9", "10");
    }

    @Test
    void quotesAreTextBetweenTabsUnlessTheyQuoteWholeCells() throws IOException {
        LabelledText bare =
                LabelledText.read(
                        file("a\t\"Hi\" he said, ok\nb\t\"all quoted\"\na\tan \"open one\nb\t\"another\na\tend\"\n"),
                        "1",
                        "0");
        assertThat(bare.texts())
                .containsExactly("\"Hi\" he said, ok", "\"all quoted\"", "an \"open one", "\"another", "end\"");
        LabelledText swallowing = LabelledText.read(file("a\t\"x\nb\ty\"\na\tz\n"), "1", "0");
        assertThat(swallowing.texts()).containsExactly("\"x", "y\"", "z");
        LabelledText quoted = LabelledText.read(file("a\t\"x, \"\"y\"\"\"\nb\tz\n"), "1", "0");
        assertThat(quoted.texts()).containsExactly("x, \"y\"", "z");
        LabelledText lines = LabelledText.read(file("a\t\"x\ny\"\nb\tz\n"), "1", "0");
        assertThat(lines.texts()).containsExactly("x\ny", "z");
    }

    @Test
    void columnsThatAreNotThereAreRefusedWithTheNearest() throws IOException {
        refused(SMALL, "txt", "class")
                .hasMessageContaining("has no column \"txt\", only text, class; did you mean \"text\"?");
        refused(SMALL, "text", "clas").hasMessageContaining("did you mean \"class\"?");
        refused(SMALL, "text", "zzz").hasMessageEndingWith("only text, class");
        refused(SMALL, "text", "2").hasMessageContaining("no column 2 (they count from 0)");
        refused(SMALL, "text", "text").hasMessageContaining("cannot both be text");
        refused("a,a\nx,y\n", "a", "1").hasMessageContaining("two columns are named \"a\"");
    }

    @Test
    void tablesThatMakeNoSenseAreRefused() throws IOException {
        refused("", "0", "1").hasMessageContaining("is empty");
        refused("text,class\n", "text", "class").hasMessageContaining("header line and no rows");
        refused("text,class\nx,a\ny\n", "text", "class")
                .hasMessageContaining("line 3: expected 2 cells")
                .hasMessageContaining("got 1");
        refused("text,class\nx,a\ny,\n", "text", "class").hasMessageContaining("line 3: the label is missing");
        refused("text,class\nx,a\ny,a\n", "text", "class").hasMessageContaining("are all \"a\"");
        refused("text,class\nx,a\ny,a\nz,b\nw,b\n", "0", "1")
                .hasMessageContaining("line 1: the label \"class\" stands on no other line")
                .hasMessageContaining("tell them by name, as \"text\"");
        assertThatThrownBy(() -> LabelledText.read(folder.resolve("no.csv"), "0", "1"))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("there is no file");
    }

    @Test
    void labelsAreThoseOfTheTraining() throws IOException {
        Path file = file("text,class\nx,b\ny,c\n");
        LabelledText t = LabelledText.read(file, "text", "class", List.of("c", "a", "b"));
        assertThat(t.labels()).containsExactly(2, 0);
        assertThat(t.classes()).containsExactly("c", "a", "b");
        assertThatThrownBy(() -> LabelledText.read(file, "text", "class", List.of("a", "b")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("line 3: the label \"c\" is none of the 2 classes a, b")
                .hasMessageContaining("has never seen it");
        assertThatThrownBy(() -> LabelledText.read(file, "0", "1", List.of("b", "c")))
                .hasMessageContaining("line 1: the label \"class\"")
                .hasMessageContaining("if the line names the columns, tell them by name");
    }

    @Test
    void everythingIsCopied() {
        List<String> texts = new ArrayList<>(List.of("x"));
        int[] labels = {0};
        var t = new LabelledText(texts, labels, List.of("a", "b"));
        texts.set(0, "y");
        labels[0] = 1;
        t.labels()[0] = 1;
        assertThat(t.texts()).containsExactly("x");
        assertThat(t.labels()).containsExactly(0);
        assertThatThrownBy(() -> new LabelledText(List.of("x"), new int[0], List.of("a")))
                .hasMessageContaining("1 texts and 0 labels");
        assertThatThrownBy(() -> new LabelledText(List.of("x"), new int[] {1}, List.of("a")))
                .hasMessageContaining("label of example 0 is 1");
    }

    private static Set<String> alike(LabelledText t) {
        return t.texts().stream()
                .map(s -> String.join(" ", s.toLowerCase(Locale.ROOT).replace('\u00A0', ' ').strip().split("\\s+")))
                .collect(Collectors.toSet());
    }

    private static void requireSound(LabelledText all, LabelledText.Split split, double share, double room) {
        Set<String> both = alike(split.train());
        both.retainAll(alike(split.test()));
        assertThat(both).isEmpty();
        List<String> texts = new ArrayList<>(split.train().texts());
        texts.addAll(split.test().texts());
        assertThat(texts).containsExactlyInAnyOrderElementsOf(all.texts());
        for (int c = 0; c < all.classes().size(); c++) {
            int label = c;
            long train = Arrays.stream(split.train().labels()).filter(l -> l == label).count();
            long its = Arrays.stream(all.labels()).filter(l -> l == label).count();
            assertThat((double) train).isBetween(its * share - room, its * share + room);
        }
    }

    @Test
    void copiesStayOnOneSideOfASplit() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            texts.add("text " + i);
            texts.addAll(Collections.nCopies(i % 4, i % 8 < 4 ? "TEXT\u00A0 " + i + "\n" : " Text " + i));
        }
        int[] labels = texts.stream().mapToInt(s -> s.strip().endsWith("7") ? 1 : 0).toArray();
        var all = new LabelledText(texts, labels, List.of("a", "b"));
        Set<List<String>> parts = new HashSet<>();
        for (int seed = 0; seed < 10; seed++) {
            LabelledText.Split split = all.split(0.8, seed);
            requireSound(all, split, 0.8, 4);
            assertThat(all.split(0.8, seed).train().texts()).isEqualTo(split.train().texts());
            parts.add(split.test().texts());
        }
        assertThat(parts).hasSize(10);
    }

    @Test
    void eachPartSeesEachClassThatHasTwoTexts() {
        List<String> texts = List.of("a", "a", "a", "b", "b", "b", "c", "d", "e", "e");
        var all = new LabelledText(texts, new int[] {0, 0, 0, 0, 0, 0, 1, 1, 2, 2}, List.of("x", "y", "z"));
        for (double share : new double[] {0.05, 0.3, 0.5, 0.7, 0.95}) {
            LabelledText.Split split = all.split(share, 1);
            assertThat(IntStream.of(split.train().labels()).boxed()).contains(0, 1);
            assertThat(IntStream.of(split.test().labels()).boxed()).contains(0, 1);
        }
        var same = new LabelledText(List.of("a", "A "), new int[2], List.of("x"));
        assertThatThrownBy(() -> same.split(0.5, 1)).hasMessageContaining("two parts of 2 texts, of which 1 differ");
        assertThatThrownBy(() -> all.split(1, 1)).hasMessageContaining("between 0 and 1");
    }

    private static Path real(String name) {
        Path file = TestData.folder("text").resolve(name);
        Assumptions.assumeTrue(Files.exists(file), () -> "skipped: no real data at " + file);
        return file;
    }

    @Test
    void readsRealMessages() throws IOException {
        Path file = real("sms-spam/SMSSpamCollection");
        LabelledText t = LabelledText.read(file, "SMS", "Label");
        assertThat(t.size()).isEqualTo(5574);
        assertThat(t.classes()).containsExactly("ham", "spam");
        assertThat(Arrays.stream(t.labels()).sum()).isEqualTo(747);
        List<String> lines = Files.readAllLines(file);
        assertThat(t.texts())
                .isEqualTo(lines.stream().skip(1).map(l -> l.substring(l.indexOf('\t') + 1).strip()).toList());
        assertThat(t.texts()).anyMatch(s -> s.startsWith("\"Gimme a few\" was"));
        Path bare = Files.write(folder.resolve("bare"), lines.subList(1, lines.size()));
        assertThat(LabelledText.read(bare, "1", "0").texts()).isEqualTo(t.texts());
        assertThat(alike(t).size()).isLessThan(5300); // hundreds of copies
        requireSound(t, t.split(0.8, 42), 0.8, 2);
    }

    @Test
    void readsRealQuestions() throws IOException {
        LabelledText train = LabelledText.read(real("banking77/train.csv"), "text", "category");
        LabelledText test = LabelledText.read(real("banking77/test.csv"), "text", "category", train.classes());
        assertThat(train.size()).isEqualTo(10_003);
        assertThat(test.size()).isEqualTo(3080);
        assertThat(train.classes()).hasSize(77);
        assertThat(train.texts()).noneMatch(String::isBlank);
        requireSound(train, train.split(0.9, 1), 0.9, 2);
    }
}
