package adjoint.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A program's iteration space, simplified and cut into tiles.
///
/// Axes of extent 1 are dropped and the others ordered: kept axes before the last reduced one ("planes"), reduced axes
/// ("rows"), kept axes after ("columns"); neighbours that every view walks as one are merged. A tile is the innermost
/// axes whole and a chunk of one more, the split axis; where the program asks for rows, they are whole within a tile.
/// All of it depends on the program alone, never on the machine.
final class BlockSpace {
    /// The most points in a tile: a few registers of so many floats fit the nearest cache.
    static final int TILE = 2048;

    private static final int ALIGNMENT = 16; // tiles of a multiple of so many points, where that can be had
    private static final int TILES_PER_TASK = 8;
    private static final int MOST_TASKS = 64;

    private enum Group {
        PLANE,
        ROW,
        COLUMN
    }

    final int[] dims;

    /// Strides in elements, by view and axis.
    final long[][] strides;

    final int split;

    /// Points of a tile for each entry of the split axis.
    final int inner;

    /// The most entries of the split axis in a tile.
    final int chunk;

    /// Axes from the outermost to the split axis, kept ones first.
    final int[] loopAxes;

    final int[] loopCounts;

    /// How many of the last axes make a row, and its number of points; 0 and 1 without rows.
    final int rowAxes;

    final int rowLength;

    /// The axes without those of a row.
    final int[] narrowDims;

    final int keptLoops;
    final int keptTiles;
    final int reducedTiles;
    final int keptParts;
    final int reducedParts;

    /// How many results a reduction has.
    final long keptPoints;

    private final Group[] groups;
    private final long[] keptStrides;
    private final int[] groupInner = {1, 1, 1}; // points inside the split axis, by group

