package adjoint.io;

import java.util.ArrayList;
import java.util.List;

/// How the tensors of a file fit a model's parameters.
///
/// @param loaded the names that fit
/// @param missing the parameters that the file does not have
/// @param unexpected the tensors of the file that no parameter asks for
/// @param mismatching the names whose shape or type differ, each with both: `head.bias: float32 [10], file has float32
/// [12]`
public record WeightsReport(
        List<String> loaded, List<String> missing, List<String> unexpected, List<String> mismatching) {
    private static final int SHOWN = 8;

    public WeightsReport {
        loaded = List.copyOf(loaded);
        missing = List.copyOf(missing);
        unexpected = List.copyOf(unexpected);
        mismatching = List.copyOf(mismatching);
    }

    /// True if file and parameters have the same names, shapes and types.
    public boolean fits() {
        return missing.isEmpty() && unexpected.isEmpty() && mismatching.isEmpty();
    }

    /// A sentence for people.
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>(List.of(loaded.size() + " tensors fit"));
        part(parts, missing, "missing from the file");
        part(parts, unexpected, "in the file only");
        part(parts, mismatching, "different in shape or type");
        return String.join("; ", parts);
    }

    private static void part(List<String> parts, List<String> names, String what) {
        if (!names.isEmpty()) {
            String more = names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "";
            List<String> shown = names.subList(0, Math.min(SHOWN, names.size()));
            parts.add(names.size() + " " + what + " (" + String.join(", ", shown) + more + ")");
        }
    }
}
