package adjoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Makes [LabelledText] of rows of text: the two columns, and the classes.
final class LabelledTextReader {
    private static final int FEW = 20; // classes that a message lists

    private final Path file;
    private final String textColumn;
    private final String labelColumn;
    private List<String> names = List.of();
    private boolean header;

    LabelledTextReader(Path file, String textColumn, String labelColumn) {
        this.file = file;
        this.textColumn = textColumn;
        this.labelColumn = labelColumn;
    }

    LabelledText read(Optional<List<String>> classes) throws IOException {
        List<CsvText.Row> rows = CsvText.readTexts(file);
        if (rows.isEmpty()) {
            throw new DataException(file + " is empty: expected a table, one line for each text");
        }
        List<String> first = rows.getFirst().cells();
        header = !isNumber(textColumn) || !isNumber(labelColumn) || first.containsAll(List.of(textColumn, labelColumn));
        names = header ? first : IntStream.range(0, first.size()).mapToObj(c -> "column " + c).toList();
        int text = column(textColumn);
        int label = column(labelColumn);
        if (text == label) {
            throw new DataException(
                    file + ": the texts and the labels cannot both be " + names.get(text) + ": give another column");
        }
        CsvText.requireEven(file, rows, names.size());
        List<CsvText.Row> examples = header ? rows.subList(1, rows.size()) : rows;
        if (examples.isEmpty()) {
            throw new DataException(file + " has a header line and no rows: expected a line for each text after it");
        }
        for (CsvText.Row row : examples) {
            if (row.cells().get(label).isBlank()) {
                throw new DataException(place(row) + ": the label is missing: fill it in, or leave the line out");
            }
        }
        List<String> texts = examples.stream().map(r -> r.cells().get(text)).toList();
        return classes.isPresent()
                ? new LabelledText(texts, known(examples, label, classes.get()), classes.get())
                : found(examples, texts, label);
    }

    private String place(CsvText.Row row) {
        return file + ", line " + row.line();
    }

    private static boolean isNumber(String told) {
        return told.matches("\\d{1,9}");
    }

    private int column(String told) {
        int index = names.indexOf(told);
        if (index != names.lastIndexOf(told)) {
            throw new DataException(
                    file + ", line 1: two columns are named \"" + told + "\": give the column's number");
        }
        index = index < 0 && isNumber(told) ? Integer.parseInt(told) : index;
        if (index < 0 || index >= names.size()) {
            throw new DataException(
                    String.format(
                            "%s has no column %s, only %s%s",
                            file,
                            isNumber(told) ? told + " (they count from 0)" : "\"" + told + "\"",
                            String.join(", ", names),
                            Nearest.hint(told, names)));
        }
        return index;
    }

    private int[] known(List<CsvText.Row> examples, int label, List<String> classes) {
        return examples.stream()
                .mapToInt(row -> {
                    String told = row.cells().get(label);
                    int index = classes.indexOf(told);
                    if (index < 0) {
                        throw new DataException(
                                String.format(
                                        "%s: the label \"%s\" is none of the %d classes%s, and the training data has"
                                                + " never seen it%s: correct it, or leave the line out%s",
                                        place(row),
                                        told,
                                        classes.size(),
                                        classes.size() <= FEW ? " " + String.join(", ", classes) : "",
                                        Nearest.hint(told, classes),
                                        header || row != examples.getFirst() ? "" : remedyOfHeader(row)));
                    }
                    return index;
                })
                .toArray();
    }

    private String remedyOfHeader(CsvText.Row row) {
        return "; if the line names the columns, tell them by name, as \"" + row.cells().getFirst() + "\"";
    }

    private LabelledText found(List<CsvText.Row> examples, List<String> texts, int label) {
        List<String> labels = examples.stream().map(r -> r.cells().get(label)).toList();
        var classes = new Categories(labels);
        if (classes.names().size() < 2) {
            throw new DataException(
                    String.format(
                            "%s: the labels in %s are all \"%s\", expected at least two classes: choose another column",
                            file, names.get(label), classes.names().getFirst()));
        }
        boolean repeat = classes.names().size() < labels.size();
        if (!header && repeat && Collections.frequency(labels, labels.getFirst()) == 1) {
            CsvText.Row row = examples.getFirst();
            throw new DataException(
                    String.format(
                            "%s: the label \"%s\" stands on no other line%s; if it is an example, give the classes when"
                                    + " reading",
                            place(row), labels.getFirst(), remedyOfHeader(row)));
        }
        return new LabelledText(texts, labels.stream().mapToInt(classes::label).toArray(), classes.names());
    }
}
