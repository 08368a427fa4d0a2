package adjoint.bench.sidebyside;

import java.util.List;
import java.util.Map;

/// All that was measured in one run; becomes the JSON file as it stands.
///
/// @param date when
/// @param cpu the processor's name
/// @param java the JVM's version
/// @param peaks the machine's 10⁹ operations a second by number of threads
/// @param starts seconds from the start of the process to the end of the first step of `mlp-small`
/// @param heats one for each workload and number of threads
/// @param races the same, if whole trainings were timed
record Outcome(
        String date,
        String cpu,
        String java,
        Map<Integer, Double> peaks,
        Map<Entrant, List<Double>> starts,
        List<Heat.Result> heats,
        List<Race.Result> races) {}
