package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

import javax.imageio.ImageIO;

class Cifar10Test {
    private static final int RECORD = 3073;
    private static final int IN_A_FILE = 20;

    @TempDir private Path folder;
    @TempDir private Path cache;

    private static Path real(String file) {
        Path path = TestData.folder("cifar-10").resolve(file);
        Assumptions.assumeTrue(Files.exists(path), "CIFAR-10 is not there: set ADJOINT_DATA");
        return path;
    }

    private static byte[] records(int seed, int count) {
        byte[] bytes = new byte[count * RECORD];
        new Random(seed).nextBytes(bytes);
        for (int i = 0; i < count; i++) {
            bytes[i * RECORD] = (byte) ((seed + i) % 10);
        }
        return bytes;
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    // A ustar archive.
    private static byte[] tar(Map<String, byte[]> entries) {
        var tar = new ByteArrayOutputStream();
        entries.forEach((name, content) -> {
            byte[] header = new byte[512];
            put(header, 0, name);
            put(header, 100, "0000644");
            put(header, 124, String.format("%011o", content.length));
            put(header, 148, "        ");
            header[156] = '0';
            put(header, 257, "ustar");
            int sum = 0;
            for (byte b : header) {
                sum += b & 255;
            }
            put(header, 148, String.format("%06o", sum));
            header[154] = 0;
            tar.writeBytes(header);
            tar.writeBytes(content);
            tar.writeBytes(new byte[-content.length & 511]);
        });
        tar.writeBytes(new byte[1024]);
        return tar.toByteArray();
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private static byte[] jpeg(int side, Color colour) throws IOException {
        var image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            image.setRGB(i % side, i / side, colour.getRGB());
        }
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "jpeg", bytes);
        return bytes.toByteArray();
    }

    private static Map<String, byte[]> binaries() {
        var files = new LinkedHashMap<String, byte[]>();
        files.put("test_batch.bin", records(9, IN_A_FILE)); // not in the order of reading
        for (int i = 5; i > 0; i--) {
            files.put("data_batch_" + i + ".bin", records(i, IN_A_FILE));
        }
        return files;
    }

