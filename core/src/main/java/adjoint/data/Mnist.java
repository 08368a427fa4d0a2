package adjoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The handwritten digits of LeCun, Cortes and Burges: 60,000 to train on and 10,000 to test on, `[28, 28, 1]`, 0 … 1.
public final class Mnist {
    private static final List<String> CLASSES = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    private static final List<String> MIRRORS =
            List.of(
                    "https://ossci-datasets.s3.amazonaws.com/mnist/",
                    "https://storage.googleapis.com/cvdf-datasets/mnist/");

    static final IdxSet FILES =
            new IdxSet(
                    "mnist",
                    CLASSES,
                    MIRRORS,
                    List.of(
                            new IdxSet.Known(
                                    9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
                            new IdxSet.Known(28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
                            new IdxSet.Known(
                                    1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
                            new IdxSet.Known(
                                    4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")));

    private Mnist() {}

    /// The training part from a folder with the four files, packed or not.
    ///
    /// @throws DataException if a file is missing or damaged
    public static ArrayDataset train(Path folder) throws IOException {
        return FILES.train(folder, FashionMnist.FILES);
    }

    /// The test part from a folder with the four files, packed or not.
    ///
    /// @throws DataException if a file is missing or damaged
    public static ArrayDataset test(Path folder) throws IOException {
        return FILES.test(folder, FashionMnist.FILES);
    }

    /// The training part: from the folder `mnist` of `ADJOINT_DATA`, or the user's cache; downloaded if need be.
    public static ArrayDataset train() throws IOException {
        return train(FILES.folder());
    }

    /// The test part, found or fetched like [#train()].
    public static ArrayDataset test() throws IOException {
        return test(FILES.folder());
    }
}
