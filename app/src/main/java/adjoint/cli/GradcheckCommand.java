package adjoint.cli;

import picocli.CommandLine.Command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `adjoint gradcheck`: every derivative against finite differences, in float64.
@Command(name = "gradcheck", description = "Compares all derivatives with finite differences.")
final class GradcheckCommand extends Task {
    private static final double FIRST_LIMIT = 1e-7;
    private static final double SECOND_LIMIT = 1e-5;

    @Override
    int work() {
        say("%-9s %-24s %12s %12s  %s", "kind", "name", "first order", "second order", "shapes tried");
        List<Map<String, Object>> rows = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        double worst = 0;
        for (Checks.Row row : Checks.all()) {
            Checks.Outcome o = row.run();
            boolean passed = o.first() <= FIRST_LIMIT && o.second() <= SECOND_LIMIT; // false for NaN
            say(
                    "%-9s %-24s %12.1e %12.1e  %s%s",
                    row.kind(),
                    row.name(),
                    o.first(),
                    o.second(),
                    String.join(" | ", row.shapes()),
                    passed ? "" : "  FAILED");
            if (!passed) {
                failed.add(row.name());
            }
            worst = Math.max(worst, o.first()); // NaN stays
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("kind", row.kind());
            facts.put("name", row.name());
            facts.put("first", o.first());
            facts.put("second", o.second());
            facts.put("shapes", row.shapes());
            rows.add(facts);
        }
        say(
                "%d of %d derivatives are right; the largest relative error of first order is %.1e, %.0e is allowed",
                rows.size() - failed.size(), rows.size(), worst, FIRST_LIMIT);
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("checked", rows.size());
        results.put("failed", failed);
        results.put("worstFirstOrder", worst);
        results.put("rows", rows);
        report(results);
        return failed.isEmpty() ? 0 : 1;
    }
}
