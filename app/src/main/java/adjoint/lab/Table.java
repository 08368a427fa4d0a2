package adjoint.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Numbers in rows and columns, already as text.
///
/// @param title above it
/// @param columns their heads
/// @param rows the cells of each row
public record Table(String title, List<String> columns, List<List<String>> rows) {
    /// @throws IllegalArgumentException if a row has more or fewer cells than there are columns
    public Table {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "table '" + title + "' has " + columns.size() + " columns, but a row " + row);
            }
        }
    }

    /// As lines of text: what begins with a digit or a sign stands at the right, as do most numbers.
    public String text() {
        List<List<String>> all = new ArrayList<>(List.of(columns));
        all.addAll(rows);
        var text = new StringBuilder(title).append('\n');
        for (List<String> row : all) {
            var line = new StringBuilder();
            for (int c = 0; c < row.size(); c++) {
                int column = c;
                int width = all.stream().mapToInt(r -> r.get(column).length()).max().orElse(0);
                String space = " ".repeat(width - row.get(c).length());
                line.append(c == 0 ? "" : "  ").append(isNumeric(c) ? space + row.get(c) : row.get(c) + space);
            }
            text.append("  ").append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /// Whether most of a column's cells are numbers.
    boolean isNumeric(int column) {
        long numbers =
                IntStream.range(0, rows.size()).filter(i -> rows.get(i).get(column).matches("[-+]?[\\d.].*")).count();
        return 2 * numbers > rows.size();
    }
}
