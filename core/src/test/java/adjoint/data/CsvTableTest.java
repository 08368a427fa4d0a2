package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class CsvTableTest {
    private static final String SMALL = "a,b,class\n1,2,yes\n3,4,no\n5,6,yes\n";

    @TempDir private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("t.csv"), text);
    }

    private CsvTable read(String text) throws IOException {
        return CsvTable.read(file(text));
    }

    private AbstractThrowableAssert<?, ?> refused(CsvFormat format, String text) throws IOException {
        Path file = file(text);
        return assertThatThrownBy(() -> format.read(file))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(file.toString());
    }

    private AbstractThrowableAssert<?, ?> refused(String text) throws IOException {
        return refused(CsvTable.format(), text);
    }

    private static int[] labels(CsvTable table) {
        int[] labels = new int[table.dataset().size()];
        Arrays.setAll(labels, table.dataset()::label);
        return labels;
    }

    @Test
    void readsNamesFeaturesAndClasses() throws IOException {
        CsvTable t = read(SMALL);
        assertThat(t.columns()).containsExactly("a", "b", "class");
        assertThat(t.features()).containsExactly("a", "b");
        assertThat(t.target()).isEqualTo("class");
        assertThat(t.classes()).containsExactly("no", "yes");
        assertThat(labels(t)).containsExactly(1, 0, 1);
        assertThat(t.dataset().example(1)).containsExactly(3, 4);
        assertThat(t.dataset().exampleShape()).containsExactly(2);
    }

    @Test
    void takesAnySeparatorLineEndAndByteOrderMark() throws IOException {
        CsvTable expected = read(SMALL);
        for (String separator : List.of(",", ";", "\t", " ; ")) {
            for (String end : List.of("\n", "\r\n", "\r")) {
                CsvTable t = read("\uFEFF" + SMALL.replace(",", separator).replace("\n", end) + end + end);
                assertThat(t.columns()).isEqualTo(expected.columns());
                assertThat(labels(t)).isEqualTo(labels(expected));
                assertThat(t.dataset().example(2)).isEqualTo(expected.dataset().example(2));
            }
        }
        assertThat(CsvTable.format().separator('|').read(file(SMALL.replace(",", "|"))).columns()).hasSize(3);
        assertThat(read(SMALL.stripTrailing()).dataset().size()).isEqualTo(3);
    }

    @Test
    void readsQuotedCells() throws IOException {
        CsvTable t = read("\"a, b\",\"say \"\"c\"\"\",class\n\"1\",2,\"x, y\"\n3,4,\"two\nlines\"\n5,6,\"x, y\"\n");
        assertThat(t.columns()).containsExactly("a, b", "say \"c\"", "class");
        assertThat(t.classes()).containsExactly("two\nlines", "x, y");
        refused("a,b\n1,2\n\"3\n4\",5\n1,x,y\n").hasMessageContaining("line 5");
        refused("a,b\n1,\"x\n2,y\n").hasMessageContaining("line 2").hasMessageContaining("never closed");
        refused("a,b\n1,\"x\"z\n2,y\n").hasMessageContaining("line 2").hasMessageContaining("closing quote");
    }

    @Test
    void tellsHeaders() throws IOException {
        assertThat(read("1,2,yes\n3,4,no\n").columns()).containsExactly("column 0", "column 1", "column 2");
        CsvTable texts = CsvTable.format().header(true).categorical("s").read(file("s,t\nu,v\nw,x\n"));
        assertThat(texts.features()).containsExactly("s=u", "s=w");
        assertThat(CsvTable.format().header(true).read(file("7,8\n1,0\n2,1\n")).columns()).containsExactly("7", "8");
        refused(CsvTable.format().header(false), SMALL).hasMessageContaining("header(true)");
        refused("a,b,a\n1,2,3\n4,5,6\n").hasMessageContaining("columns 0 and 2 are both named \"a\"");
        assertThat(read(",b\n1,2\n4,5\n").columns()).containsExactly("column 0", "b");
    }

    @Test
    void takesTheTargetByNameOrNumber() throws IOException {
        String text = "class,a\nx,1\ny,2\nx,3\n";
        for (CsvFormat f : List.of(CsvTable.format().target("class"), CsvTable.format().target(0))) {
            CsvTable t = f.read(file(text));
            assertThat(t.target()).isEqualTo("class");
            assertThat(t.features()).containsExactly("a");
        }
        refused(CsvTable.format().target("klass"), text).hasMessageContaining("klass").hasMessageContaining("class, a");
        refused(CsvTable.format().target(2), text).hasMessageContaining("no column");
        refused(CsvTable.format().target(-1), text).hasMessageContaining("no column");
    }

    @Test
    void tellsClassesFromNumbers() throws IOException {
        assertThat(read("1,10\n2,9\n3,10.0\n").classes()).containsExactly("9", "10");
        assertThat(read("1,1.5\n2,2\n3,1\n").classes()).isEmpty();
        CsvTable numbers = CsvTable.format().regression().read(file("1,10\n2,9\n"));
        assertThat(numbers.classes()).isEmpty();
        assertThat(numbers.dataset().batch(1, 0).y().toFloats()).containsExactly(9, 10);
        assertThat(numbers.dataset().batch(1, 0).y().shape().dims()).containsExactly(2, 1);
        assertThat(CsvTable.format().classification().read(file("1,1.5\n2,2\n")).classes()).containsExactly("1.5", "2");
        var many = new StringBuilder();
        for (int i = 0; i < 21; i++) {
            many.append(i).append(',').append(i).append('\n');
        }
        assertThat(read(many.toString()).classes()).isEmpty();
        assertThat(CsvTable.format().classification().read(file(many.toString())).classes()).hasSize(21);
        refused(many + "1,x\n").hasMessageContaining("classification()");
        refused(CsvTable.format().regression(), SMALL).hasMessageContaining("line 2");
        refused("1,x\n2,x\n").hasMessageContaining("one class \"x\"");
    }

    @Test
    void refusesTextAmongNumbers() throws IOException {
        refused("a,sex,y\n1,M,1\n2,F,0\n")
                .hasMessageContaining("line 2, column \"sex\": expected a number, got \"M\"")
                .hasMessageContaining("categorical");
        refused("1,2,0\n1,abc,1\n").hasMessageContaining("line 2, column 1");
        refused("1,2;0\n1,5;1\n").hasMessageContaining("point");
        for (String bad : List.of("NaN", "inf", "-Infinity", "1e999", "1e39")) {
            refused("1,2,0\n1," + bad + ",1\n").hasMessageContaining("finite number, got \"" + bad);
            refused("1,2\n1," + bad + "\n").hasMessageContaining("finite number, got \"" + bad);
        }
        refused("1,2,0\n1,0x1p3,1\n").hasMessageContaining("0x1p3");
        refused("1,2,0\n1,3f,1\n").hasMessageContaining("3f");
    }

    @Test
    void turnsCategoriesIntoNumbers() throws IOException {
        String text = "size,sex,y\n1,M,1\n2,F,0\n3,I,1\n";
        for (CsvFormat f : List.of(CsvTable.format().categorical("sex"), CsvTable.format().categorical(1))) {
            CsvTable t = f.read(file(text));
            assertThat(t.features()).containsExactly("size", "sex=F", "sex=I", "sex=M");
            assertThat(t.dataset().example(0)).containsExactly(1, 0, 0, 1);
        }
        CsvTable codes = CsvTable.format().categorical("size", "size").categorical("sex").read(file(text));
        assertThat(codes.features()).hasSize(6);
        refused(CsvTable.format().categorical("gender"), text).hasMessageContaining("gender");
    }

    @Test
    void treatsMissingValues() throws IOException {
        String text = "a,sex,y\n1,M,0\n?,F,1\n3,,0\n5,M,1\n6,M,?\n";
        CsvFormat f = CsvTable.format().categorical("sex");
        refused(f, text).hasMessageContaining("line 3, column \"a\"").hasMessageContaining("DROP_ROW");
        assertThat(f.missing(Missing.DROP_ROW).read(file(text)).dataset().size()).isEqualTo(2);
        refused(f.missing(Missing.MEAN), text).hasMessageContaining("line 6, column \"y\"");
        CsvTable mean = f.missing(Missing.MEAN).read(file(text.replace("6,M,?\n", "")));
        assertThat(mean.dataset().example(1)).containsExactly(3, 1, 0);
        assertThat(mean.dataset().example(2)).containsExactly(3, 1 / 3f, 2 / 3f);
        refused(CsvTable.format().missing(Missing.MEAN), "1,?,0\n2,?,1\n").hasMessageContaining("no value");
        refused(CsvTable.format().missing(Missing.MEAN).categorical(1), "1,?,0\n2,?,1\n")
                .hasMessageContaining("no value");
        refused(CsvTable.format().missing(Missing.DROP_ROW), "1,?,0\n2,?,1\n").hasMessageContaining("no row");
    }

    @Test
    void refusesWhatIsNoTable() throws IOException {
        refused("").hasMessageContaining("empty");
        refused("\uFEFF\r\n \n\n").hasMessageContaining("empty");
        refused("a,b,c\n").hasMessageContaining("no rows");
        refused("1\n2\n").hasMessageContaining("one column");
        refused("1,2,0\n1,2\n").hasMessageContaining("line 2: expected 3 cells as in the first line, got 2");
        refused("1,2,0\n\n1,2,0,4\n").hasMessageContaining("line 3");
        assertThatThrownBy(() -> CsvTable.read(folder))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("folder");
        Path none = folder.resolve("none.csv");
        assertThatThrownBy(() -> CsvTable.read(none))
                .isInstanceOf(DataException.class)
                .hasMessage("there is no file " + none);
        Path latin = Files.write(folder.resolve("l.csv"), "1,\u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> CsvTable.read(latin)).isInstanceOf(DataException.class).hasMessageContaining("UTF-8");
    }

    @Test
    void anyDamageGivesATableOrOneSentence() throws IOException {
        var random = new Random(7);
        String alphabet = "\",;\t\n\r?.-e1x \uFEFF";
        for (int i = 0; i < 2000; i++) {
            var text = new StringBuilder(SMALL);
            for (int k = 0; k < 1 + i % 5; k++) {
                char c = alphabet.charAt(random.nextInt(alphabet.length()));
                int at = random.nextInt(text.length());
                text.replace(at, at + random.nextInt(2), String.valueOf(c));
            }
            Path file = file(text.toString());
            CsvFormat f = CsvTable.format().missing(Missing.values()[i % 3]);
            try {
                assertThat(f.read(file).dataset().size()).isPositive();
            } catch (DataException e) {
                assertThat(e).hasMessageContaining("t.csv");
            }
        }
    }

    private static Path real(String name) {
        Path file = TestData.folder("tabular").resolve(name);
        Assumptions.assumeTrue(Files.exists(file), () -> "skipped: no real data at " + file);
        return file;
    }

    private static void check(CsvTable t, int rows, int features, List<String> classes, int... counts) {
        assertThat(t.dataset().size()).isEqualTo(rows);
        assertThat(t.features()).hasSize(features);
        assertThat(t.classes()).isEqualTo(classes);
        int[] found = new int[counts.length];
        for (int label : counts.length == 0 ? counts : labels(t)) {
            found[label]++;
        }
        assertThat(found).isEqualTo(counts);
    }

    @Test
    void readsRealClasses() throws IOException {
        List<String> kinds = List.of("Iris-setosa", "Iris-versicolor", "Iris-virginica");
        check(CsvTable.read(real("iris.csv")), 150, 4, kinds, 50, 50, 50);
        check(CsvTable.read(real("wine.csv")), 178, 13, List.of("1", "2", "3"), 59, 71, 48);
        check(CsvTable.read(real("banknote_authentication.csv")), 1372, 4, List.of("0", "1"), 762, 610);
        check(CsvTable.read(real("sonar.csv")), 208, 60, List.of("M", "R"), 111, 97);
        check(CsvTable.read(real("pima-indians-diabetes.csv")), 768, 8, List.of("0", "1"), 500, 268);
        List<String> grades = List.of("3", "4", "5", "6", "7", "8");
        check(CsvTable.read(real("winequality-red.csv")), 1599, 11, grades, 10, 53, 681, 638, 199, 18);
    }

    @Test
    void readsRealMissingValues() throws IOException {
        Path cancer = real("breast-cancer-wisconsin.csv");
        assertThatThrownBy(() -> CsvTable.read(cancer))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("line 24");
        CsvFormat f = CsvTable.format();
        check(f.missing(Missing.DROP_ROW).read(cancer), 683, 9, List.of("2", "4"), 444, 239);
        check(f.missing(Missing.MEAN).read(cancer), 699, 9, List.of("2", "4"), 458, 241);
    }

    @Test
    void readsRealHeadersAndNumbers() throws IOException {
        CsvTable digits = CsvTable.read(real("optdigits.tes"));
        assertThat(digits.dataset().size()).isEqualTo(1797);
        assertThat(digits.features()).hasSize(64).startsWith("Block 1");
        assertThat(digits.classes()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        assertThat(CsvTable.read(real("optdigits.tra")).dataset().size()).isEqualTo(3823);
        Path abalone = real("abalone.csv");
        assertThatThrownBy(() -> CsvTable.read(abalone))
                .hasMessageContaining("line 1, column 0")
                .hasMessageContaining("\"M\"");
        CsvTable shells = CsvTable.format().categorical(0).read(abalone);
        check(shells, 4177, 10, List.of());
    }

    @Test
    void numbersOfTheColumnsAreAHeader() throws IOException {
        assertThat(read("0,1,2,label\n1,2,3,a\n4,5,6,b\n4,5,7,b\n").dataset().size()).isEqualTo(3);
        assertThat(read("1,2,3\n1.5,2,0\n4,5,1\n").target()).isEqualTo("3");
        assertThat(read("0,1,b\n1,0,a\n1,1,b\n").dataset().size()).isEqualTo(3); // an example: "b" occurs again
        assertThat(read("0,1,2\n1,0,1\n1,1,0\n").dataset().size()).isEqualTo(3);
        assertThat(read("0,2,a\n1,0,b\n1,1,b\n").dataset().size()).isEqualTo(3);
    }
}
