package adjoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Short texts with a class each, such as messages and whether they are spam.
///
/// ```java
/// LabelledText train = LabelledText.read(Path.of("train.csv"), "text", "category");
/// LabelledText test = LabelledText.read(Path.of("test.csv"), "text", "category", train.classes());
/// ```
///
/// @param texts one for each example
/// @param labels the class of each, by its place among the classes
/// @param classes their names
public record LabelledText(List<String> texts, int[] labels, List<String> classes) {
    private static final Pattern SPACE = Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);

    /// Copies everything.
    ///
    /// @throws DataException if texts and labels differ in number, or a label is outside the classes
    public LabelledText {
        texts = List.copyOf(texts);
        labels = labels.clone();
        classes = List.copyOf(classes);
        if (texts.size() != labels.length) {
            throw new DataException(
                    "each text needs a label, got " + texts.size() + " texts and " + labels.length + " labels");
        }
        ArrayDataset.check(labels, classes);
    }

    /// Reads a table of text: comma, semicolon or tab between the cells, in UTF-8.
    ///
    /// Columns are told by the names of the header line, or by their numbers from 0; where both are told by number, the file has no
    /// header line. Cells may be quoted as in RFC 4180, and hold line ends then. Where all lines of a file have equally many tabs,
    /// quotes are part of the text, unless each cell that begins with one is quoted as a whole.
    ///
    /// The classes are the different labels in order, whole numbers by value.
    ///
    /// @throws DataException if the file is not there or is no such table: file, line, what was expected, what was got
    /// @throws IOException if it cannot be read
    public static LabelledText read(Path file, String textColumn, String labelColumn) throws IOException {
        return new LabelledTextReader(file, textColumn, labelColumn).read(Optional.empty());
    }

    /// Reads a table of text with the classes of another, which a network has been trained with.
    ///
    /// @throws DataException if a label is none of the classes, too
    /// @throws IOException if it cannot be read
    public static LabelledText read(Path file, String textColumn, String labelColumn, List<String> classes)
            throws IOException {
        return new LabelledTextReader(file, textColumn, labelColumn).read(Optional.of(classes));
    }

    @Override
    public int[] labels() {
        return labels.clone();
    }

    /// The number of examples.
    public int size() {
        return texts.size();
    }

    /// Two parts drawn at random, the first with this share of each class. Texts that differ in nothing but white space and upper and
    /// lower case go into the same part, so that the test holds nothing that was learned by heart; a group of such copies
    /// goes where there is room when its turn comes, so that large ones may shift the shares. Of two different texts of a class or more, each part gets one at least.
    ///
    /// @throws DataException if the share is not between 0 and 1, or a part would be empty
    public Split split(double trainShare, long seed) {
        if (!(trainShare > 0 && trainShare < 1)) {
            throw new DataException("split needs a share between 0 and 1 for the first part, got " + trainShare);
        }
        Map<String, Integer> classOf = new HashMap<>(); // of the first of its copies, should they differ
        Map<Integer, Map<String, List<Integer>>> groups = new TreeMap<>();
        for (int i : Dataset.shuffledIndices(size(), seed, 0)) {
            String key = SPACE.matcher(texts.get(i).toLowerCase(Locale.ROOT)).replaceAll(" ").strip();
            int label = classOf.computeIfAbsent(key, _ -> labels[i]);
            groups.computeIfAbsent(label, _ -> new LinkedHashMap<>())
                    .computeIfAbsent(key, _ -> new ArrayList<>())
                    .add(i);
        }
        boolean[] train = new boolean[size()];
        for (Map<String, List<Integer>> ofClass : groups.values()) {
            take(ofClass.values(), trainShare, train);
        }
        Split split = new Split(part(train, true), part(train, false));
        if (split.train.size() == 0 || split.test.size() == 0) {
            throw new DataException(
                    String.format(
                            "split cannot make two parts of %d texts, of which %d differ: take more texts",
                            size(), classOf.size()));
        }
        return split;
    }

    // Copies stay together.
    private static void take(Collection<List<Integer>> groups, double share, boolean... train) {
        int all = groups.stream().mapToInt(List::size).sum();
        boolean one = groups.size() == 1;
        long room = one ? Math.round(share) * all : Math.clamp(Math.round(all * share), 1, all - 1);
        boolean taken = false;
        for (List<Integer> group : groups) {
            if (group.size() <= room) {
                room -= group.size();
                group.forEach(i -> train[i] = true);
                taken = true;
            }
        }
        if (!taken && !one) {
            groups.stream()
                    .min((a, b) -> Integer.compare(a.size(), b.size()))
                    .orElseThrow()
                    .forEach(i -> train[i] = true);
        }
    }

    private LabelledText part(boolean[] train, boolean wanted) {
        int[] its = IntStream.range(0, size()).filter(i -> train[i] == wanted).toArray();
        return new LabelledText(
                IntStream.of(its).mapToObj(texts::get).toList(),
                IntStream.of(its).map(i -> labels[i]).toArray(),
                classes);
    }

    /// A training part and a part to test on.
    public record Split(LabelledText train, LabelledText test) {}
}
