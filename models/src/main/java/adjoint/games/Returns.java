package adjoint.games;

import java.util.Arrays;

/// The sums of rewards of some episodes.
///
/// @param episodes how many
/// @param mean of all
/// @param deviation of one from the mean
/// @param least of all
/// @param greatest of all
/// @param steps of all together
public record Returns(int episodes, double mean, double deviation, double least, double greatest, long steps) {
    static Returns of(double[] totals, long steps) {
        double mean = Arrays.stream(totals).average().orElseThrow();
        double variance = Arrays.stream(totals).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
        return new Returns(
                totals.length,
                mean,
                Math.sqrt(variance),
                Arrays.stream(totals).min().orElseThrow(),
                Arrays.stream(totals).max().orElseThrow(),
                steps);
    }
}
