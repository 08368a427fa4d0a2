package adjoint.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A set of four IDX files under their usual names: in a folder, or to be fetched.
///
/// @param name of the folder that holds them
/// @param known size and SHA-256 of the packed files, in the order of [#NAMES]
record IdxSet(String name, List<String> classes, List<String> mirrors, List<Known> known) {
    record Known(long bytes, String sha256) {}

    private static final List<String> NAMES =
            List.of(
                    "train-images-idx3-ubyte",
                    "train-labels-idx1-ubyte",
                    "t10k-images-idx3-ubyte",
                    "t10k-labels-idx1-ubyte");

    ArrayDataset train(Path folder) throws IOException {
        return Idx.images(find(folder, NAMES.get(0)), find(folder, NAMES.get(1)), classes);
    }

    ArrayDataset test(Path folder) throws IOException {
        return Idx.images(find(folder, NAMES.get(2)), find(folder, NAMES.get(3)), classes);
    }

    private static Path find(Path folder, String name) {
        if (!Files.isDirectory(folder)) {
            throw new DataException("there is no folder " + folder);
        }
        String dotted = name.replace("-idx", ".idx");
        for (String candidate : List.of(name + ".gz", name, dotted + ".gz", dotted)) {
            Path file = folder.resolve(candidate);
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new DataException("the folder " + folder + " has no file " + name + ".gz (or " + name + ")");
    }

    /// Where the files are: below the folder that `ADJOINT_DATA` names, or in the user's cache, fetched if they are not there.
    Path folder() throws IOException {
        String root = System.getenv("ADJOINT_DATA");
        if (root != null && Files.isDirectory(Path.of(root, name))) {
            return Path.of(root, name);
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base =
                cache != null && !cache.isBlank() ? Path.of(cache) : Path.of(System.getProperty("user.home"), ".cache");
        Path folder = base.resolve("adjoint").resolve(name);
        for (int i = 0; i < NAMES.size(); i++) {
            String file = NAMES.get(i) + ".gz";
            List<URI> addresses = mirrors.stream().map(m -> URI.create(m + file)).toList();
            Downloads.fetch(new Downloads.Remote(file, known.get(i).bytes, known.get(i).sha256, addresses), folder);
        }
        return folder;
    }
}
