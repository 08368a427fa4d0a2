package adjoint.cli;

import adjoint.chart.Chart;
import adjoint.data.Batches;
import adjoint.data.Dataset;
import adjoint.doctor.Checkup;
import adjoint.doctor.Cure;
import adjoint.doctor.Doctor;
import adjoint.doctor.Finding;
import adjoint.doctor.Patient;
import adjoint.doctor.Remedy;
import adjoint.io.AtomicFile;
import adjoint.nn.Init;
import adjoint.plan.Engine;
import adjoint.train.GradientFlow;
import adjoint.train.RunFolder;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// `adjoint doctor`: why a network does not learn, and what helps.
@Command(
        name = "doctor",
        description = "Says what keeps a network from learning, tries the cures, and ranks them.",
        footer = {
            "",
            "It takes what train takes, trains some steps, and takes them back; the learning rate runs its whole course in",
            "them. With --apply the training follows, from its beginning, with the best cure that train has an option for.",
            "",
            "For example: adjoint doctor mnist --hidden 100x30 --activation sigmoid"
        })
final class DoctorCommand extends Task {
    private static final int TRIAL = 300;
    private static final Set<String> SWITCHES = Set.of("--norm", "--residual");

    @Mixin private DataOptions data;
    @Mixin private NetworkOptions network;
    @Mixin private TrainingOptions training;

    @Option(names = "--steps", paramLabel = "N", description = "How many steps the examination takes (60).")
    private Optional<Integer> steps;

    @Option(names = "--trial", paramLabel = "N", description = "How many steps each cure is tried for (300).")
    private Optional<Integer> trial;

    @Option(names = "--cures", description = "Try the cures even if nothing is wrong.")
    private boolean cures;

    @Option(names = "--picture", paramLabel = "FILE", description = "Draw the errors layer by layer into an SVG file.")
    private Optional<Path> picture;

    @Option(names = "--apply", description = "Train with the best cure.")
    private boolean apply;

    @Option(names = "--out", paramLabel = "DIR", description = "With --apply: where the results go.")
    private Optional<Path> out;

    private long allSteps; // of the training that is looked at

    @Override
    int work() throws IOException {
        Material.Origin origin = data.origin();
        training.check();
        network.check();
        require(steps.orElse(2) >= 2, "--steps needs 2 or more, got " + steps.orElse(0));
        require(trial.orElse(2) >= 2, "--trial needs 2 or more, got " + trial.orElse(0));
        require(out.isEmpty() || apply, "--out is where --apply trains: give both");
        require(training.augment().isEmpty() || origin.source().pictures(), "--augment is for pictures");
        checkFiles();
        Material material = origin.load();
        int outputs = Math.max(1, material.classes().size());
        Network.Blueprint blueprint = network.blueprint(material.train().exampleShape(), material.classes(), outputs);
        Network model = blueprint.build(Init.seeded(training.seed()), material.train());
        Dataset examples = training.augment().map(material.train()::augmented).orElse(material.train());
        Batches batches = examples.shuffled(training.seed()).batched(training.batch(origin.source()));
        Engine engine = engine();
        int examined = steps.orElse(Doctor.STEPS);
        int tried = trial.orElse(TRIAL);
        allSteps = (long) training.epochs(origin.source()) * batches.count();
        // In short: under the first steps of a long schedule, most of which is warm-up, no rate would look too high.
        var patient =
                new Patient(model, training.criterion(blueprint), training.rule(examined, allSteps), batches)
                        .optimizer(training.setting(blueprint))
                        .seed(training.seed())
                        .evaluator(engine);
        patient = training.clip().isPresent() ? patient.clipNorm(training.clip().get()) : patient;

        Checkup checkup = Doctor.examine(patient, examined);
        say("%s", checkup.describe().stripTrailing());
        Map<String, Object> results = new LinkedHashMap<>();
        results.put("healthy", checkup.isHealthy());
        results.put("findings", checkup.findings().stream().map(DoctorCommand::json).toList());
        results.put("loss", finite(checkup.loss()));
        List<Cure> ranked = List.of();
        if (!checkup.isHealthy() || cures) {
            say("");
            say("cures, each for %d steps from the same weights and on the same batches:", tried);
            ranked = Doctor.cures(patient.rule(training.rule(tried, allSteps)), checkup, tried, cure -> {});
            tell(ranked, checkup);
            results.put("cures", ranked.stream().map(c -> json(c, options(c.remedy()))).toList());
        }
        if (picture.isPresent() && checkup.before().isPresent()) {
            draw(picture.get(), checkup, ranked);
        } else if (picture.isPresent()) {
            warn("no step could be measured: there is nothing to draw, and no " + picture.get());
        }
        if (apply) {
            List<Cure> better = better(ranked);
            Optional<List<String>> options = better.stream().flatMap(c -> options(c.remedy()).stream()).findFirst();
            if (options.isPresent()) {
                results.put("applied", String.join(" ", options.get()));
                return train(options.get(), results);
            }
            say(
                    "%s: nothing is applied, and nothing trained",
                    ranked.isEmpty()
                            ? "nothing is wrong, so that no cure was tried (--cures tries them)"
                            : better.isEmpty()
                                    ? "no cure was better than the training as it is"
                                    : "what was better is no option of train");
        }
        report(results);
        return 0;
    }

