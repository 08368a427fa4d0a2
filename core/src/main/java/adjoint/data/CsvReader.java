package adjoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// Makes a [CsvTable] of rows of text: names, target, missing cells, and each column's values.
final class CsvReader {
    private static final int MOST_CLASSES = 20;

    private final Path file;
    private final CsvFormat format;
    private List<CsvText.Row> rows = List.of();
    private List<String> names = List.of();
    private boolean header;
    private int target;

    CsvReader(Path file, CsvFormat format) {
        this.file = file;
        this.format = format;
    }

    CsvTable read() throws IOException {
        rows = CsvText.read(file, format);
        if (rows.isEmpty()) {
            throw new DataException(file + " is empty: expected a table, one line for each example");
        }
        takeHeader();
        checkShape();
        target = format.target().map(this::column).orElse(names.size() - 1);
        Set<Integer> categorical = new HashSet<>();
        format.categorical().forEach(c -> categorical.add(column(c)));
        treatMissing();
        List<String> features = new ArrayList<>();
        List<float[]> columns = new ArrayList<>();
        for (int c = 0; c < names.size(); c++) {
            if (c != target && categorical.contains(c)) {
                addCategories(c, features, columns);
            } else if (c != target) {
                features.add(names.get(c));
                columns.add(numbers(c));
            }
        }
        return table(features, interleaved(columns), categorical.contains(target));
    }

    private void takeHeader() {
        List<String> first = rows.getFirst().cells();
        header = format.header().orElseGet(this::looksLikeHeader);
        names =
                IntStream.range(0, first.size())
                        .mapToObj(c -> header && !first.get(c).isBlank() ? first.get(c).strip() : "column " + c)
                        .toList();
        for (int c = 0; c < names.size(); c++) {
            int other = names.indexOf(names.get(c));
            if (other < c) {
                throw new DataException(
                        String.format(
                                "%s, line %d: columns %d and %d are both named \"%s\": rename one",
                                file, rows.getFirst().line(), other, c, names.get(c)));
            }
        }
        rows = header ? rows.subList(1, rows.size()) : rows;
        if (rows.isEmpty()) {
            throw new DataException(file + " has a header line and no rows: expected a line for each example after it");
        }
    }

    // No cell is a number, and below some of them stand mostly numbers. Or the cells number the columns.
    private boolean looksLikeHeader() {
        List<String> first = rows.getFirst().cells();
        if (first.stream().anyMatch(Numbers::isNumber)) {
            return countsColumns(0) || countsColumns(1);
        }
        return rows.size() == 1
                || IntStream.range(0, first.size())
                        .anyMatch(c -> {
                            long numbers = rows.stream().skip(1).filter(r -> Numbers.isNumber(cell(r, c))).count();
                            long texts = rows.stream().skip(1).filter(r -> !isMissing(cell(r, c))).count() - numbers;
                            return !isMissing(first.get(c)) && numbers > texts;
                        });
    }

    // 0,1,2,class: all numbers are those of the columns, and something tells that it is no example: a text that does
    // not
    // occur among those that repeat below, or fractions below.
    private boolean countsColumns(int from) {
        List<String> first = rows.getFirst().cells();
        int numbers = 0;
        boolean strange = false;
        boolean fractions = false;
        for (int c = 0; c < first.size(); c++) {
            int column = c;
            List<String> below = rows.stream().skip(1).map(r -> cell(r, column)).toList();
            if (Numbers.isNumber(first.get(c))) {
                if (!first.get(c).equals(Integer.toString(c + from))) {
                    return false;
                }
                numbers++;
                fractions |= below.stream().anyMatch(v -> Numbers.isNumber(v) && !Numbers.isWhole(v));
            } else {
                boolean repeat = below.stream().distinct().count() < below.size();
                strange |= !isMissing(first.get(c)) && repeat && !below.contains(first.get(c));
            }
        }
        return numbers >= 2 && strange || numbers >= 3 && fractions;
    }

    private void checkShape() {
        if (names.size() < 2) {
            throw new DataException(
                    file
                            + " has one column, expected features and a target: give the character between them with"
                            + " separator(…)");
        }
        CsvText.requireEven(file, rows, names.size());
    }

    private int column(String told) {
        int number = CsvFormat.number(told);
        int index = names.contains(told) ? names.indexOf(told) : number;
        if (index < 0 || index >= names.size()) {
            throw new DataException(
                    String.format(
                            "%s has no column %s, only %s%s",
                            file,
                            number < 0 ? "\"" + told + "\"" : number + " (they count from 0)",
                            String.join(", ", names),
                            header ? "" : ": if the first line names them, say header(true)"));
        }
        return index;
    }

    private void treatMissing() {
        List<CsvText.Row> kept = new ArrayList<>();
        for (CsvText.Row row : rows) {
            int gap = IntStream.range(0, names.size()).filter(c -> isMissing(cell(row, c))).findFirst().orElse(-1);
            boolean inTarget = isMissing(cell(row, target));
            if (gap >= 0 && (format.missing() == Missing.REFUSE || format.missing() == Missing.MEAN && inTarget)) {
                String remedy = inTarget ? "" : ", or fill it with missing(Missing.MEAN)";
                throw new DataException(
                        place(row, inTarget ? target : gap)
                                + ": the value is missing: leave such rows out with missing(Missing.DROP_ROW)"
                                + remedy);
            }
            if (gap < 0 || format.missing() == Missing.MEAN) {
                kept.add(row);
            }
        }
        if (kept.isEmpty()) {
            throw new DataException(file + " has no row without a missing value: fill them with missing(Missing.MEAN)");
        }
        rows = kept;
    }

