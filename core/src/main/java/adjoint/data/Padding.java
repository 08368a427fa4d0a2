package adjoint.data;

/// What lies beyond the border of a picture.
public enum Padding {
    /// Zeros: black.
    ZERO,
    /// The picture itself, mirrored at its outermost row or column, which is not repeated: `c b | a b c | b a`.
    REFLECT;

    /// Where to look for position `i` of 0 … n-1; -1: nowhere, it is zero.
    int at(int i, int n) {
        if (i >= 0 && i < n) {
            return i;
        }
        if (this == ZERO) {
            return -1;
        }
        int period = Math.max(1, 2 * (n - 1));
        int folded = Math.floorMod(i, period);
        return folded < n ? folded : period - folded;
    }
}
