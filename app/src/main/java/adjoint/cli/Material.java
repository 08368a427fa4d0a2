package adjoint.cli;

import adjoint.data.CsvFormat;
import adjoint.data.CsvTable;
import adjoint.data.DataException;
import adjoint.data.Dataset;
import adjoint.data.Digits;
import adjoint.data.FashionMnist;
import adjoint.data.Missing;
import adjoint.data.Mnist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Examples to train on and to test on.
///
/// @param train to learn from
/// @param test to judge by
/// @param classes the names of the classes; none where numbers are predicted
record Material(Dataset train, Dataset test, List<String> classes) {
    private static final long SEED = 1; // of drawing and splitting: results of different training seeds can be compared
    private static final double TRAIN_SHARE = 0.8;

    /// Where the examples come from, as `run.json` has it.
    ///
    /// @param source which set
    /// @param folder with its files; empty for the usual places
    /// @param file of a table; empty otherwise
    /// @param target the column to be predicted; empty for the last
    /// @param missing what to do with a table's empty cells
    record Origin(Source source, String folder, String file, String target, Missing missing) {
        /// A short name for folders and titles: `iris` for `data/iris.csv`.
        String title() {
            String name = Path.of(file).getFileName() == null ? "" : Path.of(file).getFileName().toString();
            int dot = name.lastIndexOf('.');
            return source != Source.CSV ? Choices.name(source) : dot > 0 ? name.substring(0, dot) : name;
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
                case CSV -> table();
            };
        }

        private Material table() throws IOException {
            if (!folder.isEmpty() && !Files.isDirectory(Path.of(folder))) {
                throw new DataException("there is no folder " + folder);
            }
            CsvFormat format = CsvTable.format().missing(missing);
            if (!target.isEmpty()) {
                format = target.matches("\\d{1,6}") ? format.target(Integer.parseInt(target)) : format.target(target);
            }
            CsvTable table = format.read(Path.of(folder).resolve(file));
            if (!table.classes().isEmpty() && table.classes().size() < 2) {
                throw new DataException(
                        file + " has one class only, " + table.classes() + ": there is nothing to learn");
            }
            Dataset.Split split = table.dataset().split(TRAIN_SHARE, SEED);
            if (split.first().size() == 0 || split.second().size() == 0) {
                throw new DataException(
                        file
                                + " has "
                                + table.dataset().size()
                                + " rows, too few to split them into some to train on and some to test on");
            }
            return new Material(split.first(), split.second(), table.classes());
        }

        private static Material of(Dataset train, Dataset test) {
            return new Material(train, test, train.classes());
        }
    }
}
