package adjoint.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.ZipException;

/// A tar archive of small JPEG pictures of one size: `part/class/number.jpg`.
final class JpegArchive {
    private static final int MOST_BYTES = 1 << 20; // of one picture

    private JpegArchive() {}

    private record Entry(String name, String file, int label, byte[] jpeg) {}

    /// The pictures of one part, one of each class in turn, in the order of their names.
    ///
    /// @param side rows and columns that each picture has
    /// @param cache the folder in which decoded pixels are kept
    static ArrayDataset read(Path archive, String part, List<String> classes, int side, Path cache) throws IOException {
        var shape = new int[] {side, side, 3};
        var kept = new PixelCache(cache.resolve("jpeg-" + part + ".pixels"), Downloads.sha256(archive), shape);
        Optional<PixelCache.Content> before = kept.read();
        if (before.isPresent()) {
            return ArrayDataset.pixels(before.get().pixels(), shape, before.get().labels(), classes);
        }
        List<Entry> entries = entries(archive, part, classes);
        int width = 3 * side * side;
        byte[] pixels = new byte[Math.multiplyExact(entries.size(), width)];
        IntStream.range(0, entries.size())
                .parallel()
                .forEach(i -> System.arraycopy(decode(entries.get(i), archive, side), 0, pixels, i * width, width));
        int[] labels = entries.stream().mapToInt(Entry::label).toArray();
        kept.write(new PixelCache.Content(labels, pixels));
        return ArrayDataset.pixels(pixels, shape, labels, classes);
    }

    private static byte[] decode(Entry entry, Path archive, int side) {
        String place = archive + ": " + entry.name;
        Picture picture = Images.decode(entry.jpeg, place, 1);
        if (picture.height() != side || picture.width() != side) {
            throw new DataException(
                    String.format(
                            "%s has %d by %d pixels, expected %d by %4$d: is it another set?",
                            place, picture.height(), picture.width(), side));
        }
        return picture.channels(3).bytes();
    }

    private static List<Entry> entries(Path archive, String part, List<String> classes) throws IOException {
        var entries = new ArrayList<Entry>();
        try (InputStream in = Packed.open(archive)) {
            var tar = new TarReader(in, archive.toString());
            for (TarReader.Entry entry = tar.next(); entry != null; entry = tar.next()) {
                String[] path = entry.name().split("/");
                int last = path.length - 1;
                if (!entry.name().endsWith(".jpg") || last < 2 || !path[last - 2].equals(part)) {
                    continue;
                }
                int label = classes.indexOf(path[last - 1]);
                if (label < 0) {
                    throw new DataException(
                            String.format(
                                    "%s has pictures of the class %s, expected %s: is it another set?",
                                    archive, path[last - 1], String.join(", ", classes)));
                }
                entries.add(new Entry(entry.name(), path[last], label, tar.bytes(MOST_BYTES)));
            }
        } catch (EOFException e) {
            throw new DataException(archive + " ends too early: the archive is truncated, fetch it again", e);
        } catch (ZipException e) {
            throw new DataException(archive + " is no sound gzip file (" + e.getMessage() + "): fetch it again", e);
        }
        for (int label = 0; label < classes.size(); label++) {
            int wanted = label;
            if (entries.stream().noneMatch(e -> e.label == wanted)) {
                throw new DataException(
                        String.format(
                                "%s has no pictures %s/%s/*.jpg: is it another set?",
                                archive, part, classes.get(label)));
            }
        }
        entries.sort(Comparator.comparing(Entry::file).thenComparing(Entry::label));
        return entries;
    }
}
