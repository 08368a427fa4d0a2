package adjoint.tensor;

import java.util.Arrays;

/// An immutable tuple of integers with value equality, for the attributes of ops (a record's array would compare by identity).
public final class Ints {
    private final int[] values;
    private final int hash;

    private Ints(int[] values) {
        this.values = values;
        this.hash = Arrays.hashCode(values);
    }

    /// A tuple of a copy of the values.
    public static Ints of(int... values) {
        return new Ints(values.clone());
    }

    /// The number of values.
    public int length() {
        return values.length;
    }

    /// The value at `i`.
    public int at(int i) {
        return values[i];
    }

    /// True if one of the values is `value`.
    public boolean contains(int value) {
        for (int v : values) {
            if (v == value) {
                return true;
            }
        }
        return false;
    }

    /// A copy of the values.
    public int[] toArray() {
        return values.clone();
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Ints o && hash == o.hash && Arrays.equals(values, o.values);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(values);
    }
}
