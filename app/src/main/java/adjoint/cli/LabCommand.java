package adjoint.cli;

import adjoint.lab.Experiment;
import adjoint.lab.Findings;
import adjoint.lab.Page;
import adjoint.lab.Setting;
import adjoint.lab.Table;
import adjoint.plan.Engine;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `adjoint lab`: claims about backpropagation, as experiments to be repeated.
@Command(
        name = "lab",
        description = "Repeats experiments on backpropagation; without a name, lists them.",
        footer = {"", "For example: adjoint lab vanishing"})
final class LabCommand extends Task {
    private static final String ALL = "all";
    private static final String LONG = "residual"; // the one that counts epochs

    @Parameters(arity = "0..1", paramLabel = "EXPERIMENT", description = "Its name, or all.")
    private Optional<String> name;

    @Option(names = "--full", description = "The long form, as large as the paper's where that makes sense.")
    private boolean full;

    @Option(names = "--quick", description = "A few steps only, to see that it runs.")
    private boolean quick;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Of weights and order (default: 1).")
    private long seed;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "How long to train, in residual: on all pictures, without --full at a quarter of their size.")
    private Optional<Integer> epochs;

    @Option(
            names = "--depths",
            split = ",",
            paramLabel = "N",
            description = "Layers of the networks, in residual: 6n + 2 (default: 20,56; with --full 20,32,44,56).")
    private List<Integer> depths = List.of();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "runs/lab",
            description = "Where the pages go, NAME.html (default: runs/lab).")
    private String out;

    @Override
    int work() throws IOException {
        require(!(full && quick), "--full and --quick exclude each other");
        require(epochs.isEmpty() || epochs.get() >= 1, "--epochs needs 1 or more, got " + epochs.orElse(0));
        require(!out.isBlank(), "--out needs the name of a folder");
        if (name.isEmpty()) {
            list();
            return 0;
        }
        List<Experiment> chosen = chosen(name.get());
        boolean residual = !quick && chosen.stream().anyMatch(e -> e.name().equals(LONG));
        require(epochs.isEmpty() || residual, "--epochs is how long " + LONG + " trains: leave it out");
        require(depths.isEmpty() || residual, "--depths are the networks of " + LONG + ": leave it out");
        require(
                depths.stream().allMatch(d -> d >= 8 && d % 6 == 2) && depths.size() == Set.copyOf(depths).size(),
                "--depths needs different numbers of the form 6n + 2, as 20,56, got " + joined(depths));
        Path folder = Path.of(out);
        require(!Files.exists(folder) || Files.isDirectory(folder), "--out " + folder + " is a file, not a folder");
        try {
            Files.createDirectories(folder);
        } catch (IOException _) {
            throw refusal("--out " + folder + ": no folder can be made there");
        }
        List<Map<String, Object>> results = new ArrayList<>();
        try (Engine engine = engine()) {
            for (Experiment experiment : chosen) {
                results.add(run(experiment, folder, engine));
            }
        }
        report(results.size() == 1 ? results.getFirst() : Map.of("experiments", results));
        return 0;
    }

    private void list() {
        Experiment.all().forEach(e -> say("%s%n    %s", e.name(), e.claim()));
        say("");
        say("adjoint lab NAME does one of them, adjoint lab all does all.");
        report(Map.of("experiments", Experiment.all().stream().map(Experiment::name).toList()));
    }

    private List<Experiment> chosen(String wanted) {
        if (wanted.equals(ALL)) {
            return Experiment.all();
        }
        List<String> names = Stream.concat(Experiment.all().stream().map(Experiment::name), Stream.of(ALL)).toList();
        return List.of(
                Experiment.all().stream()
                        .filter(e -> e.name().equals(wanted))
                        .findFirst()
                        .orElseThrow(
                                () -> refusal(Choices.noneOf("", wanted, names) + "; without a name it lists them")));
    }

    private Map<String, Object> run(Experiment experiment, Path folder, Engine engine) throws IOException {
        say("%s: %s%n", experiment.name(), experiment.claim());
        long start = System.nanoTime();
        Setting.Size size = full ? Setting.Size.FULL : quick ? Setting.Size.QUICK : Setting.Size.SHORT;
        var setting =
                new Setting(
                        size,
                        seed,
                        epochs.map(OptionalInt::of).orElse(OptionalInt.empty()),
                        depths.stream().sorted().toList(),
                        engine,
                        Machine::peakMemoryMiB,
                        line -> say("%s", line));
        Findings findings = experiment.run(setting);
        double seconds = (System.nanoTime() - start) / 1e9;
        String command =
                "adjoint lab "
                        + experiment.name()
                        + (full ? " --full" : quick ? " --quick" : "")
                        + " --seed "
                        + seed
                        + epochs.map(n -> " --epochs " + n).orElse("")
                        + (depths.isEmpty() ? "" : " --depths " + joined(depths));
        var facts = new LinkedHashMap<String, String>();
        facts.put("seed", String.valueOf(seed));
        facts.put("seconds", String.format(java.util.Locale.ROOT, "%.1f", seconds));
        facts.put("computed by", engine.kernels().description() + ", " + Words.count(engine.threads(), "thread"));
        facts.put("version", "adjoint " + Main.version() + ", Java " + Runtime.version().feature());
        Path page = folder.resolve(experiment.name() + ".html");
        new Page(experiment, command, facts, findings).write(page);
        say("");
        findings.tables().forEach(t -> say("%s", t.text()));
        findings.words().forEach(w -> say("%s%n", w));
        findings.settings().forEach(s -> say("- %s", s));
        say("%n%s; %.1f s; %s", command, seconds, page);
        return json(experiment, command, seconds, page, findings);
    }

    private static String joined(List<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private Map<String, Object> json(
            Experiment experiment, String command, double seconds, Path page, Findings findings) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("experiment", experiment.name());
        json.put("claim", experiment.claim());
        json.put("command", command);
        json.put("seed", seed);
        json.put("seconds", Machine.rounded(seconds));
        json.put("page", page.toString());
        json.put("settings", findings.settings());
        json.put("tables", findings.tables().stream().map(LabCommand::json).toList());
        json.put("words", findings.words());
        return json;
    }

    private static Map<String, Object> json(Table table) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("title", table.title());
        json.put("columns", table.columns());
        json.put("rows", table.rows());
        return json;
    }
}