    // What would fail after minutes fails now.
    private void checkFiles() {
        if (out.isPresent()) {
            require(
                    !Files.exists(out.get().resolve(RunFolder.RECORD)),
                    "--out " + out.get() + " holds a run already: choose another folder");
        }
        if (picture.isPresent()) {
            Path file = picture.get().toAbsolutePath();
            require(!Files.isDirectory(file), "--picture " + picture.get() + " is a folder: give the name of a file");
            require(
                    file.getParent() != null && Files.isDirectory(file.getParent()),
                    "--picture " + picture.get() + ": there is no folder " + file.getParent() + ", create it first");
        }
    }

    private void tell(List<Cure> ranked, Checkup checkup) {
        Cure plain = ranked.stream().filter(c -> c.remedy().kind() == Remedy.Kind.NONE).findFirst().orElseThrow();
        say(
                "%-36s %8s %8s %10s %10s %10s %10s",
                "", "loss", "at first", "gradient", "times", "error left", "at the end");
        for (Cure c : ranked) {
            say(
                    "%-36s %8.4f %8.4f %10.2e %10s %10.2e %10.2e",
                    c.remedy().name(),
                    c.loss(),
                    c.firstLoss(),
                    c.gradient(),
                    plain.gradient() == 0 ? "-" : String.format(Locale.ROOT, "%.2e", c.gradient() / plain.gradient()),
                    c.before().lastToFirst(),
                    c.after().lastToFirst());
        }
        String where =
                checkup.before().isPresent() && plain.layer() < checkup.before().get().layers().size()
                        ? checkup.before().get().layers().get(plain.layer()).path()
                        : "the first layer";
        say(
                "(loss: the mean of the last steps, and that of the first one; before it: gradient of %s, how many times that of the"
                        + " network as it is, and the share of the last layer's error that is left at the first, before and"
                        + " after)",
                where);
        Cure best = ranked.getFirst();
        if (best != plain) {
            told(best, "the best", plain);
            if (options(best.remedy()).isEmpty()) {
                better(ranked).stream()
                        .filter(c -> options(c.remedy()).isPresent())
                        .findFirst()
                        .ifPresent(c -> told(c, "the best that train has an option for", plain));
            }
        }
    }

    private void told(Cure cure, String rank, Cure plain) {
        say("");
        say("%s: %s, loss %.4f instead of %.4f", rank, cure.remedy().name(), cure.loss(), plain.loss());
        say("  in code: %s", cure.remedy().code());
        options(cure.remedy()).ifPresent(o -> say("  here:    %s", command(o)));
    }

    // Those in front of the training as it is.
    private static List<Cure> better(List<Cure> ranked) {
        return ranked.stream().takeWhile(c -> c.remedy().kind() != Remedy.Kind.NONE).toList();
    }