    private float[] numbers(int c) {
        float[] values = new float[rows.size()];
        for (int i = 0; i < values.length; i++) {
            CsvText.Row row = rows.get(i);
            values[i] = isMissing(cell(row, c)) ? Float.NaN : number(row, c);
        }
        fill(c, values);
        return values;
    }

    private float number(CsvText.Row row, int c) {
        String cell = cell(row, c);
        if (Numbers.isNumber(cell) && Float.isFinite(Float.parseFloat(cell))) {
            return Float.parseFloat(cell);
        }
        if (Numbers.isNumber(cell) || Numbers.isNotFinite(cell)) {
            throw new DataException(place(row, c) + ": expected a finite number, got \"" + cell + "\": correct it");
        }
        boolean first = !header && row == rows.getFirst();
        String remedy = Numbers.isNumber(cell.replace(',', '.')) ? "write decimals with a point" : "correct it";
        if (c != target) {
            remedy += ", or make numbers of a column of text with categorical(…)";
        } else {
            remedy += ", or predict classes with classification()";
        }
        if (first) {
            remedy += ", or say header(true) if this line names the columns";
        }
        throw new DataException(place(row, c) + ": expected a number, got \"" + cell + "\": " + remedy);
    }

    private void fill(int c, float... values) {
        double mean =
                IntStream.range(0, values.length)
                        .mapToDouble(i -> values[i])
                        .filter(v -> !Double.isNaN(v))
                        .average()
                        .orElseThrow(() ->
                                new DataException(
                                        file
                                                + ": the column \""
                                                + names.get(c)
                                                + "\" has no value in any row: remove it"));
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.isNaN(values[i]) ? (float) mean : values[i];
        }
    }

    private void addCategories(int c, List<String> features, List<float[]> columns) {
        var categories = new Categories(rows.stream().map(r -> cell(r, c)).filter(s -> !isMissing(s)).toList());
        int[] labels = rows.stream().mapToInt(r -> isMissing(cell(r, c)) ? -1 : categories.label(cell(r, c))).toArray();
        for (int k = 0; k < Math.max(1, categories.names().size()); k++) {
            float[] values = new float[labels.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = labels[i] < 0 ? Float.NaN : labels[i] == k ? 1 : 0;
            }
            fill(c, values);
            features.add(names.get(c) + "=" + categories.names().get(k));
            columns.add(values);
        }
    }

    private float[] interleaved(List<float[]> columns) {
        if ((long) columns.size() * rows.size() > Integer.MAX_VALUE - 8) {
            throw new DataException(
                    String.format(
                            "%s gives %d rows of %d values, more than one array holds: take a part of it",
                            file, rows.size(), columns.size()));
        }
        float[] x = new float[columns.size() * rows.size()];
        for (int c = 0; c < columns.size(); c++) {
            for (int i = 0; i < rows.size(); i++) {
                x[i * columns.size() + c] = columns.get(c)[i];
            }
        }
        return x;
    }

    private CsvTable table(List<String> features, float[] x, boolean categorical) {
        int[] shape = {features.size()};
        List<String> texts = rows.stream().map(r -> cell(r, target)).toList();
        if (!isClasses(texts, categorical)) {
            ArrayDataset data = ArrayDataset.regression(x, shape, numbers(target), 1);
            return new CsvTable(names, names.get(target), features, List.of(), data);
        }
        var classes = new Categories(texts);
        if (classes.names().size() < 2) {
            throw new DataException(
                    String.format(
                            "%s: the target \"%s\" has the one class \"%s\", expected at least two: choose the"
                                    + " column with target(…)",
                            file, names.get(target), classes.names().getFirst()));
        }
        int[] labels = texts.stream().mapToInt(classes::label).toArray();
        ArrayDataset data = ArrayDataset.classification(x, shape, labels, classes.names());
        return new CsvTable(names, names.get(target), features, classes.names(), data);
    }

    private boolean isClasses(List<String> texts, boolean categorical) {
        if (categorical || format.task() != CsvFormat.Task.DETECT) {
            return format.task() != CsvFormat.Task.REGRESSION;
        }
        List<String> numbers = texts.stream().filter(Numbers::isNumber).distinct().limit(MOST_CLASSES + 1).toList();
        boolean whole = numbers.size() <= MOST_CLASSES && numbers.stream().allMatch(Numbers::isWhole);
        boolean gaps = !numbers.isEmpty() && texts.stream().anyMatch(Numbers::isNotFinite);
        return whole && !gaps;
    }

    private String place(CsvText.Row row, int c) {
        return file + ", line " + row.line() + ", " + (header ? "column \"" + names.get(c) + "\"" : names.get(c));
    }

    private static String cell(CsvText.Row row, int c) {
        return c < row.cells().size() ? row.cells().get(c) : "";
    }

    private static boolean isMissing(String cell) {
        return cell.isBlank() || cell.equals("?");
    }
}