    // Two pictures of each class: 1.jpg as bright as the class's number tells, 2.jpg a little brighter.
    private static Map<String, byte[]> pictures() throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        for (String part : List.of("train", "test")) {
            for (int c = 0; c < 10; c++) {
                for (int i = 1; i <= 2; i++) {
                    String name = part + "/" + Cifar10.CLASSES.get(c) + "/" + i + ".jpg";
                    files.put(name, jpeg(32, new Color(20 * c + 5 * i, 0, 0)));
                }
            }
        }
        return files;
    }

    private ArrayDataset train() throws IOException {
        return Cifar10.read(folder, Cifar10.Part.TRAIN, cache, IN_A_FILE);
    }

    private ArrayDataset test() throws IOException {
        return Cifar10.read(folder, Cifar10.Part.TEST, cache, IN_A_FILE);
    }

    private void checkBinaries() throws IOException {
        ArrayDataset train = train();
        assertThat(train.size()).isEqualTo(5 * IN_A_FILE);
        assertThat(train.exampleShape()).containsExactly(32, 32, 3);
        assertThat(train.classes()).startsWith("airplane").endsWith("truck").hasSize(10);
        for (int i = 0; i < train.size(); i++) {
            equal(train, i, records(1 + i / IN_A_FILE, IN_A_FILE), i % IN_A_FILE);
        }
        ArrayDataset test = test();
        assertThat(test.size()).isEqualTo(IN_A_FILE);
        equal(test, 7, records(9, IN_A_FILE), 7);
    }

    // The example's every value beside record `r`'s.
    private static void equal(ArrayDataset data, int example, byte[] records, int r) {
        assertThat(data.label(example)).isEqualTo(records[r * RECORD]);
        float[] expected = new float[3072];
        for (int y = 0; y < 32; y++) {
            for (int x = 0; x < 32; x++) {
                for (int c = 0; c < 3; c++) {
                    int value = records[r * RECORD + 1 + c * 1024 + y * 32 + x] & 255;
                    expected[(y * 32 + x) * 3 + c] = value / 255f;
                }
            }
        }
        assertThat(data.example(example)).isEqualTo(expected);
    }

    @Test
    void readsBinaryFilesPlainPackedAndInAnArchive() throws IOException {
        Map<String, byte[]> files = binaries();
        for (var file : files.entrySet()) {
            Files.write(folder.resolve(file.getKey()), file.getValue());
        }
        checkBinaries();
        for (var file : files.entrySet()) {
            Files.delete(folder.resolve(file.getKey()));
            Files.createDirectories(folder.resolve("cifar-10-batches-bin"));
            Files.write(folder.resolve("cifar-10-batches-bin", file.getKey() + ".gz"), gzip(file.getValue()));
        }
        checkBinaries();
        var entries = new LinkedHashMap<String, byte[]>();
        for (var file : files.entrySet()) {
            Files.delete(folder.resolve("cifar-10-batches-bin", file.getKey() + ".gz"));
            entries.put("cifar-10-batches-bin/" + file.getKey(), file.getValue());
        }
        Files.write(folder.resolve("cifar-10-binary.tar.gz"), gzip(tar(entries)));
        checkBinaries();
        assertThat(cache).isEmptyDirectory();
    }

    @Test
    void readsTheExactSubset() throws IOException {
        Path file = real("cifar10_subset_train_4000.bin.gz");
        ArrayDataset data = Cifar10.records(file, real("cifar10_subset_test_1000.bin.gz"));
        byte[] bytes;
        try (var in = new GZIPInputStream(Files.newInputStream(file))) {
            bytes = in.readAllBytes();
        }
        assertThat(data.size()).isEqualTo(5000);
        for (int i = 0; i < 4000; i++) {
            equal(data, i, bytes, i);
        }
        assertThat(data.batch(0, 1, 2, 3, 4000, 4001).y().toInts()).containsExactly(6, 9, 9, 4, 3, 8);
        assertThat(data.example(0)).startsWith(59 / 255f, 62 / 255f, 63 / 255f, 43 / 255f); // as published prints show
    }

    @Test
    void itsChannelsHaveTheKnownStatistics() throws IOException {
        Standardizer s = Standardizer.perChannel(Cifar10.records(real("cifar10_subset_train_4000.bin.gz")));
        assertThat(s.mean().toFloats()).containsExactly(new float[] {0.4916f, 0.4818f, 0.4447f}, within(1e-4f));
        assertThat(s.deviation().toFloats()).containsExactly(new float[] {0.2471f, 0.2440f, 0.2625f}, within(1e-4f));
    }

    // The n-th picture of a class is the n-th official example of that class, but for what JPEG leaves out.
    @Test
    void theJpegPicturesAreTheExactOnesButForCompression() throws IOException {
        ArrayDataset exact = Cifar10.records(real("cifar10_subset_test_1000.bin.gz"));
        real("cifar-10-jpeg.tar.gz");
        ArrayDataset jpeg = Cifar10.read(TestData.folder("cifar-10"), Cifar10.Part.TEST, cache, IN_A_FILE);
        assertThat(jpeg.size()).isEqualTo(10_000);
        int[] seen = new int[10];
        double sum = 0;
        for (int i = 0; i < exact.size(); i++) {
            int label = exact.label(i);
            int twin = 10 * seen[label]++ + label;
            assertThat(jpeg.label(twin)).isEqualTo(label);
            double distance = distance(exact.example(i), jpeg.example(twin));
            double toOther = distance(exact.example(i), jpeg.example(twin + 10));
            assertThat(distance).isLessThan(0.06).isLessThan(toOther / 2);
            sum += distance;
        }
        assertThat(sum / exact.size()).isBetween(0.01, 0.03);
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]);
        }
        return sum / a.length;
    }

    @Test
    void readsTheJpegPicturesOnceAndThenTheCache() throws IOException {
        Files.write(folder.resolve("cifar-10-jpeg.tar.gz"), gzip(tar(pictures())));
        ArrayDataset first = train();
        assertThat(first.size()).isEqualTo(20);
        for (int i = 0; i < 20; i++) {
            assertThat(first.label(i)).isEqualTo(i % 10);
            int red = 20 * (i % 10) + (i < 10 ? 5 : 10);
            assertThat(255 * first.example(i)[1500]).isBetween(red - 2f, red + 2f);
            assertThat(255 * first.example(i)[1501]).isBetween(0f, 3f);
        }
        assertThat(test().size()).isEqualTo(20);
        assertThat(names(cache)).containsExactly("jpeg-test.pixels", "jpeg-train.pixels");
        Path kept = cache.resolve("jpeg-train.pixels");
        byte[] bytes = Files.readAllBytes(kept);
        var stamp = Files.getLastModifiedTime(kept);
        same(train(), first);
        assertThat(Files.getLastModifiedTime(kept)).isEqualTo(stamp);

        List<byte[]> damaged = new ArrayList<>();
        damaged.add(new byte[0]);
        damaged.add(Arrays.copyOf(bytes, 40));
        damaged.add(Arrays.copyOf(bytes, bytes.length / 2));
        damaged.add(Arrays.copyOf(bytes, bytes.length + 1));
        for (int at : new int[] {0, 20, 80, 85, 88, bytes.length - 1}) { // each field of the header, label, pixel
            byte[] other = bytes.clone();
            other[at] ^= 1;
            damaged.add(other);
        }
        for (byte[] other : damaged) {
            Files.write(kept, other);
            same(train(), first);
            assertThat(Files.readAllBytes(kept)).isEqualTo(bytes);
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private static void same(ArrayDataset a, ArrayDataset b) {
        assertThat(a.size()).isEqualTo(b.size());
        for (int i = 0; i < a.size(); i++) {
            assertThat(a.label(i)).isEqualTo(b.label(i));
            assertThat(a.example(i)).isEqualTo(b.example(i));
        }
    }

    @Test
    void anotherArchiveIsNotReadFromTheCacheOfTheFirst() throws IOException {
        Path archive = folder.resolve("cifar-10-jpeg.tar.gz");
        Map<String, byte[]> pictures = pictures();
        Files.write(archive, gzip(tar(pictures)));
        train();
        pictures.put("train/airplane/1.jpg", jpeg(32, Color.WHITE));
        Files.write(archive, gzip(tar(pictures)));
        assertThat(train().example(0)[0]).isEqualTo(1);
    }

    @Test
    void doesWithoutACacheThatCannotBeWritten() throws IOException {
        Files.write(folder.resolve("cifar-10-jpeg.tar.gz"), gzip(tar(pictures())));
        Path file = Files.write(cache.resolve("file"), new byte[1]); // no folder can be made below it
        for (int i = 0; i < 2; i++) {
            assertThat(Cifar10.read(folder, Cifar10.Part.TRAIN, file.resolve("sub"), IN_A_FILE).size()).isEqualTo(20);
        }
        assertThat(Files.readAllBytes(file)).hasSize(1);
    }

    @Test
    void leftoversOfAnInterruptedWriteGoAfterADay() throws IOException {
        Files.write(folder.resolve("cifar-10-jpeg.tar.gz"), gzip(tar(pictures())));
        Path old = Files.write(cache.resolve("jpeg-train.pixels.1.part"), new byte[1]);
        Files.setLastModifiedTime(
                old, java.nio.file.attribute.FileTime.from(java.time.Instant.now().minusSeconds(200_000)));
        Files.write(cache.resolve("jpeg-train.pixels.2.part"), new byte[1]); // of somebody who is writing
        train();
        assertThat(names(cache)).containsExactly("jpeg-train.pixels", "jpeg-train.pixels.2.part");
    }

    @Test
    void severalMayReadAtOnce() throws Exception {
        Files.write(folder.resolve("cifar-10-jpeg.tar.gz"), gzip(tar(pictures())));
        ArrayDataset expected = Cifar10.read(folder, Cifar10.Part.TRAIN, folder.resolve("own"), IN_A_FILE);
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<ArrayDataset>> readers = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                readers.add(this::train);
            }
            for (var reader : threads.invokeAll(readers)) {
                same(reader.get(), expected);
            }
        }
        assertThat(names(cache)).containsExactly("jpeg-train.pixels");
    }

    @Test
    void refusesWhatIsDamaged() throws IOException {
        check(this::train, "has no file data_batch_1.bin (or");
        check(() -> Cifar10.train(folder.resolve("none")), "there is no folder");
        check(() -> Cifar10.records(folder.resolve("none")), "there is no file");
        Map<String, byte[]> files = binaries();
        Path first = folder.resolve("data_batch_1.bin");
        Files.write(first, files.get("data_batch_1.bin"));
        check(this::train, "has no file data_batch_2.bin");
        Files.write(first, records(1, IN_A_FILE - 1));
        check(this::train, "58,387 bytes, expected 61,460 (20 examples of 3,073 bytes)");
        check(() -> Cifar10.records(Files.write(first, new byte[3072])), "expected a multiple of 3,073");
        byte[] wrong = records(1, 3);
        wrong[RECORD] = 10;
        check(() -> Cifar10.records(Files.write(first, wrong)), "example 1 has the label 10, outside 0 to 9");
        byte[] packed = gzip(records(1, 3));
        check(() -> Cifar10.records(Files.write(first, Arrays.copyOf(packed, 500))), "truncated");
        packed[packed.length - 6] ^= 1;
        check(() -> Cifar10.records(Files.write(first, packed)), "no sound gzip file");
        Files.delete(first);

        Path archive = folder.resolve("cifar-10-binary.tar.gz");
        Files.write(archive, gzip(tar(Map.of("cifar-10-batches-bin/data_batch_1.bin", files.get("data_batch_1.bin")))));
        check(this::train, "has no entry data_batch_2.bin");
        Files.write(archive, Arrays.copyOf(gzip(tar(files)), 10_000));
        check(this::train, "the archive is truncated");
        Files.delete(archive);

        Path jpegs = folder.resolve("cifar-10-jpeg.tar.gz");
        Map<String, byte[]> pictures = pictures();
        Files.write(jpegs, Arrays.copyOf(gzip(tar(pictures)), 1000));
        check(this::train, "the archive is truncated");
        pictures.put("train/cat/2.jpg", jpeg(16, Color.RED));
        Files.write(jpegs, gzip(tar(pictures)));
        check(this::train, "cifar-10-jpeg.tar.gz: train/cat/2.jpg has 16 by 16 pixels, expected 32 by 32");
        pictures.put("train/cat/2.jpg", new byte[100]);
        Files.write(jpegs, gzip(tar(pictures)));
        check(this::train, "train/cat/2.jpg is no picture that can be decoded");
        pictures.remove("train/cat/1.jpg");
        pictures.remove("train/cat/2.jpg");
        Files.write(jpegs, gzip(tar(pictures)));
        check(this::train, "has no pictures train/cat/*.jpg");
        pictures.put("train/apple/1.jpg", jpeg(32, Color.RED));
        Files.write(jpegs, gzip(tar(pictures)));
        check(this::train, "has pictures of the class apple, expected airplane, automobile");
        assertThat(cache).isEmptyDirectory();
    }

    private static void check(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(DataException.class).hasMessageContaining(message);
    }
}
