package adjoint.kernel;

import static adjoint.kernel.VectorProductTiles.LANES;
import static adjoint.kernel.VectorProductTiles.ROWS;
import static adjoint.kernel.VectorProductTiles.VECTORS;

import java.lang.foreign.MemorySegment;

/// A matrix kept for many products with few rows each: its columns in panels of one to three vectors, one panel after the
/// other, each row by row. The number of columns is that of whole vectors.
final class VectorPanels {
    private static final int F = Float.BYTES;

    private final int depth;
    private final int vectors;
    private final int panels;

    VectorPanels(int depth, int vectors) {
        this.depth = depth;
        this.vectors = vectors;
        this.panels = Math.ceilDiv(vectors, VECTORS);
    }

    /// The number of panels.
    int count() {
        return panels;
    }

    /// Bytes of all panels.
    long bytes() {
        return (long) depth * vectors * LANES * F;
    }

    /// The first column of a panel; after the last one, the number of columns. Rather 2 + 2 vectors at the end than 3 + 1.
    int column(int panel) {
        boolean borrow = panel > 0 && panel == panels - 1 && vectors % VECTORS == 1;
        return Math.min(vectors, panel * VECTORS - (borrow ? 1 : 0)) * LANES;
    }

    /// Where a panel begins, in bytes.
    long offset(int panel) {
        return (long) column(panel) * depth * F;
    }

    /// `c (+)= a · panels` for so many rows of `a` and `c`; offsets and row strides in bytes. Each element is the sum of the
    /// same terms in the same order, whatever the number of rows.
    void multiply(
            int rows,
            MemorySegment a,
            long a0,
            long rowA,
            MemorySegment packed,
            long p0,
            MemorySegment c,
            long c0,
            long rowC,
            boolean add) {
        for (int panel = 0; panel < panels; panel++) {
            int first = column(panel);
            int width = column(panel + 1) - first;
            long b0 = p0 + offset(panel);
            long to = c0 + (long) first * F;
            int height;
            for (int i = 0; i < rows; i += height) {
                height = rows - i > 4 ? ROWS : 4;
                int last = Math.min(height, rows - i) - 1;
                VectorProductTiles.tile(
                        height,
                        width / LANES,
                        depth,
                        a,
                        a0 + i * rowA,
                        rowA,
                        1,
                        packed,
                        b0,
                        width,
                        c,
                        to + i * rowC,
                        rowC,
                        last,
                        add);
            }
        }
    }
}
