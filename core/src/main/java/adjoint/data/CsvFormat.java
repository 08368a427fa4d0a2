package adjoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// How to read a [CsvTable]. Each method gives a changed copy.
///
/// Columns are told by name or by number from 0; where the file has no header they are named `column 0`, `column 1`, ….
///
/// @param separator between cells, or empty to detect it among comma, semicolon and tab
/// @param header whether the first line names the columns, or empty to detect it
/// @param target the name of the column to be predicted, or empty for the last
/// @param categorical the names of columns whose values are categories, turned into one number each, 0 or 1
/// @param missing what to do with empty cells and `?`
/// @param task what to predict
public record CsvFormat(
        Optional<Character> separator,
        Optional<Boolean> header,
        Optional<String> target,
        Set<String> categorical,
        Missing missing,
        Task task) {
    static final CsvFormat DETECT =
            new CsvFormat(Optional.empty(), Optional.empty(), Optional.empty(), Set.of(), Missing.REFUSE, Task.DETECT);

    private static final String NUMBER = "#"; // before the number of a column told by number

    /// What is to be predicted.
    public enum Task {
        /// Classes if the target is text or has at most 20 different whole numbers, else a number.
        DETECT,
        /// One of some classes.
        CLASSIFICATION,
        /// A number.
        REGRESSION
    }

    /// Copies the set.
    public CsvFormat {
        categorical = Set.copyOf(categorical);
    }

    /// With cells separated by this character.
    public CsvFormat separator(char character) {
        if (character == '"' || character == '\n' || character == '\r') {
            throw new DataException("cells cannot be separated by a quote or a line end: give another character");
        }
        return new CsvFormat(Optional.of(character), header, target, categorical, missing, task);
    }

    /// With a first line that names the columns, or not.
    public CsvFormat header(boolean present) {
        return new CsvFormat(separator, Optional.of(present), target, categorical, missing, task);
    }

    /// With this column to be predicted.
    public CsvFormat target(String column) {
        return new CsvFormat(separator, header, Optional.of(column), categorical, missing, task);
    }

    /// With this column to be predicted.
    ///
    /// @param column its number, from 0
    public CsvFormat target(int column) {
        return target(NUMBER + column);
    }

    /// With these columns as categories too: text, or numbers that only stand for something.
    public CsvFormat categorical(String... columns) {
        Set<String> all = new TreeSet<>(categorical);
        all.addAll(List.of(columns));
        return new CsvFormat(separator, header, target, all, missing, task);
    }

    /// With these columns as categories too.
    ///
    /// @param columns their numbers, from 0
    public CsvFormat categorical(int... columns) {
        CsvFormat all = this;
        for (int column : columns) {
            all = all.categorical(NUMBER + column);
        }
        return all;
    }

    /// With empty cells and `?` treated so.
    public CsvFormat missing(Missing treatment) {
        return new CsvFormat(separator, header, target, categorical, treatment, task);
    }

    /// With classes to be predicted, also where they are many numbers.
    public CsvFormat classification() {
        return new CsvFormat(separator, header, target, categorical, missing, Task.CLASSIFICATION);
    }

    /// With a number to be predicted, also where there are few different ones.
    public CsvFormat regression() {
        return new CsvFormat(separator, header, target, categorical, missing, Task.REGRESSION);
    }

    /// Reads a table.
    ///
    /// @throws DataException if the file is not there or is no such table: file, line, what was expected, what was got
    public CsvTable read(Path file) throws IOException {
        return new CsvReader(file, this).read();
    }

    /// The number of a column told by number, or -1 if it is told by name or the number is none.
    static int number(String column) {
        return column.matches(NUMBER + "\\d{1,9}") ? Integer.parseInt(column.substring(1)) : -1;
    }
}
