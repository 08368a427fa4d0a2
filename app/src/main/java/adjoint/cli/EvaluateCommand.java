package adjoint.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// `adjoint evaluate`: how good a trained network is.
@Command(name = "evaluate", description = "Tests a trained network again.")
final class EvaluateCommand extends Task {
    private static final int BATCH = 500;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "The folder of the training (default: the newest).")
    private Optional<Path> run;

    @Option(names = "--data", paramLabel = "DIR", description = "The folder with the set's files, if it has moved.")
    private Optional<String> folder;

    @Option(names = "--last", description = "The weights of the last epoch instead of the best one.")
    private boolean last;

    @Override
    int work() throws IOException {
        SavedRun saved = SavedRun.open(run);
        Material.Origin o = saved.facts().data();
        require(o.source() != Source.DIGITS || folder.isEmpty(), "digits are drawn, they have no --data: leave it out");
        Material.Origin origin = folder.map(o::movedTo).orElse(o);
        Network model = saved.network(last);
        Network.Blueprint blueprint = saved.facts().network();
        Material material = origin.load();
        material.requireFit(blueprint, saved.facts().content(), saved.folder().toString());
        String before = saved.facts().content().sha256();
        if (before != null && !before.isEmpty() && !before.equals(material.content().sha256())) {
            warn(
                    origin.file()
                            + " has changed since the training: rows to test on now may have been trained on, and the"
                            + " results be too good");
        }
        var a = Assessment.of(model, material.test().batched(BATCH), blueprint, engine());
        say("%s on %s, %,d examples", saved.folder(), origin.title(), material.test().size());
        a.results().forEach((name, value) -> say("%-16s %.4f", name, value));
        for (int c = 0; c < a.matrix().classes(); c++) {
            var worst = new StringBuilder();
            for (int p = 0; p < a.matrix().classes(); p++) {
                if (p != c && a.matrix().count(c, p) > 0) {
                    worst.append(
                            String.format(Locale.ROOT, "  %s: %d", blueprint.classes().get(p), a.matrix().count(c, p)));
                }
            }
            say(
                    "%-16s recall %.4f  precision %.4f  F1 %.4f%s",
                    blueprint.classes().get(c),
                    a.matrix().recall(c),
                    a.matrix().precision(c),
                    a.matrix().f1(c),
                    worst.isEmpty() ? "" : "  taken for" + worst);
        }
        Map<String, Object> results = new LinkedHashMap<>(a.results());
        results.put("examples", material.test().size());
        results.put("run", saved.folder().toString());
        report(results);
        return 0;
    }
}
