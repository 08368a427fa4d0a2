package adjoint.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adjoint.kernel.UnavailableKernelsException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// The cache on two small files instead of the libraries, and once on these.
class LibraryCacheTest {
    private static final String LIBRARY = "0123456789".repeat(100_000);
    private static final String HELPER = "helper";

    @TempDir private Path dir;

    /// A class path with these files, which counts how often it is asked.
    private static final class Resources extends ClassLoader {
        final AtomicInteger opened = new AtomicInteger();
        volatile String library = LIBRARY;

        Resources() {
            super(null);
        }

        @Override
        public InputStream getResourceAsStream(String name) {
            opened.incrementAndGet();
            String text = name.endsWith("/library") ? library : name.endsWith("/helper") ? HELPER : null;
            return text == null ? null : new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private final Resources resources = new Resources();

    private static String sha256(String text) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest);
    }

    private static Platform platform() throws Exception {
        return new Platform(
                "test-x86_64",
                List.of(
                        new Platform.File("helper", sha256(HELPER)),
                        new Platform.File("library", sha256(LIBRARY))));
    }

    private Path unpack() throws Exception {
        return new LibraryCache(dir, platform(), resources).library();
    }

    private List<String> names(Path library) throws IOException {
        try (var files = Files.list(library.getParent())) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void unpacksOnceAndPrivately() throws Exception {
        Path library = unpack();
        assertThat(library).hasContent(LIBRARY);
        assertThat(library.resolveSibling("helper")).hasContent(HELPER);
        assertThat(names(library)).containsExactly("helper", "helper.verified", "library", "library.verified");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(library))).isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(library.getParent())))
                .isEqualTo("rwx------");
        assertThat(resources.opened).hasValue(2);
        assertThat(unpack()).isEqualTo(library);
        assertThat(resources.opened).hasValue(2);
    }

    @Test
    void aCorruptedFileIsUnpackedAgain() throws Exception {
        Path library = unpack();
        try (var channel = FileChannel.open(library, StandardOpenOption.WRITE)) { // same size, one byte
            channel.write(java.nio.ByteBuffer.wrap(new byte[] {'x'}), 500_000);
        }
        assertThat(unpack()).hasContent(LIBRARY);
        assertThat(resources.opened).hasValue(3);
    }

    @Test
    void aCorruptedFileIsFoundEvenIfItsTimeIsSetBack() throws Exception {
        Path library = unpack();
        FileTime time = Files.getLastModifiedTime(library);
        Files.writeString(library, LIBRARY.replace('0', 'x'));
        Files.setLastModifiedTime(library, time);
        assertThat(unpack()).hasContent(LIBRARY);
    }

    @Test
    void aTruncatedFileIsUnpackedAgain() throws Exception {
        Path library = unpack();
        Files.writeString(library, LIBRARY.substring(0, 1234));
        assertThat(unpack()).hasContent(LIBRARY);
    }

    @Test
    void aStampThatIsLostOrForAnotherFileCostsAHashOnly() throws Exception {
        Path library = unpack();
        Path stamp = library.resolveSibling("library.verified");
        Files.delete(stamp);
        unpack();
        assertThat(stamp).exists();
        Files.write(stamp, new byte[] {(byte) 0xff, 0});
        unpack();
        Files.copy(library, library.resolveSibling("copy"));
        Files.move(library.resolveSibling("copy"), library, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        unpack();
        assertThat(resources.opened).hasValue(2);
    }

    @Test
    void manyMayUnpackAtOnce() throws Exception {
        List<Callable<Path>> work = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            work.add(() -> {
                Path library = unpack();
                assertThat(library).hasContent(LIBRARY); // whole at once
                return library;
            });
        }
        try (var executor = Executors.newFixedThreadPool(8)) {
            for (var done : executor.invokeAll(work)) {
                assertThat(names(done.get()))
                        .containsExactly("helper", "helper.verified", "library", "library.verified");
            }
        }
    }

    /// A program that unpacks into the folder it is given, slowly, and says so when it has begun.
    static final class Program {
        public static void main(String[] args) throws Exception {
            boolean slow = args.length > 1;
            var source =
                    new ClassLoader(null) {
                        @Override
                        public InputStream getResourceAsStream(String name) {
                            String text = name.endsWith("/library") ? LIBRARY : HELPER;
                            var bytes = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
                            return !slow || text.equals(HELPER) ? bytes : slowly(bytes);
                        }
                    };
            Path library = new LibraryCache(Path.of(args[0]), platform(), source).library();
            System.out.println(Files.readString(library).equals(LIBRARY) ? "whole" : "broken");
        }

        private static InputStream slowly(InputStream bytes) {
            return new FilterInputStream(bytes) {
                private int read;

                @Override
                public int read(byte[] to, int from, int length) throws IOException {
                    int got = super.read(to, from, Math.min(length, 10_000));
                    read += Math.max(0, got);
                    if (read >= LIBRARY.length() / 2) {
                        System.out.println("half");
                        try {
                            Thread.sleep(60_000);
                        } catch (InterruptedException e) {
                            throw new InterruptedIOException();
                        }
                    }
                    return got;
                }
            };
        }
    }

    private Process start(String... arguments) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), Program.class.getName()));
        words.add(dir.toString());
        words.addAll(List.of(arguments));
        return new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    @Test
    void twoProgramsMayUnpackAtOnceAndOneBeKilledMidway() throws Exception {
        Process killed = start("slow");
        assertThat(killed.inputReader().readLine()).isEqualTo("half");
        killed.destroyForcibly().waitFor();
        Process one = start();
        Process other = start();
        assertThat(one.inputReader().readLine()).isEqualTo("whole");
        assertThat(other.inputReader().readLine()).isEqualTo("whole");
        assertThat(unpack()).hasContent(LIBRARY);
        assertThat(resources.opened).as("what they unpacked is found right").hasValue(0);
    }

    @Test
    void whatKilledProgramsLeftIsRemoved() throws Exception {
        Path library = unpack();
        Path old = Files.writeString(library.resolveSibling("library.a.tmp"), "half");
        Path young = Files.writeString(library.resolveSibling("library.b.tmp"), "half");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(200_000)));
        Files.delete(library);
        unpack();
        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void aDamagedResourceIsNeverInstalled() {
        resources.library = LIBRARY + "!";
        assertThatThrownBy(this::unpack)
                .isInstanceOf(UnavailableKernelsException.class)
                .hasMessageContaining("it is damaged, or of another version");
        assertThat(dir.resolve("library")).doesNotExist();
    }

    @Test
    void aMissingResourceIsNamed() {
        var nothing =
                new ClassLoader(null) {
                    @Override
                    public InputStream getResourceAsStream(String name) {
                        return null;
                    }
                };
        assertThatThrownBy(() -> new LibraryCache(dir, platform(), nothing).library())
                .isInstanceOf(UnavailableKernelsException.class)
                .hasMessage(
                        "org/bytedeco/dnnl/test-x86_64/helper is not on the class path: add the artifact"
                                + " org.bytedeco:dnnl with the classifier test-x86_64");
    }

    @Test
    void aFolderThatCannotBeMadeIsAReasonWithItsRemedy() throws IOException {
        Path file = Files.createFile(dir.resolve("file"));
        assumeTrue(Platform.named(Platform.here()).isPresent());
        assertThatThrownBy(() -> Library.locate(null, file.resolve("below").toString(), Platform.here()))
                .isInstanceOf(UnavailableKernelsException.class)
                .hasMessageContaining("oneDNN cannot be used from the folder " + file)
                .hasMessageContaining("set -Dadjoint.onednn.cache=FOLDER to a folder that this user can write");
    }

    @Test
    void aFolderThatOthersMayWriteIsRefused() throws Exception {
        Path folder = unpack().getParent();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(this::unpack)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("others than this user may write there");
    }

    @Test
    void aMissingFileOfTheUserIsNamed() {
        assertThatThrownBy(() -> Library.locate(dir.resolve("none.so").toString(), null, Platform.here()))
                .isInstanceOf(UnavailableKernelsException.class)
                .hasMessageContaining("none.so: correct the system property adjoint.onednn.library");
    }

    @Test
    void anUnknownPlatformIsNamed() {
        assertThatThrownBy(() -> Library.locate(null, null, "plan9-mips"))
                .isInstanceOf(UnavailableKernelsException.class)
                .hasMessageStartingWith("there is no oneDNN for plan9-mips in this build");
    }

    @Test
    void aFileThatIsNoLibraryIsAReasonNotACrash() throws IOException {
        Path file = Files.writeString(dir.resolve("libdnnl.so"), "no library");
        assertThatThrownBy(() -> OneDnnProvider.load(file))
                .isInstanceOf(UnavailableKernelsException.class)
                .hasMessageContaining("cannot be loaded");
    }

    @Test
    void theChecksumsAreThoseOfTheArtifact() throws Exception {
        Platform platform = Platform.named("linux-x86_64").orElseThrow();
        for (Platform.File file : platform.files()) {
            try (var in = getClass().getClassLoader().getResourceAsStream(platform.resource(file))) {
                var digest = MessageDigest.getInstance("SHA-256");
                var buffer = new byte[1 << 16];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    digest.update(Arrays.copyOf(buffer, n));
                }
                assertThat(HexFormat.of().formatHex(digest.digest())).as(file.name()).isEqualTo(file.sha256());
            }
        }
    }
}
