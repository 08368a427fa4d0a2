package adjoint.games;

import adjoint.tensor.Shape;

import java.util.Arrays;

/// The squares of a board, numbered row by row from the upper left one; sets of them are bits.
record Squares(int rows, int columns) {
    private static final char EMPTY = '·';
    private static final char OPEN = '+';

    Shape planes() {
        return Shape.of(rows, columns, 2);
    }

    /// `a1` is the upper left one.
    String name(int square) {
        return column(square % columns) + (square / columns + 1);
    }

    static String column(int column) {
        return String.valueOf((char) ('a' + column));
    }

    /// Where a square goes: bit 0 of the symmetry swaps left and right, bit 1 up and down, bit 2 rows and columns.
    int turned(int square, int symmetry) {
        int row = square / columns;
        int column = square % columns;
        column = (symmetry & 1) == 0 ? column : columns - 1 - column;
        row = (symmetry & 2) == 0 ? row : rows - 1 - row;
        return (symmetry & 4) == 0 ? row * columns + column : column * columns + row;
    }

    long turned(long set, int symmetry) {
        long result = 0;
        for (long left = set; left != 0; left &= left - 1) {
            result |= 1L << turned(Long.numberOfTrailingZeros(left), symmetry);
        }
        return result;
    }

    void observe(long own, long other, float[] target, int offset) {
        Arrays.fill(target, offset, offset + 2 * rows * columns, 0);
        for (long left = own; left != 0; left &= left - 1) {
            target[offset + 2 * Long.numberOfTrailingZeros(left)] = 1;
        }
        for (long left = other; left != 0; left &= left - 1) {
            target[offset + 2 * Long.numberOfTrailingZeros(left) + 1] = 1;
        }
    }

    /// In a frame, with letters below the columns.
    ///
    /// @param open squares to be marked, of those that are empty
    /// @param numbered whether rows are numbered
    String text(long x, long o, long open, boolean numbered) {
        String margin = numbered ? "  " : "";
        String line = "─".repeat(2 * columns + 1);
        var text = new StringBuilder(margin).append('┌').append(line).append("┐\n");
        for (int row = 0; row < rows; row++) {
            text.append(numbered ? row + 1 + " " : "").append('│');
            for (int column = 0; column < columns; column++) {
                long bit = 1L << row * columns + column;
                text.append(' ').append((x & bit) != 0 ? 'X' : (o & bit) != 0 ? 'O' : (open & bit) != 0 ? OPEN : EMPTY);
            }
            text.append(" │\n");
        }
        text.append(margin).append('└').append(line).append("┘\n").append(margin).append(' ');
        for (int column = 0; column < columns; column++) {
            text.append(' ').append(column(column));
        }
        return text.append('\n').toString();
    }
}
