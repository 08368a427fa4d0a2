package adjoint.cli;

import adjoint.data.Cifar10;
import adjoint.data.CsvFormat;
import adjoint.data.CsvTable;
import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.data.Digits;
import adjoint.data.FashionMnist;
import adjoint.data.Missing;
import adjoint.data.Mnist;
import adjoint.io.SafeTensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// Examples to train on and to test on.
///
/// @param train to learn from
/// @param test to judge by
/// @param classes the names of the classes; none where numbers are predicted
/// @param content what a table holds
record Material(Dataset train, Dataset test, List<String> classes, Content content) {
    private static final long SEED = 1; // of drawing and splitting: results of different training seeds can be compared
    private static final double TRAIN_SHARE = 0.8;

    /// Whether the first line of a table names its columns.
    enum Header {
        AUTO,
        YES,
        NO
    }

    /// What a table held when it was read; nothing of a set of pictures.
    ///
    /// @param features the names of an example's values
    /// @param target the column to be predicted
    /// @param sha256 of the file
    record Content(List<String> features, String target, String sha256) {
        static final Content NONE = new Content(List.of(), "", "");
    }

    /// Where the examples come from, as `run.json` has it.
    ///
    /// @param source which set
    /// @param folder with its files; empty for the usual places
    /// @param file of a table; empty otherwise
    /// @param target the column to be predicted; empty for the last
    /// @param missing what to do with a table's empty cells
    /// @param header whether a table's first line names its columns
    /// @param separator between cells; empty to be found out
    /// @param categorical the columns that hold categories
    record Origin(
            Source source,
            String folder,
            String file,
            String target,
            Missing missing,
            Header header,
            String separator,
            List<String> categorical) {

        /// @throws DataException if there is no source or no file
        Origin {
            folder = folder == null ? "" : folder;
            file = file == null ? "" : file;
            target = target == null ? "" : target;
            missing = missing == null ? Missing.REFUSE : missing;
            header = header == null ? Header.AUTO : header;
            separator = separator == null ? "" : separator;
            categorical = categorical == null ? List.of() : List.copyOf(categorical);
            if (source == null || source == Source.CSV && file.isEmpty()) {
                throw new DataException("it does not say where the examples come from");
            }
        }

        /// A short name for folders and titles: `iris` for `data/iris.csv`.
        String title() {
            return source == Source.CSV ? SavedRun.title(Path.of(file)) : Choices.name(source);
        }

        /// The same, whatever folder the program is started in.
        Origin absolute() {
            String place = source == Source.CSV || folder.isEmpty() ? "" : Path.of(folder).toAbsolutePath().toString();
            String table = source == Source.CSV ? Path.of(folder).resolve(file).toAbsolutePath().toString() : "";
            return new Origin(source, place, table, target, missing, header, separator, categorical);
        }

        /// The same, with its files in another folder.
        Origin movedTo(String other) {
            String name = source == Source.CSV ? Path.of(file).getFileName().toString() : file;
            return new Origin(source, other, name, target, missing, header, separator, categorical);
        }

        Material load() throws IOException {
            return switch (source) {
                case DIGITS -> of(Digits.train(SEED), Digits.test(SEED));
                case MNIST ->
                        folder.isEmpty()
                                ? of(Mnist.train(), Mnist.test())
                                : of(Mnist.train(Path.of(folder)), Mnist.test(Path.of(folder)));
                case FASHION_MNIST ->
                        folder.isEmpty()
                                ? of(FashionMnist.train(), FashionMnist.test())
                                : of(FashionMnist.train(Path.of(folder)), FashionMnist.test(Path.of(folder)));
                case CIFAR_10 ->
                        folder.isEmpty()
                                ? of(Cifar10.train(), Cifar10.test())
                                : of(Cifar10.train(Path.of(folder)), Cifar10.test(Path.of(folder)));
                case CSV -> table();
            };
        }

        private CsvFormat format() {
            CsvFormat format = CsvTable.format().missing(missing);
            if (header != Header.AUTO) {
                format = format.header(header == Header.YES);
            }
            if (!separator.isEmpty()) {
                format = format.separator(separator.charAt(0));
            }
            for (String column : categorical) {
                format = isNumber(column) ? format.categorical(Integer.parseInt(column)) : format.categorical(column);
            }
            if (!target.isEmpty()) {
                format = isNumber(target) ? format.target(Integer.parseInt(target)) : format.target(target);
            }
            return format;
        }

        private static boolean isNumber(String column) {
            return column.matches("\\d{1,6}");
        }

        private Material table() throws IOException {
            if (!folder.isEmpty() && !Files.isDirectory(Path.of(folder))) {
                throw new DataException("there is no folder " + folder);
            }
            Path path = Path.of(folder).resolve(file);
            CsvTable table = format().read(path);
            Dataset.Split split = table.dataset().split(TRAIN_SHARE, SEED);
            if (split.first().size() < 2 || split.second().size() == 0) {
                throw new DataException(
                        file
                                + " has "
                                + Words.count(table.dataset().size(), "row")
                                + ", too few to split them into some to train on and some to test on");
            }
            var content = new Content(table.features(), table.target(), SafeTensors.sha256(path));
            return new Material(split.first(), split.second(), table.classes(), content);
        }

        private static Material of(Dataset train, Dataset test) {
            return new Material(train, test, train.classes(), Content.NONE);
        }
    }

    /// Refuses what another network was trained on.
    ///
    /// @param trained what that one was trained on
    void requireFit(Network.Blueprint network, Content trained, String title) {
        boolean columns = trained.features().equals(content.features()) && trained.target().equals(content.target());
        if (!trained.features().isEmpty() && !columns) {
            throw new DataException(
                    title
                            + " no longer fits: the network was trained to tell "
                            + trained.target()
                            + " from "
                            + String.join(", ", trained.features())
                            + ", now the file has "
                            + content.target()
                            + " and "
                            + String.join(", ", content.features()));
        }
        if (!network.classes().equals(classes)) {
            throw new DataException(
                    title
                            + " no longer fits: the network was trained on the classes "
                            + String.join(", ", network.classes())
                            + ", got "
                            + (classes.isEmpty() ? "numbers" : String.join(", ", classes)));
        }
        if (!Arrays.equals(network.input(), test.exampleShape())) {
            throw new DataException(
                    title
                            + " no longer fits: the network takes examples of "
                            + Arrays.toString(network.input())
                            + ", got "
                            + Arrays.toString(test.exampleShape()));
        }
    }
}
