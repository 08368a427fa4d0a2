package adjoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// A table of text read from a file: one row for each example, one column to be predicted, the others features.
///
/// ```java
/// CsvTable iris = CsvTable.read(Path.of("iris.csv"));
/// CsvTable shells = CsvTable.format().categorical("sex").target("rings").regression().read(Path.of("abalone.csv"));
/// ```
///
/// @param columns the names in the file, the target's among them, or `column 0`, `column 1`, … where it has no header
/// @param target the name of the column to be predicted
/// @param features the names of an example's values: a column of numbers gives one, a categorical column one for each
///     of its categories, such as `sex=F`
/// @param classes the classes of the target in order of label; none for regression
/// @param dataset the examples, `[features]` each
public record CsvTable(
        List<String> columns, String target, List<String> features, List<String> classes, ArrayDataset dataset) {
    /// Copies the lists.
    public CsvTable {
        columns = List.copyOf(columns);
        features = List.copyOf(features);
        classes = List.copyOf(classes);
    }

    /// The options, to be set before reading: at first all is detected, and the last column is the target.
    public static CsvFormat format() {
        return CsvFormat.DETECT;
    }

    /// Reads a table with everything detected, the last column being the target.
    ///
    /// @throws DataException if the file is not there or is no such table: file, line, what was expected, what was got
    public static CsvTable read(Path file) throws IOException {
        return format().read(file);
    }
}
