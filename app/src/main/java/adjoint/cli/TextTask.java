package adjoint.cli;

import adjoint.io.SafeTensors;
import adjoint.nn.Criterion;
import adjoint.nn.Layer;
import adjoint.optim.Optimizer;
import adjoint.plan.Engine;
import adjoint.text.Tokenizer;
import adjoint.train.Run;
import adjoint.train.RunFolder;
import adjoint.train.Trainer;
import adjoint.train.TrainingEvent;

import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What both commands share that train on text.
abstract class TextTask extends TrainTask {
    @Mixin private TextOptions options;

    final TextOptions options() {
        return options;
    }

    /// The learning rate where none is given.
    abstract double usualRate();

    /// Refuses a network that does not fit into memory, before a weight is drawn.
    final void requireRoom(TextBlueprint blueprint) {
        blueprint
                .refusal()
                .ifPresent(why -> {
                    throw refusal(blueprint.describe() + ": " + why + "; use a smaller --width or fewer --layers");
                });
    }

    /// Says how it is trained.
    ///
    /// @param amount how much is gone through
    final void sayTraining(String amount, Engine engine) {
        say(
                "training: %s, %s, seed %d, %s on %s",
                amount,
                options.describe(usualRate()),
                options.seed(),
                engine.kernels().description(),
                Words.count(engine.threads(), "thread"));
    }

    /// A training as the options have it, which saves the tokenizer beside the weights.
    ///
    /// @param steps how many there will be
    final Trainer trainer(
            TextBlueprint blueprint,
            Layer network,
            Criterion criterion,
            long steps,
            TextRun.Source source,
            Tokenizer tokenizer,
            RunFolder folder,
            Engine engine) {
        return Trainer.of(network, criterion, options.rule(steps, usualRate()))
                .seed(options.seed())
                .evaluator(engine)
                .clipNorm(options.clip())
                .optimizer(Optimizer::decayOnlyMatrices)
                .saveTo(folder)
                .note("adjoint", Main.version())
                .note("command", command())
                .note("source", source)
                .note("text", blueprint)
                .listener(e -> saved(e, folder.path(), tokenizer))
                .listener(new HeapGuard());
    }

    // The tokens lie beside the first weights, so that an interrupted training can be asked too.
    private static void saved(TrainingEvent event, Path folder, Tokenizer tokenizer) {
        if (event instanceof TrainingEvent.EpochDone e && e.epoch().number() == 1) {
            try {
                tokenizer.save(folder.resolve(RunFolder.TOKENIZER));
            } catch (IOException x) {
                throw new UncheckedIOException(x);
            }
        }
    }

    /// What came of it, for `--json`.
    final Map<String, Object> results(Run run, Path folder) throws IOException {
        Map<String, Object> results = new LinkedHashMap<>(run.results());
        results.put("seconds", Machine.rounded(run.seconds()));
        results.put("peakMemoryMiB", Machine.rounded(Machine.peakMemoryMiB()));
        results.put("parameters", run.parameters());
        results.put("seed", options.seed());
        results.put("weightsSha256", SafeTensors.sha256(folder.resolve(RunFolder.BEST)));
        results.put("out", folder.toString());
        return results;
    }
}
