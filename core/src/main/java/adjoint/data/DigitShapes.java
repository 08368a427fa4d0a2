package adjoint.data;

import java.util.Arrays;

/// The skeletons of the digits: for each digit some ways of writing it, each some strokes, each a curve through points.
final class DigitShapes {
    // "x,y x,y …; x,y …": points of a box of 100 by 100, y downwards; strokes that share an end make a corner there.
    private static final String[][] TEXT = {
        {
            "50,0 26,12 16,50 26,88 50,100 74,88 84,50 74,12 50,0",
            "62,4 40,3 22,36 22,78 44,99 66,86 80,50 74,14 54,3 38,14",
            "36,16 22,50 28,88 50,100 72,84 78,44 66,8 46,2 30,20",
        },
        {
            "50,0 50,100",
            "60,0 44,100",
            "26,24 50,0; 50,0 50,100",
            "28,22 50,0; 50,0 50,100; 26,100 74,100",
            "20,40 56,0; 56,0 52,100",
        },
        {
            "20,24 30,6 52,0 74,12 74,34 50,66 18,100; 18,100 84,100",
            "20,22 34,4 58,2 74,20 66,48 42,80 24,96 16,86 28,78 48,90 66,98 86,90",
            "22,28 36,4 64,4 76,26 58,56 36,78 20,98; 20,98 50,94 84,100",
            "18,12 46,0 74,14 70,40 44,74 20,98; 20,98 52,92 82,96",
        },
        {
            "22,12 46,0 70,10 68,34 42,46; 42,46 74,56 78,80 52,100 18,88",
            "22,2 76,2; 76,2 44,40; 44,40 76,54 76,84 48,100 18,86",
            "24,10 50,0 72,16 60,38 46,46 66,54 76,74 60,96 34,99 18,88",
        },
        {
            "28,2 18,58; 18,58 88,56; 68,22 62,100",
            "62,0 14,66; 14,66 88,66; 62,0 62,100",
            "24,0 18,40 34,56 72,50; 78,0 72,50 66,100",
            "58,0 16,60; 16,60 86,62; 68,36 60,100",
        },
        {
            "78,2 30,2; 30,2 24,44; 24,44 52,36 78,56 76,84 48,100 18,90",
            "76,4 44,6 28,24 38,42 64,50 78,72 60,96 34,99 18,88",
            "34,6 28,46; 28,46 56,40 76,62 66,92 40,100 16,88; 34,6 84,0",
        },
        {
            "68,2 40,18 20,56 26,90 50,100 74,86 72,62 50,52 24,70",
            "60,0 32,40 20,76 38,98 64,94 74,72 56,56 28,68",
            "74,14 58,2 34,16 20,60 32,96 60,98 76,74 58,54 30,62 22,76",
        },
        {
            "18,4 80,4; 80,4 40,100",
            "18,4 80,4; 80,4 44,100; 34,52 78,50",
            "18,20 20,4; 20,4 82,6; 82,6 56,44 46,100",
            "18,10 40,2 58,8 82,2; 82,2 54,50 44,100",
            "18,10 40,2 58,8 82,2; 82,2 56,46 42,100; 36,54 76,48",
        },
        {
            "50,48 26,24 50,0 74,24 50,48 22,76 50,100 78,76 50,48",
            "50,0 28,22 50,46 72,22 50,0; 50,46 20,74 50,100 80,74 50,46",
            "74,14 50,0 26,16 36,40 62,56 76,80 50,100 24,82 38,56 62,38 76,14",
        },
        {
            "74,18 50,0 24,18 30,46 56,48 76,20; 76,8 70,100",
            "74,20 54,0 26,12 26,42 54,50 74,26; 74,14 76,56 58,94 28,96",
            "72,14 46,2 24,26 40,50 66,38 76,10; 76,10 72,60 60,100",
        },
    };

    private static final double[][][][][] SHAPES =
            Arrays.stream(TEXT)
                    .map(ways -> Arrays.stream(ways).map(DigitShapes::strokes).toArray(double[][][][]::new))
                    .toArray(double[][][][][]::new);

    private DigitShapes() {}

    /// The number of ways to write a digit.
    static int ways(int digit) {
        return SHAPES[digit].length;
    }

    /// One way to write a digit: strokes of points of x and y, −0.5 … 0.5.
    static double[][][] strokes(int digit, int way) {
        return SHAPES[digit][way];
    }

    private static double[][][] strokes(String text) {
        return Arrays.stream(text.split("; "))
                .map(stroke -> Arrays.stream(stroke.split(" ")).map(DigitShapes::point).toArray(double[][]::new))
                .toArray(double[][][]::new);
    }

    private static double[] point(String text) {
        return Arrays.stream(text.split(",")).mapToDouble(v -> Integer.parseInt(v) / 100.0 - 0.5).toArray();
    }
}
