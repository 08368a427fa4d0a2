package adjoint.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The order of a plan's units: of those that may run next, the one after which memory in use has grown least; so what was
/// computed is read soon, while it is in the cache, and a gradient becomes an update before the next is computed.
final class Ordering {
    /// The most units that are compared: the first in the order of recording.
    private static final int COMPARED = 64;

    private final Set<Node> kept;
    private final Map<Unit, Set<Unit>> after = new HashMap<>();
    private final Map<Unit, Integer> waits = new HashMap<>();
    private final Map<Unit, Set<Node>> reads = new HashMap<>();
    private final Map<Unit, Long> makes = new HashMap<>();
    private final Map<Node, Integer> readers = new HashMap<>(); // units yet to run

    /// @param kept what must be there at the end
    Ordering(List<Unit> units, Set<Node> kept) {
        this.kept = kept;
        for (Unit unit : units) {
            after.put(unit, new LinkedHashSet<>());
            waits.put(unit, 0);
            reads.put(unit, new LinkedHashSet<>());
        }
        for (Unit unit : units) {
            long bytes = 0;
            for (Node member : unit.members) {
                boolean stored = kept.contains(member) || member.consumers.stream().anyMatch(c -> c.unit != unit);
                bytes += stored ? member.bytes() : 0;
                for (Node input : member.inputs) {
                    Node source = input.layout.base();
                    if (source.unit != null && source.unit != unit && reads.get(unit).add(source)) {
                        readers.merge(source, 1, Integer::sum);
                        mustFollow(unit, source.unit);
                    }
                }
            }
            makes.put(unit, bytes);
        }
    }

    /// Adds a reason why one comes after another.
    void mustFollow(Unit later, Unit earlier) {
        if (after.get(earlier).add(later)) {
            waits.merge(later, 1, Integer::sum);
        }
    }

    /// The order, or null if units wait for each other in a circle.
    List<Unit> order(Collection<Unit> units) {
        Map<Unit, Integer> position = new HashMap<>();
        units.forEach(u -> position.put(u, u.position()));
        var ready = new TreeSet<Unit>(Comparator.comparing(position::get));
        units.stream().filter(u -> waits.get(u) == 0).forEach(ready::add);
        List<Unit> order = new ArrayList<>();
        while (!ready.isEmpty()) {
            Unit best = ready.stream().limit(COMPARED).min(Comparator.comparingLong(this::growth)).orElseThrow();
            ready.remove(best);
            order.add(best);
            reads.get(best).forEach(source -> readers.merge(source, -1, Integer::sum));
            for (Unit next : after.get(best)) {
                if (waits.merge(next, -1, Integer::sum) == 0) {
                    ready.add(next);
                }
            }
        }
        return order.size() == units.size() ? order : null;
    }

    private long growth(Unit unit) {
        long growth = makes.get(unit);
        for (Node source : reads.get(unit)) {
            if (readers.get(source) == 1 && !kept.contains(source)) {
                growth -= source.bytes();
            }
        }
        return growth;
    }
}
