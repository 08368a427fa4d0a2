package adjoint.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipException;

/// CIFAR-10 (Krizhevsky 2009, "Learning multiple layers of features from tiny images"): photographs of animals and vehicles,
/// 50,000 to train on and 10,000 to test on, `[32, 32, 3]`, 0 … 1.
///
/// A folder is searched, in this order, for
///
/// 1. the official binary files, `data_batch_1.bin` … `data_batch_5.bin` and `test_batch.bin`, packed with gzip or not, in the
///    folder itself or in `cifar-10-batches-bin`;
/// 2. the official archive of them, `cifar-10-binary.tar.gz`;
/// 3. an archive of JPEG pictures, `cifar-10-jpeg.tar.gz`, with entries such as `train/cat/0042.jpg`. It is ninth the size, and
///    its pixels differ from the official ones by 6 of 255 in the mean, so say "CIFAR-10 (JPEG)" beside a result. Its examples come
///    one of each class in turn, in the order of the file names. The pixels are kept in the user's cache once they are decoded.
///
/// Loading all 60,000 takes, on two processors, two seconds from the binary files, five from the official archive, and from JPEG
/// four the first time and 0.3 later.
public final class Cifar10 {
    static final List<String> CLASSES =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    private static final String NAME = "cifar-10";
    private static final String JPEG = "cifar-10-jpeg.tar.gz";
    private static final String UNPACKED = "cifar-10-batches-bin";
    private static final int SIDE = 32;
    private static final int PLANE = SIDE * SIDE;
    private static final int RECORD = 1 + 3 * PLANE;
    private static final int IN_A_FILE = 10_000;

