package adjoint.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A set of four IDX files under their usual names: in a folder, or to be fetched.
///
/// @param name of the folder that holds them
/// @param known size and SHA-256 of the packed files, in the order of [#NAMES]
record IdxSet(String name, List<String> classes, List<String> mirrors, List<Known> known) {
    record Known(long bytes, String sha256) {}

    private static final int SIDE = 28;
    private static final List<String> NAMES =
            List.of(
                    "train-images-idx3-ubyte",
                    "train-labels-idx1-ubyte",
                    "t10k-images-idx3-ubyte",
                    "t10k-labels-idx1-ubyte");

    /// @param twin another set under the same file names
    ArrayDataset train(Path folder, IdxSet twin) throws IOException {
        return images(folder, 0, twin);
    }

    /// @param twin another set under the same file names
    ArrayDataset test(Path folder, IdxSet twin) throws IOException {
        return images(folder, 2, twin);
    }

    private ArrayDataset images(Path folder, int first, IdxSet twin) throws IOException {
        Path pictures = find(folder, NAMES.get(first));
        if (Downloads.fits(pictures, twin.remote(first))) {
            throw new DataException(
                    pictures + " belongs to " + twin.name + ", not to " + name + ": give the folder of " + name);
        }
        ArrayDataset set = Idx.images(pictures, find(folder, NAMES.get(first + 1)), classes);
        int[] shape = set.exampleShape();
        if (shape[0] != SIDE || shape[1] != SIDE) {
            throw new DataException(
                    String.format(
                            "%s has pictures of %d by %d pixels, those of %s have %d by %d: is it another set?",
                            pictures, shape[0], shape[1], name, SIDE, SIDE));
        }
        return set;
    }

    private Downloads.Remote remote(int i) {
        String file = NAMES.get(i) + ".gz";
        List<URI> addresses = mirrors.stream().map(m -> URI.create(m + file)).toList();
        return new Downloads.Remote(file, known.get(i).bytes, known.get(i).sha256, addresses);
    }

    private Path find(Path folder, String name) {
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
        throw new DataException(
                "the folder "
                        + folder
                        + " has no file "
                        + name
                        + ".gz (or "
                        + name
                        + "): give the one with the four files of "
                        + this.name);
    }

    /// Where the files are: below the folder that `ADJOINT_DATA` names, or in the user's cache, fetched if they are not there.
    Path folder() throws IOException {
        Optional<Path> given = DataFolder.given(name);
        if (given.isPresent()) {
            return given.get();
        }
        Path folder = DataFolder.cache(name);
        for (int i = 0; i < NAMES.size(); i++) {
            try {
                Downloads.fetch(remote(i), folder);
            } catch (IOException e) {
                throw new IOException(
                        e.getMessage()
                                + "; or give the folder with the four files of "
                                + name
                                + " (--data DIR), or name the one above it in ADJOINT_DATA",
                        e);
            }
        }
        return folder;
    }
}