    // What the command line says for it; nothing where it has no such option.
    private Optional<List<String>> options(Remedy remedy) {
        boolean perceptron = network.isPerceptron();
        boolean simple = perceptron || network.isLeNet();
        return switch (remedy.kind()) {
            case NONE -> Optional.empty();
            case WARM_UP -> Optional.of(List.of("--warmup", warmup(remedy)));
            case INITIALISATION -> // He's again would only be other random numbers, and not those that were tried
                    perceptron && !(remedy.name().startsWith("He") && network.isHe())
                            ? Optional.of(List.of("--init", remedy.name().startsWith("He") ? "he" : "orthogonal"))
                            : Optional.empty();
            case ACTIVATION -> {
                List<String> options =
                        List.of("--activation", remedy.name().startsWith("RELU") ? "relu" : "gelu", "--init", "he");
                yield simple ? Optional.of(options.subList(0, perceptron ? 4 : 2)) : Optional.empty();
            }
            case BATCH_NORM -> simple ? Optional.of(List.of("--norm")) : Optional.empty();
            case RESIDUAL -> perceptron ? Optional.of(List.of("--residual")) : Optional.empty();
            case HIGHER_RATE, LOWER_RATE -> {
                double factor = Double.parseDouble(remedy.name().replaceFirst(".* ", ""));
                double rate =
                        remedy.kind() == Remedy.Kind.LOWER_RATE ? training.rate() / factor : training.rate() * factor;
                yield Optional.of(
                        List.of("--rate", Words.number(new BigDecimal(rate).round(new MathContext(6)).doubleValue())));
            }
            case CLIPPING -> Optional.of(List.of("--clip", "1"));
        };
    }

    // The share of the training that it was of the trial.
    private String warmup(Remedy remedy) {
        long tried = Long.parseLong(remedy.name().replaceAll("\\D", ""));
        return String.valueOf(Math.max(1, tried * allSteps / trial.orElse(TRIAL)));
    }

    // The words that were given, as train takes them.
    private List<String> arguments(List<String> more) {
        List<String> given = new ArrayList<>(words());
        given.remove("--apply");
        given.remove("--cures");
        List<String> valued = new ArrayList<>(List.of("--steps", "--trial", "--picture"));
        more.stream().filter(o -> o.startsWith("--")).forEach(valued::add); // what the cure says instead
        for (String option : valued) {
            int at = given.indexOf(option);
            if (at >= 0 && SWITCHES.contains(option)) {
                given.remove(at);
            } else if (at >= 0) {
                given.subList(at, at + 2).clear();
            }
            given.removeIf(a -> a.startsWith(option + "="));
        }
        given.set(given.indexOf("doctor"), "train");
        given.addAll(more);
        return given;
    }

    private String command(List<String> more) {
        return "adjoint " + String.join(" ", arguments(more));
    }

    private int train(List<String> more, Map<String, Object> results) {
        say("");
        say("%s", command(more));
        CommandLine parent = spec().commandLine().getParent();
        CommandLine line = Main.commandLine(parent.getOut(), parent.getErr());
        TrainCommand train = line.getSubcommands().get("train").getCommand();
        train.examined(results);
        return line.execute(arguments(more).toArray(String[]::new));
    }

    private static void draw(Path file, Checkup checkup, List<Cure> ranked) throws IOException {
        List<Chart.Line> lines = new ArrayList<>();
        lines.add(line("as it is", 0, checkup.before().orElseThrow()));
        ranked.stream()
                .filter(c -> c.remedy().kind() != Remedy.Kind.NONE)
                .limit(3)
                .forEach(c -> lines.add(line(c.remedy().name(), lines.size(), c.before())));
        var chart =
                new Chart(
                        new Chart.Axis("layer", Chart.Scale.LINEAR),
                        new Chart.Axis("error (length of the gradient at its outputs)", Chart.Scale.LOGARITHMIC),
                        lines);
        AtomicFile.write(file, chart.svg().getBytes(StandardCharsets.UTF_8));
    }

    private static Chart.Line line(String name, int number, GradientFlow flow) {
        double[] x = IntStream.rangeClosed(1, flow.layers().size()).asDoubleStream().toArray();
        double[] y = flow.layers().stream().mapToDouble(GradientFlow.LayerFlow::errorNorm).toArray();
        return Chart.Line.of(name, number, x, y);
    }

    private static Map<String, Object> json(Finding f) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ailment", f.ailment().words());
        json.put("path", f.path());
        json.put("message", f.message());
        json.put("remedy", f.remedy());
        return json;
    }

    private static Map<String, Object> json(Cure c, Optional<List<String>> options) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", c.remedy().name());
        json.put("loss", finite(c.loss()));
        json.put("firstLoss", finite(c.firstLoss()));
        json.put("gradient", finite(c.gradient()));
        json.put("errorLeft", finite(c.before().lastToFirst()));
        json.put("errorLeftAfter", finite(c.after().lastToFirst()));
        json.put("code", c.remedy().code());
        options.ifPresent(o -> json.put("options", String.join(" ", o)));
        return json;
    }

    // JSON has no other numbers.
    private static Double finite(double number) {
        return Double.isFinite(number) ? number : null;
    }
}
