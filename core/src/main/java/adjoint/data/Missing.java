package adjoint.data;

/// What [CsvTable] does with a cell that is empty or `?`.
public enum Missing {
    /// Refuses the table, naming the line.
    REFUSE,
    /// Leaves the row out.
    DROP_ROW,
    /// Takes the mean of the column's other rows, or the shares of its categories; a missing target is refused. The
    /// mean is that of the whole table: to keep test rows out of it, read them from a file of their own.
    MEAN
}
