package adjoint.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/// Pictures in folders, a folder for each class: `cats/1.png`, `cats/2.jpg`, `dogs/1.png`.
///
/// Classes and pictures are in the order of their names, whatever the file system gives. Files that do not end in
/// `.png`, `.jpg`, `.jpeg`, `.bmp` or `.gif`, and those whose name begins with a dot, are left out.
public final class ImageFolder {
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "bmp", "gif");

    private static final int MOST_BYTES = 64 << 20; // of one file in an archive

    private ImageFolder() {}

    /// Reads a folder, or a `.tar`, `.tar.gz` or `.tgz` of one; every picture is resized.
    ///
    /// In an archive the folders of the classes can lie in one outer folder.
    ///
    /// @param channels 1, grey, or 3
    /// @return a dataset of `[height, width, channels]`, 0 … 1
    /// @throws DataException if there are no sub-folders, one has no pictures, or a picture cannot be decoded
    public static ArrayDataset of(Path folderOrArchive, int height, int width, int channels) throws IOException {
        if (height < 1 || width < 1 || channels != 1 && channels != 3) {
            throw new DataException(
                    "pictures need rows, columns and 1 or 3 channels, got " + height + ", " + width + ", " + channels);
        }
        var shape = new int[] {height, width, channels};
        if (Files.isDirectory(folderOrArchive)) {
            return dataset(folderOrArchive, shape, folder(folderOrArchive, shape));
        }
        if (Files.isRegularFile(folderOrArchive)) {
            return dataset(folderOrArchive, shape, archive(folderOrArchive, shape));
        }
        throw new DataException("there is no folder or archive " + folderOrArchive);
    }

    private static Map<String, List<byte[]>> folder(Path root, int... shape) throws IOException {
        var classes = new TreeMap<String, List<byte[]>>();
        for (Path sub : list(root, Files::isDirectory)) {
            List<Path> files = list(sub, f -> isPicture(f.getFileName().toString()) && Files.isRegularFile(f));
            classes.put(
                    sub.getFileName().toString(),
                    files.parallelStream().map(f -> pixels(Images.load(f), f.toString(), shape)).toList());
        }
        return classes;
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> !f.getFileName().toString().startsWith("."))
                    .filter(wanted)
                    .sorted(Comparator.comparing(f -> f.getFileName().toString()))
                    .toList();
        }
    }

    private static Map<String, List<byte[]>> archive(Path file, int... shape) throws IOException {
        var folders = new TreeSet<String>();
        var pictures = new TreeMap<String, byte[]>();
        try (InputStream in = Packed.open(file)) {
            var tar = new TarReader(in, file.toString());
            for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
                List<String> path = parts(entry.name());
                if (path.isEmpty() || path.stream().anyMatch(part -> part.startsWith("."))) {
                    continue;
                }
                String name = String.join("/", path);
                if (entry.folder()) {
                    folders.add(name);
                } else if (isPicture(name)) {
                    String place = file + ": " + name;
                    if (entry.link()) {
                        throw new DataException(
                                place
                                        + " is a link to another picture: make the archive with tar --dereference"
                                        + " --hard-dereference");
                    }
                    pictures.put(name, pixels(tar.bytes(MOST_BYTES), place, shape));
                    if (path.size() > 1) {
                        folders.add(name.substring(0, name.lastIndexOf('/')));
                    }
                }
            }
        } catch (EOFException e) {
            throw new DataException(file + " ends too early: the archive is truncated, fetch it again", e);
        } catch (ZipException e) {
            throw new DataException(file + " is no sound gzip file (" + e.getMessage() + "): fetch it again", e);
        }
        String outer = outer(folders);
        var classes = new TreeMap<String, List<byte[]>>();
        for (String folder : folders) {
            String name = folder.startsWith(outer) ? folder.substring(outer.length()) : "";
            if (!name.isEmpty() && !name.contains("/")) {
                classes.put(name, new ArrayList<>());
            }
        }
        pictures.forEach((name, pixels) -> {
            int end = name.lastIndexOf('/');
            List<byte[]> of = end < outer.length() ? null : classes.get(name.substring(outer.length(), end));
            if (of != null) {
                of.add(pixels);
            }
        });
        return classes;
    }

    // "flowers/" if all there is lies in sub-folders of one folder.
    private static String outer(Set<String> folders) {
        Set<String> first = new TreeSet<>();
        boolean deep = false;
        for (String folder : folders) {
            first.add(folder.split("/")[0]);
            deep |= folder.contains("/");
        }
        return deep && first.size() == 1 ? first.iterator().next() + "/" : "";
    }

    private static List<String> parts(String path) {
        return Arrays.stream(path.split("/")).filter(part -> !part.isEmpty() && !part.equals(".")).toList();
    }

    private static boolean isPicture(String name) {
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    private static byte[] pixels(byte[] file, String name, int... shape) {
        return Images.decode(file, name, 1).channels(shape[2]).resize(shape[0], shape[1]).bytes();
    }

    private static ArrayDataset dataset(Path source, int[] shape, Map<String, List<byte[]>> classes) {
        if (classes.isEmpty()) {
            throw new DataException(source + " has no sub-folders, expected one for each class with its pictures");
        }
        List<String> names = List.copyOf(classes.keySet());
        long count = 0;
        for (String name : names) {
            if (classes.get(name).isEmpty()) {
                throw new DataException(source + ": the sub-folder " + name + " has no pictures: remove it or fill it");
            }
            count += classes.get(name).size();
        }
        int width = Math.multiplyExact(Math.multiplyExact(shape[0], shape[1]), shape[2]);
        if (count * width > Integer.MAX_VALUE - 8) {
            throw new DataException(
                    source + ": " + count + " pictures of " + width + " values exceed 2 GiB: choose a smaller size");
        }
        byte[] pixels = new byte[(int) count * width];
        int[] labels = new int[(int) count];
        int at = 0;
        for (int label = 0; label < names.size(); label++) {
            for (byte[] picture : classes.get(names.get(label))) {
                System.arraycopy(picture, 0, pixels, at * width, width);
                labels[at++] = label;
            }
        }
        return ArrayDataset.pixels(pixels, shape, labels, names);
    }
}
