package adjoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

class DownloadsTest {
    private static final int SIZE = 300_000;
    private static final String NAME = "file.gz";

    private final byte[] content = new byte[SIZE];
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;
    private ExecutorService threads;

    @TempDir private Path folder;

    /// One answer of the server.
    private interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void start() throws IOException {
        new Random(1).nextBytes(content);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        threads = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(threads);
        server.start();
        serve("/good", e -> send(e, from(e), content));
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(String path, Answer answer) {
        server.createContext(
                path,
                e -> {
                    requests.add(path + " " + from(e));
                    try (e) {
                        answer.give(e);
                    }
                });
    }

    private static int from(HttpExchange e) {
        String range = e.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    }

    private static void send(HttpExchange e, int from, byte[] bytes) throws IOException {
        if (from > 0) {
            String range = "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length;
            e.getResponseHeaders().add("Content-Range", range);
        }
        e.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
        e.getResponseBody().write(bytes, from, bytes.length - from);
    }

    // States the whole size, gives a part and hangs up.
    private void drop(HttpExchange e, int until) throws IOException {
        e.sendResponseHeaders(200, SIZE);
        e.getResponseBody().write(content, 0, until);
        e.getResponseBody().flush();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private Downloads.Remote remote(String... paths) throws Exception {
        String sha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        return new Downloads.Remote(NAME, SIZE, sha, Arrays.stream(paths).map(this::uri).toList());
    }

    private Path fetch(Downloads.Remote file) throws IOException {
        return Downloads.fetch(file, folder, Duration.ofMillis(5), Duration.ofMillis(700));
    }

    private void fetched(String... paths) throws Exception {
        Path file = fetch(remote(paths));
        assertThat(file).isEqualTo(folder.resolve(NAME)).hasBinaryContent(content);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    private void part(byte[] bytes) throws IOException {
        Files.write(folder.resolve(NAME + ".part"), bytes);
    }

    private void failed(String reason, String... paths) throws Exception {
        Downloads.Remote file = remote(paths);
        assertThatThrownBy(() -> fetch(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.mirrors().getFirst() + " (" + reason)
                .hasMessageContaining("by hand as " + folder.resolve(NAME))
                .hasMessageContaining(file.sha256());
        assertThat(folder.resolve(NAME)).doesNotExist();
    }

    @Test
    void fetchesOnce() throws Exception {
        fetched("/good");
        fetched("/good");
        assertThat(requests).containsExactly("/good 0");
        Files.writeString(folder.resolve(NAME), "wrong");
        fetched("/good");
    }

    @Test
    void goesOnFromAPart() throws Exception {
        part(Arrays.copyOf(content, 1000));
        fetched("/good");
        assertThat(requests).containsExactly("/good 1000");
    }

    @Test
    void takesAWholePart() throws Exception {
        part(content);
        fetched("/good");
        assertThat(requests).isEmpty();
    }

    @Test
    void startsAgainFromAWrongPart() throws Exception {
        part(new byte[1000]);
        fetched("/good");
        assertThat(requests).containsExactly("/good 1000", "/good 0");
        Files.delete(folder.resolve(NAME));
        part(new byte[SIZE]);
        fetched("/good");
        Files.delete(folder.resolve(NAME));
        part(new byte[SIZE + 1]);
        fetched("/good");
    }

    @Test
    void startsAgainWhereRangesAreIgnoredOrRefused() throws Exception {
        serve("/whole", e -> send(e, 0, content));
        part(Arrays.copyOf(content, 1000));
        fetched("/whole");
        Files.delete(folder.resolve(NAME));
        serve(
                "/refuses",
                e -> {
                    if (from(e) > 0) {
                        e.sendResponseHeaders(416, -1);
                    } else {
                        send(e, 0, content);
                    }
                });
        part(Arrays.copyOf(content, 1000));
        fetched("/refuses");
    }

    @Test
    void goesOnAfterADroppedConnection() throws Exception {
        serve(
                "/drops",
                e -> {
                    if (from(e) == 0) {
                        drop(e, 100_000);
                    } else {
                        send(e, from(e), content);
                    }
                });
        fetched("/drops");
        assertThat(requests).hasSize(2).last().isNotEqualTo("/drops 0");
        Files.delete(folder.resolve(NAME));
        serve("/always", e -> drop(e, 100_000));
        failed("it broke off after", "/always");
        assertThat(folder.resolve(NAME + ".part")).exists();
        fetched("/always", "/good");
    }

    @Test
    void goesOnAfterSilence() throws Exception {
        serve(
                "/silent",
                e -> {
                    if (from(e) == 0) {
                        drop(e, 100_000);
                        sleep();
                    } else {
                        send(e, from(e), content);
                    }
                });
        fetched("/silent");
        serve("/mute", e -> sleep());
        Files.delete(folder.resolve(NAME));
        fetched("/mute", "/good");
    }

    private static void sleep() {
        try {
            Thread.sleep(20_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void refusesAWrongChecksumOrSize() throws Exception {
        byte[] wrong = content.clone();
        wrong[17]++;
        serve("/wrong", e -> send(e, 0, wrong));
        failed("the checksum does not fit", "/wrong");
        assertThat(requests).hasSize(1);
        serve("/page", e -> send(e, 0, "<html>log in</html>".getBytes()));
        failed("it states 19 bytes, expected 300000", "/page");
        serve(
                "/endless",
                e -> {
                    e.sendResponseHeaders(200, 0);
                    e.getResponseBody().write(content);
                    e.getResponseBody().write(content);
                });
        failed("it sends more", "/endless");
        fetched("/wrong", "/page", "/endless", "/good");
    }

    @Test
    void takesTheNextMirror() throws Exception {
        serve("/gone", e -> e.sendResponseHeaders(404, -1));
        fetched("/gone", "/good");
        Files.delete(folder.resolve(NAME));
        failed("status 404", "/gone");
        serve("/busy", e -> e.sendResponseHeaders(503, -1));
        failed("status 503", "/busy");
        assertThat(requests).filteredOn(r -> r.startsWith("/busy")).hasSize(4);
    }

    @Test
    void followsRedirects() throws Exception {
        serve(
                "/moved",
                e -> {
                    e.getResponseHeaders().add("Location", uri("/good").toString());
                    e.sendResponseHeaders(302, -1);
                });
        part(Arrays.copyOf(content, 1000));
        fetched("/moved");
        assertThat(requests).containsExactly("/moved 1000", "/good 1000");
    }

    @Test
    void saysWhatToDoOffline() throws Exception {
        Downloads.Remote file = remote("/good");
        server.stop(0);
        assertThatThrownBy(() -> fetch(file)).isInstanceOf(IOException.class).hasMessageContaining("(no connection)");
        URI nowhere = URI.create("http://nowhere.invalid/" + NAME);
        var unknown = new Downloads.Remote(NAME, SIZE, file.sha256(), List.of(nowhere));
        assertThatThrownBy(() -> fetch(unknown))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(nowhere.toString());
    }

    @Test
    void manyAtOnceFetchOnce() throws Exception {
        Downloads.Remote file = remote("/good");
        List<Callable<Path>> calls = Collections.nCopies(8, () -> fetch(file));
        for (var done : threads.invokeAll(calls)) {
            assertThat(done.get()).hasBinaryContent(content);
        }
        assertThat(requests).hasSize(1);
    }

    @Test
    void refusesWhatIsNoRemoteFile() throws Exception {
        String sha = remote("/good").sha256();
        List<URI> at = List.of(uri("/good"));
        for (Callable<?> bad :
                List.<Callable<?>>of(
                        () -> new Downloads.Remote("../x", 1, sha, at),
                        () -> new Downloads.Remote("x", 0, sha, at),
                        () -> new Downloads.Remote("x", 1, "abc", at),
                        () -> new Downloads.Remote("x", 1, sha, List.of()),
                        () -> new Downloads.Remote("x", 1, sha, List.of(URI.create("file:/x"))))) {
            assertThatThrownBy(bad::call).isInstanceOf(DataException.class);
        }
    }
}
