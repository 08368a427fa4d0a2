package adjoint.bench.sidebyside;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// What the command line asks for.
///
/// @param entrants who takes part
/// @param workloads what they do
/// @param threads numbers of threads, one run each
/// @param starts how many times the start is measured, 0 for not at all
/// @param race steps of whole trainings that are timed instead of single steps, 0 for none
/// @param pace how long to measure
/// @param json the file that all numbers go to
/// @param bench the directory of the bench module
record Options(
        List<Entrant> entrants,
        List<Workload> workloads,
        List<Integer> threads,
        int starts,
        int race,
        Heat.Pace pace,
        Path json,
        Path bench) {
    static final String USAGE =
            """
            usage: bench/run [--quick] [--workloads a,b] [--contenders a,b] [--threads 1,2] [--starts n] [--race n] [--json file]

              --quick        shorter blocks, without Deeplearning4j
              --workloads    of %s
              --contenders   of %s
              --threads      numbers of threads (1,2)
              --starts       how many times each contender's start is measured (5)
              --race         time n steps from the start of the process instead of steps of a process that is warm
              --json         where all numbers go (bench/target/side-by-side.json)
            """
                    .formatted(
                            names(Workload.TABLE, List.of(Workload.values()), Workload::title),
                            names(Entrant.usual(false), List.of(Entrant.values()), Entrant::option));

    static Options parse(String[] args) {
        boolean quick = Arrays.asList(args).contains("--quick");
        Path bench = Path.of(System.getProperty("adjoint.bench", "bench"));
        List<Entrant> entrants = Entrant.usual(quick);
        List<Workload> workloads = Workload.TABLE;
        List<Integer> threads = List.of(1, 2);
        int starts = quick ? 3 : 5;
        int race = 0;
        Path json = bench.resolve("target").resolve("side-by-side.json");
        var words = new ArrayDeque<>(List.of(args));
        while (!words.isEmpty()) {
            String option = words.pop();
            switch (option) {
                case "--quick" -> {}
                case "--workloads" -> workloads = list(option, words, Workload::of);
                case "--contenders" -> entrants = list(option, words, Entrant::of);
                case "--help" -> throw new IllegalArgumentException("these are the options");
                case "--threads" -> threads = list(option, words, word -> atLeastOne("--threads", word));
                case "--starts" -> starts = Integer.parseInt(value(option, words));
                case "--race" -> race = atLeastOne(option, value(option, words));
                case "--json" -> json = Path.of(value(option, words));
                default -> throw new IllegalArgumentException("unknown option '" + option + "'");
            }
        }
        Heat.Pace pace = quick ? Heat.Pace.QUICK : Heat.Pace.FULL;
        return new Options(entrants, workloads, threads, starts, race, pace, json, bench);
    }

    private static <T> String names(List<T> usual, List<T> all, Function<T, String> name) {
        List<String> others = all.stream().filter(x -> !usual.contains(x)).map(name).toList();
        return String.join(", ", usual.stream().map(name).toList()) + "; only when named: " + String.join(", ", others);
    }

    private static int atLeastOne(String option, String word) {
        int n = Integer.parseInt(word);
        if (n < 1) {
            throw new IllegalArgumentException(option + " needs numbers of 1 or more, got " + n);
        }
        return n;
    }

    private static <T> List<T> list(String option, ArrayDeque<String> words, Function<String, T> parse) {
        return Arrays.stream(value(option, words).split(",")).map(parse).toList();
    }

    private static String value(String option, ArrayDeque<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(option + " needs a value");
        }
        return words.pop();
    }
}
