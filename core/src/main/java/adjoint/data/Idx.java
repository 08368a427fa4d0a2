package adjoint.data;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.ZipException;

/// The IDX format of the MNIST files: a magic number that tells element type and number of axes, the extents, the elements.
/// Plain or gzip, told apart by content.
///
/// @param dims the extents
/// @param bytes the elements, unsigned
public record Idx(int[] dims, byte[] bytes) {
    private static final int UNSIGNED_BYTE = 0x08;

    /// Reads a file with so many axes.
    ///
    /// @throws DataException if it is no whole IDX file of unsigned bytes with that many axes
    public static Idx read(Path file, int axes) throws IOException {
        try (InputStream in = Packed.open(file)) {
            return read(file, axes, new DataInputStream(in));
        } catch (NoSuchFileException e) {
            throw new DataException("there is no file " + file, e);
        } catch (EOFException e) {
            throw new DataException(file + " ends too early: the file is truncated, fetch it again", e);
        } catch (ZipException e) {
            throw new DataException(file + " is no sound gzip file (" + e.getMessage() + "): fetch it again", e);
        }
    }

    private static Idx read(Path file, int axes, DataInputStream in) throws IOException {
        int magic = in.readInt();
        int expected = UNSIGNED_BYTE << 8 | axes;
        if (magic != expected) {
            throw new DataException(
                    String.format(
                            "%s starts with the magic number 0x%08x, expected 0x%08x (unsigned bytes, %d axes): is it"
                                    + " another file?",
                            file, magic, expected, axes));
        }
        int[] dims = new int[axes];
        long size = 1;
        for (int i = 0; i < axes; i++) {
            dims[i] = in.readInt();
            if (dims[i] < 0) {
                throw new DataException(
                        file
                                + " states an extent of "
                                + Integer.toUnsignedString(dims[i])
                                + " for axis "
                                + i
                                + ": the header is damaged");
            }
            size = size > Integer.MAX_VALUE ? size : size * dims[i];
        }
        if (size > Integer.MAX_VALUE - 8) {
            throw new DataException(file + " states more than 2 GiB of elements: the header is damaged");
        }
        byte[] bytes =
                in.readNBytes((int) size); // grows as it reads: a false header cannot make it take the memory at once
        if (bytes.length < size) {
            throw new DataException(
                    file
                            + " ends after "
                            + bytes.length
                            + " of "
                            + size
                            + " elements: the file is truncated, fetch it again");
        }
        if (in.read() >= 0) {
            throw new DataException(file + " goes on after the " + size + " elements that its header states");
        }
        return new Idx(dims, bytes);
    }

    /// Images and labels as a dataset of `[height, width, 1]` pixels.
    ///
    /// @throws DataException if the counts differ, there are none, or a label is outside the classes
    public static ArrayDataset images(Path imageFile, Path labelFile, List<String> classes) throws IOException {
        Idx images = read(imageFile, 3);
        Idx labels = read(labelFile, 1);
        if (images.dims[0] != labels.dims[0]) {
            throw new DataException(
                    imageFile
                            + " has "
                            + images.dims[0]
                            + " images and "
                            + labelFile
                            + " has "
                            + labels.dims[0]
                            + " labels: they do not belong together");
        }
        if (images.dims[0] == 0) {
            throw new DataException(imageFile + " has no images");
        }
        if (images.dims[1] == 0 || images.dims[2] == 0) {
            throw new DataException(
                    imageFile
                            + " has images of "
                            + images.dims[1]
                            + " by "
                            + images.dims[2]
                            + " pixels, expected some");
        }
        int[] y = IntStream.range(0, labels.bytes.length).map(i -> labels.bytes[i] & 255).toArray();
        for (int i = 0; i < y.length; i++) {
            if (y[i] >= classes.size()) {
                throw new DataException(
                        labelFile + ": label " + i + " is " + y[i] + ", outside 0 to " + (classes.size() - 1));
            }
        }
        return ArrayDataset.pixels(images.bytes, new int[] {images.dims[1], images.dims[2], 1}, y, classes);
    }
}
