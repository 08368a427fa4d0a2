package adjoint.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): pictures of clothes, in numbers and shape like [Mnist], but harder.
public final class FashionMnist {
    private static final List<String> CLASSES =
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot");
    private static final List<String> MIRRORS =
            List.of(
                    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");

    static final IdxSet FILES =
            new IdxSet(
                    "fashion-mnist",
                    CLASSES,
                    MIRRORS,
                    List.of(
                            new IdxSet.Known(
                                    26421880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
                            new IdxSet.Known(29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
                            new IdxSet.Known(
                                    4422102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
                            new IdxSet.Known(
                                    5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5")));

    private FashionMnist() {}

    /// The training part from a folder with the four files, packed or not.
    ///
    /// @throws DataException if a file is missing or damaged
    public static ArrayDataset train(Path folder) throws IOException {
        return FILES.train(folder, Mnist.FILES);
    }

    /// The test part from a folder with the four files, packed or not.
    ///
    /// @throws DataException if a file is missing or damaged
    public static ArrayDataset test(Path folder) throws IOException {
        return FILES.test(folder, Mnist.FILES);
    }

    /// The training part: from the folder `fashion-mnist` of `ADJOINT_DATA`, or the user's cache; downloaded if need be.
    public static ArrayDataset train() throws IOException {
        return train(FILES.folder());
    }

    /// The test part, found or fetched like [#train()].
    public static ArrayDataset test() throws IOException {
        return test(FILES.folder());
    }
}