    private static final Downloads.Remote OFFICIAL =
            new Downloads.Remote(
                    "cifar-10-binary.tar.gz",
                    170_052_171,
                    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                    List.of(
                            URI.create("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
                            URI.create(
                                    "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/cifar-10-binary.tar.gz")));

    /// Where a part's examples stand in both layouts.
    enum Part {
        TRAIN("data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"),
        TEST("test_batch.bin");

        private final List<String> files;

        Part(String... files) {
            this.files = List.of(files);
        }
    }

    private Cifar10() {}

    /// The training part from a folder with the files in one of the layouts above.
    ///
    /// @throws DataException if a file is missing or damaged
    public static ArrayDataset train(Path folder) throws IOException {
        return read(folder, Part.TRAIN, DataFolder.cache(NAME), IN_A_FILE);
    }

    /// The test part from a folder with the files in one of the layouts above.
    ///
    /// @throws DataException if a file is missing or damaged
    public static ArrayDataset test(Path folder) throws IOException {
        return read(folder, Part.TEST, DataFolder.cache(NAME), IN_A_FILE);
    }

    /// The training part: from the folder `cifar-10` of `ADJOINT_DATA`, or the user's cache; the official archive (162 MiB) is
    /// downloaded if need be.
    public static ArrayDataset train() throws IOException {
        return train(folder());
    }

    /// The test part, found or fetched like [#train()].
    public static ArrayDataset test() throws IOException {
        return test(folder());
    }

    /// The examples of files in the official binary layout, packed with gzip or not, one file after the other: of each example
    /// a byte for the label, then 1,024 each for red, green and blue, row by row.
    ///
    /// @throws DataException if a file is missing or is not in that layout
    public static ArrayDataset records(Path... files) throws IOException {
        byte[][] contents = new byte[files.length][];
        for (int i = 0; i < files.length; i++) {
            contents[i] = content(files[i]);
        }
        return dataset(contents, Arrays.stream(files).map(Path::toString).toList());
    }

    /// @param cache where decoded pixels are kept
    /// @param inAFile how many examples each of the official files has
    static ArrayDataset read(Path folder, Part part, Path cache, int inAFile) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new DataException("there is no folder " + folder);
        }
        for (Path place : List.of(folder, folder.resolve(UNPACKED))) {
            if (find(place, part.files.getFirst()).isPresent()) {
                return binary(place, part, inAFile);
            }
        }
        Path official = folder.resolve(OFFICIAL.name());
        if (Files.exists(official)) {
            return archive(official, part, inAFile);
        }
        Path jpeg = folder.resolve(JPEG);
        if (Files.exists(jpeg)) {
            return JpegArchive.read(jpeg, part.name().toLowerCase(Locale.ROOT), CLASSES, SIDE, cache);
        }
        throw new DataException(
                String.format(
                        "the folder %s has no file %s (or %1$s.gz), %s or %s: give the one with the files of CIFAR-10",
                        folder, part.files.getFirst(), OFFICIAL.name(), JPEG));
    }

    private static Path folder() throws IOException {
        Optional<Path> given = DataFolder.given(NAME);
        if (given.isPresent()) {
            return given.get();
        }
        Path folder = DataFolder.cache(NAME);
        try {
            Downloads.fetch(OFFICIAL, folder);
        } catch (IOException e) {
            throw new IOException(
                    e.getMessage()
                            + "; or give the folder with the files of CIFAR-10, or name the one above it in ADJOINT_DATA",
                    e);
        }
        return folder;
    }

    private static Optional<Path> find(Path folder, String name) {
        return List.of(folder.resolve(name), folder.resolve(name + ".gz")).stream().filter(Files::exists).findFirst();
    }

    private static ArrayDataset binary(Path folder, Part part, int inAFile) throws IOException {
        byte[][] contents = new byte[part.files.size()][];
        var names = new String[contents.length];
        for (int i = 0; i < contents.length; i++) {
            String name = part.files.get(i);
            Path file =
                    find(folder, name)
                            .orElseThrow(() ->
                                    new DataException(
                                            String.format(
                                                    "the folder %s has no file %s (or %2$s.gz), only others of CIFAR-10:"
                                                            + " fetch it again",
                                                    folder, name)));
            names[i] = file.toString();
            contents[i] = whole(content(file), names[i], inAFile);
        }
        return dataset(contents, List.of(names));
    }

    private static ArrayDataset archive(Path file, Part part, int inAFile) throws IOException {
        Map<String, byte[]> found = new HashMap<>();
        try (InputStream in = Packed.open(file)) {
            var tar = new TarReader(in, file.toString());
            for (TarReader.Entry entry = tar.next();
                    entry != null && found.size() < part.files.size();
                    entry = tar.next()) {
                String name = entry.name().substring(entry.name().lastIndexOf('/') + 1);
                if (part.files.contains(name)) {
                    found.put(name, tar.bytes(Math.multiplyExact(inAFile, RECORD) + 1));
                }
            }
        } catch (EOFException e) {
            throw new DataException(file + " ends too early: the archive is truncated, fetch it again", e);
        } catch (ZipException e) {
            throw new DataException(file + " is no sound gzip file (" + e.getMessage() + "): fetch it again", e);
        }
        byte[][] contents = new byte[part.files.size()][];
        for (int i = 0; i < contents.length; i++) {
            String name = part.files.get(i);
            if (!found.containsKey(name)) {
                throw new DataException(
                        file + " has no entry " + name + ": is it the archive of CIFAR-10's binary files?");
            }
            contents[i] = whole(found.get(name), file + ": " + name, inAFile);
        }
        return dataset(contents, part.files.stream().map(name -> file + ": " + name).toList());
    }

    private static byte[] content(Path file) throws IOException {
        try (InputStream in = Packed.open(file)) {
            return in.readAllBytes();
        } catch (NoSuchFileException e) {
            throw new DataException("there is no file " + file, e);
        } catch (EOFException e) {
            throw new DataException(file + " ends too early: the file is truncated, fetch it again", e);
        } catch (ZipException e) {
            throw new DataException(file + " is no sound gzip file (" + e.getMessage() + "): fetch it again", e);
        }
    }

    private static byte[] whole(byte[] content, String name, int examples) {
        if (content.length != examples * RECORD) {
            throw new DataException(
                    String.format(
                            "%s has %,d bytes, expected %,d (%,d examples of %,d bytes): fetch it again",
                            name, content.length, examples * RECORD, examples, RECORD));
        }
        return content;
    }

    private static ArrayDataset dataset(byte[][] contents, List<String> names) {
        int count = 0;
        for (int f = 0; f < contents.length; f++) {
            if (contents[f].length == 0 || contents[f].length % RECORD != 0) {
                throw new DataException(
                        String.format(
                                "%s has %,d bytes, expected a multiple of %,d (a label and 32 by 32 pixels of 3 bytes): is"
                                        + " it another file, or truncated?",
                                names.get(f), contents[f].length, RECORD));
            }
            count += contents[f].length / RECORD;
        }
        byte[] pixels = new byte[Math.multiplyExact(count, 3 * PLANE)];
        int[] labels = new int[count];
        int example = 0;
        for (int f = 0; f < contents.length; f++) {
            for (int at = 0; at < contents[f].length; at += RECORD) {
                labels[example] = contents[f][at] & 255;
                if (labels[example] >= CLASSES.size()) {
                    throw new DataException(
                            String.format(
                                    "%s: example %d has the label %d, outside 0 to 9: is it another file?",
                                    names.get(f), at / RECORD, labels[example]));
                }
                interleave(contents[f], at + 1, pixels, example++ * 3 * PLANE);
            }
        }
        return ArrayDataset.pixels(pixels, new int[] {SIDE, SIDE, 3}, labels, CLASSES);
    }

    // [3, 32, 32] -> [32, 32, 3]
    private static void interleave(byte[] planes, int from, byte[] pixels, int to) {
        for (int i = 0; i < PLANE; i++) {
            pixels[to + 3 * i] = planes[from + i];
            pixels[to + 3 * i + 1] = planes[from + PLANE + i];
            pixels[to + 3 * i + 2] = planes[from + 2 * PLANE + i];
        }
    }
}