    BlockSpace(BlockProgram program) {
        var views = new ArrayList<View>(program.loads());
        program.stores().forEach(s -> views.add(s.target()));
        List<Integer> order = order(program);
        var group = groupsOf(program);
        var axes = new ArrayList<List<Integer>>(); // runs of axes to merge
        for (int axis : order) {
            if (!axes.isEmpty() && merges(program, views, group, axes.getLast(), axis)) {
                axes.getLast().add(axis);
            } else {
                axes.add(new ArrayList<>(List.of(axis)));
            }
        }
        int firstRowAxis = program.dims().length - program.rowAxes();
        rowAxes = (int) axes.stream().filter(run -> run.getFirst() >= firstRowAxis).count();
        rowLength = program.rowLength();
        if (rowAxes == axes.size()) {
            axes.addFirst(List.of()); // one axis at least is none of a row: it is the one that may be split
        }
        int rank = axes.size();
        dims = new int[rank];
        groups = new Group[rank];
        strides = new long[views.size()][rank];
        for (int i = 0; i < axes.size(); i++) {
            dims[i] = 1;
            groups[i] = Group.COLUMN;
            if (axes.get(i).isEmpty()) {
                continue;
            }
            for (int axis : axes.get(i)) {
                dims[i] *= program.dims()[axis];
            }
            groups[i] = group[axes.get(i).getFirst()];
            for (int v = 0; v < views.size(); v++) {
                strides[v][i] = views.get(v).strides()[axes.get(i).getLast()];
            }
        }

        narrowDims = Arrays.copyOf(dims, rank - rowAxes);

        int points = 1;
        int at = rank - 1;
        while (at > 0 && (long) points * dims[at] <= TILE) {
            points *= dims[at--];
        }
        split = at;
        inner = points;
        chunk = chunk(dims[split], inner);
        for (int i = split + 1; i < rank; i++) {
            groupInner[groups[i].ordinal()] *= dims[i];
        }

        keptStrides = new long[rank];
        long stride = 1;
        for (int i = rank - 1; i >= 0; i--) {
            if (groups[i] != Group.ROW) {
                keptStrides[i] = stride;
                stride *= dims[i];
            }
        }
        keptPoints = stride;

        loopAxes = new int[split + 1];
        loopCounts = new int[split + 1];
        int loops = 0;
        long[] tiles = {1, 1};
        int kept = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i <= split; i++) {
                if ((groups[i] == Group.ROW) == (pass == 1)) {
                    loopAxes[loops] = i;
                    loopCounts[loops] = i < split ? dims[i] : (dims[i] + chunk - 1) / chunk;
                    tiles[pass] *= loopCounts[loops++];
                }
            }
            kept = pass == 0 ? loops : kept;
        }
        keptLoops = kept;
        keptTiles = Math.toIntExact(tiles[0]);
        reducedTiles = Math.toIntExact(tiles[1]);
        int tasks = Math.clamp(tiles[0] * tiles[1] / TILES_PER_TASK, 1, MOST_TASKS);
        int wanted = tasks == 1 ? 1 : (tasks + 1) / 2 * 2; // three would keep two threads as long as four
        keptParts = Math.min(keptTiles, wanted);
        reducedParts = Math.min(reducedTiles, wanted / keptParts);
    }

    /// The axes longer than 1: planes, rows, columns.
    private static List<Integer> order(BlockProgram program) {
        var group = groupsOf(program);
        var order = new ArrayList<Integer>();
        for (Group g : Group.values()) {
            for (int i = 0; i < group.length; i++) {
                if (group[i] == g && program.dims()[i] != 1) {
                    order.add(i);
                }
            }
        }
        return order;
    }

    private static Group[] groupsOf(BlockProgram program) {
        int last = -1;
        for (int i = 0; i < program.dims().length; i++) {
            if (isReduced(program, i)) {
                last = i;
            }
        }
        var groups = new Group[program.dims().length];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = isReduced(program, i) ? Group.ROW : i > last ? Group.COLUMN : Group.PLANE;
        }
        return groups;
    }

    private static boolean isReduced(BlockProgram program, int axis) {
        return !program.reductions().isEmpty() && program.reduced()[axis] && program.dims()[axis] != 1;
    }

    private static boolean merges(BlockProgram program, List<View> views, Group[] group, List<Integer> run, int axis) {
        int before = run.getLast();
        long points = program.dims()[axis];
        for (int i : run) {
            points *= program.dims()[i];
        }
        int firstRowAxis = program.dims().length - program.rowAxes();
        boolean intoRow = before < firstRowAxis && axis >= firstRowAxis;
        if (group[before] != group[axis] || intoRow || points > Integer.MAX_VALUE) {
            return false;
        }
        for (View v : views) {
            if (v.strides()[before] != v.strides()[axis] * program.dims()[axis]) {
                return false;
            }
        }
        return true;
    }

    private static int chunk(int extent, int inner) {
        int most = Math.min(extent, Math.max(1, TILE / inner));
        int count = (extent + most - 1) / most;
        int even = (extent + count - 1) / count;
        int step = ALIGNMENT / Math.min(ALIGNMENT, Integer.lowestOneBit(inner));
        int aligned = (even + step - 1) / step * step;
        return count == 1 ? extent : aligned <= most ? aligned : Math.max(1, most / step * step);
    }

    /// True if a view's elements follow each other within a tile.
    boolean isDense(int view) {
        long expected = 1;
        for (int i = dims.length - 1; i >= split; i--) {
            if ((i > split ? dims[i] : chunk) != 1 && strides[view][i] != expected) {
                return false;
            }
            expected *= dims[i];
        }
        return true;
    }

    /// True if a view is the same element everywhere.
    boolean isScalar(int view) {
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] != 1 && strides[view][i] != 0) {
                return false;
            }
        }
        return true;
    }

    /// True if a view is the same all along each row.
    boolean isNarrow(int view) {
        for (int i = dims.length - rowAxes; i < dims.length; i++) {
            if (strides[view][i] != 0) {
                return false;
            }
        }
        return rowAxes > 0;
    }

    /// True if a view is the same in every tile.
    boolean isInvariant(int view) {
        for (int i = 0; i < loopAxes.length; i++) {
            if (loopCounts[i] != 1 && strides[view][loopAxes[i]] != 0) {
                return false;
            }
        }
        return true;
    }

    /// True if some tile's number of points is not a multiple of `lanes`.
    boolean isRagged(int lanes) {
        int last = dims[split] - (dims[split] - 1) / chunk * chunk;
        return chunk * inner % lanes != 0 || last * inner % lanes != 0;
    }

    /// Sets the first entry of every loop's axis for a tile; returns how many entries of the split axis it has.
    int locate(int keptTile, int reducedTile, int[] starts) {
        int extent = 0;
        int kept = keptTile;
        int reduced = reducedTile;
        for (int i = loopAxes.length - 1; i >= 0; i--) {
            int at;
            if (i >= keptLoops) {
                at = reduced % loopCounts[i];
                reduced /= loopCounts[i];
            } else {
                at = kept % loopCounts[i];
                kept /= loopCounts[i];
            }
            if (loopAxes[i] == split) {
                at *= chunk;
                extent = Math.min(chunk, dims[split] - at);
            }
            starts[i] = at;
        }
        return extent;
    }

    /// Elements from a view's first one to a tile's first one.
    long start(int view, int[] starts) {
        long[] s = strides[view];
        long start = 0;
        for (int i = 0; i < loopAxes.length; i++) {
            start += starts[i] * s[loopAxes[i]];
        }
        return start;
    }

    /// Position of a tile's first result among all results.
    long keptStart(int[] starts) {
        long start = 0;
        for (int i = 0; i < keptLoops; i++) {
            start += starts[i] * keptStrides[loopAxes[i]];
        }
        return start;
    }

    int planes(int extent) {
        return groupInner[0] * (groups[split] == Group.PLANE ? extent : 1);
    }

    int rows(int extent) {
        return groupInner[1] * (groups[split] == Group.ROW ? extent : 1);
    }

    int columns(int extent) {
        return groupInner[2] * (groups[split] == Group.COLUMN ? extent : 1);
    }
}
