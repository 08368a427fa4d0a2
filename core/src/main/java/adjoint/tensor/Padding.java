package adjoint.tensor;

/// What stands around the spatial axes of an input before a window slides over it. Convolutions see zeros there, pooling
/// sees nothing.
///
/// @param same whether as much is put around as makes `out = ⌈in / stride⌉`; the other two are then not used
/// @param before how much stands before each spatial axis; a single number holds for all
/// @param after how much stands behind
public record Padding(boolean same, Ints before, Ints after) {
    /// Nothing: windows lie inside the input.
    public static final Padding VALID = of(0);

    /// As much as makes `out = ⌈in / stride⌉`; where it is odd, the larger half stands behind.
    public static final Padding SAME = new Padding(true, Ints.of(0), Ints.of(0));

    /// @throws ShapeException if a number is negative
    public Padding {
        for (Ints side : new Ints[] {before, after}) {
            for (int n : side.toArray()) {
                if (n < 0) {
                    throw new ShapeException(
                            "padding needs numbers of 0 or more, got " + side + ": use slice to cut off");
                }
            }
        }
    }

    /// So much on both sides of each spatial axis; a single number holds for all axes.
    public static Padding of(int... each) {
        return new Padding(false, Ints.of(each), Ints.of(each));
    }

    /// So much before and so much behind each spatial axis.
    public static Padding of(int[] before, int[] after) {
        return new Padding(false, Ints.of(before), Ints.of(after));
    }

    /// As it is written: `SAME`, `VALID` or the numbers.
    @Override
    public String toString() {
        if (same) {
            return "SAME";
        }
        if (equals(VALID)) {
            return "VALID";
        }
        boolean one = before.length() == 1;
        return before.equals(after)
                ? one ? "" + before.at(0) : before.toString()
                : before + " before, " + after + " after";
    }
}
