package adjoint.cli;

import adjoint.data.Missing;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.util.Optional;

/// Options that say which examples.
final class DataOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SET",
            converter = Choices.OfSource.class,
            defaultValue = "digits",
            description = "digits (needs no download), mnist, fashion-mnist or csv.")
    private Source source;

    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "The table, with csv.")
    private Optional<String> file;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The folder with the set's files (default: found or downloaded).")
    private Optional<String> folder;

    @Option(names = "--target", paramLabel = "COLUMN", description = "The column to predict (default: the last).")
    private Optional<String> target;

    @Option(
            names = "--missing",
            paramLabel = "WHAT",
            converter = Choices.OfMissing.class,
            defaultValue = "refuse",
            description = "Empty cells of a table: refuse, drop-row or mean.")
    private Missing missing;

    Material.Origin origin() {
        require(source != Source.CSV || file.isPresent(), "csv needs a file: csv FILE");
        require(source == Source.CSV || file.isEmpty(), "only csv takes a file, got '" + file.orElse("") + "'");
        require(source == Source.CSV || target.isEmpty(), "--target is for csv only");
        require(file.isEmpty() || !file.get().isBlank(), "csv needs the name of a file");
        return new Material.Origin(source, folder.orElse(""), file.orElse(""), target.orElse(""), missing);
    }

    private void require(boolean condition, String message) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }
}
