package adjoint.games;

/// The rules once more, with arrays.
final class NaiveConnectFour {
    final int[][] squares = new int[6][7]; // row 0 below; 0 empty, 1 or 2 stones
    final int[] heights = new int[7];
    int stones;
    boolean won;

    void play(int column) {
        int row = heights[column]++;
        squares[row][column] = 1 + stones++ % 2;
        won = wins(row, column);
    }

    void takeBack(int column) {
        squares[--heights[column]][column] = 0;
        stones--;
        won = false;
    }

    boolean isOver() {
        return won || stones == 42;
    }

    private boolean wins(int row, int column) {
        int[][] directions = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};
        for (int[] d : directions) {
            if (1 + length(row, column, d[0], d[1]) + length(row, column, -d[0], -d[1]) >= 4) {
                return true;
            }
        }
        return false;
    }

    private int length(int row, int column, int up, int right) {
        int length = 0;
        int r = row + up;
        int c = column + right;
        while (r >= 0 && r < 6 && c >= 0 && c < 7 && squares[r][c] == squares[row][column]) {
            length++;
            r += up;
            c += right;
        }
        return length;
    }

    /// The score as the solver defines it, by trying everything.
    int score() {
        if (won) {
            return -(22 - (stones + 1) / 2);
        }
        if (stones == 42) {
            return 0;
        }
        int most = -100;
        for (int c = 0; c < 7; c++) {
            if (heights[c] < 6) {
                play(c);
                most = Math.max(most, -score());
                takeBack(c);
            }
        }
        return most;
    }
}
