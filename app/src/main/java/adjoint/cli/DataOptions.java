package adjoint.cli;

import adjoint.data.Missing;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Options that say which examples.
final class DataOptions extends OptionGroup {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "SET",
            converter = Choices.OfSource.class,
            defaultValue = "digits",
            description = "digits (needs no download), mnist, fashion-mnist, cifar-10 or csv (default: digits).")
    private Source source;

    @Parameters(index = "1", arity = "0..1", paramLabel = "FILE", description = "The table, with csv.")
    private Optional<String> file;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The folder with the set's files (default: found or downloaded).")
    private Optional<String> folder;

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            description = "csv: the column to predict, its name or its number from 0 (default: the last).")
    private Optional<String> target;

    @Option(
            names = "--missing",
            paramLabel = "WHAT",
            converter = Choices.OfMissing.class,
            description = "csv: empty cells are to refuse (default), drop-row or mean.")
    private Optional<Missing> missing;

    @Option(
            names = "--header",
            paramLabel = "WHAT",
            converter = Choices.OfHeader.class,
            description = "csv: whether the first line names the columns, yes, no or auto (default: auto).")
    private Optional<Material.Header> header;

    @Option(
            names = "--separator",
            paramLabel = "CHAR",
            description = "csv: what stands between cells, a character or tab (default: found out).")
    private Optional<String> separator;

    @Option(
            names = "--categorical",
            paramLabel = "COLUMNS",
            split = ",",
            description = "csv: columns whose values are categories, names or numbers from 0, with commas between.")
    private List<String> categorical = new ArrayList<>();

    Material.Origin origin() {
        if (source == Source.CSV) {
            require(file.isPresent(), "csv needs a file: csv FILE");
            require(!file.get().isBlank(), "csv needs the name of a file");
        } else {
            require(file.isEmpty(), "only csv takes a file, got '" + file.orElse("") + "'");
            for (String option : List.of("--target", "--missing", "--header", "--separator", "--categorical")) {
                require(!given(option), option + " is for csv only");
            }
        }
        require(source != Source.DIGITS || folder.isEmpty(), "digits are drawn, they have no --data: leave it out");
        require(folder.isEmpty() || !folder.get().isBlank(), "--data needs the name of a folder");
        String between = separator.map(s -> s.equalsIgnoreCase("tab") || s.equals("\\t") ? "\t" : s).orElse("");
        require(
                separator.isEmpty() || between.length() == 1,
                "--separator needs one character or tab, got '" + separator.orElse("") + "'");
        return new Material.Origin(
                source,
                folder.orElse(""),
                file.orElse(""),
                target.orElse(""),
                missing.orElse(Missing.REFUSE),
                header.orElse(Material.Header.AUTO),
                between,
                categorical);
    }
}
