package adjoint.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// One try to bring the partial file to its end from one address.
record Transfer(HttpClient client, Downloads.Remote file, URI mirror, Path part, Duration silence) {
    private static final int NOT_SATISFIABLE = 416;

    /// The address does not have the file: another try there is useless.
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /// The address may give the file another time.
    static final class Broken extends IOException {
        private static final long serialVersionUID = 1L;

        Broken(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// Leaves the whole file with the right checksum at `part`, or throws.
    void run() throws IOException, InterruptedException {
        boolean resumed = Files.exists(part) && Files.size(part) > 0;
        if (resumed && Files.size(part) > file.bytes()) {
            Files.delete(part);
            resumed = false;
        }
        if (!resumed || Files.size(part) < file.bytes()) {
            resumed = load();
        }
        if (!Downloads.fits(part, file)) {
            Files.delete(part);
            if (!resumed) {
                throw new Refused("the checksum does not fit");
            }
            run(); // what was there before was wrong: once more, from the start
        }
    }

    // Gives whether the file goes on from what was there before.
    private boolean load() throws IOException, InterruptedException {
        long have = Files.exists(part) ? Files.size(part) : 0;
        HttpRequest.Builder request = HttpRequest.newBuilder(mirror).header("User-Agent", "adjoint");
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        HttpResponse<InputStream> response = answer(request.build());
        try (InputStream body = response.body()) {
            if (response.statusCode() == NOT_SATISFIABLE && have > 0) {
                Files.delete(part);
                throw new Broken("it has no rest to a file of " + have + " bytes", null);
            }
            boolean rest = goesOn(response, have);
            long from = rest ? have : 0;
            long stated = response.headers().firstValueAsLong("Content-Length").orElse(file.bytes() - from);
            if (stated != file.bytes() - from) {
                throw new Refused("it states " + (from + stated) + " bytes, expected " + file.bytes());
            }
            copy(body, from);
            return rest;
        }
    }

    private static boolean goesOn(HttpResponse<InputStream> response, long have) throws Refused {
        if (response.statusCode() == 206 && have > 0) {
            String range = response.headers().firstValue("Content-Range").orElse("none");
            if (!range.startsWith("bytes " + have + "-")) {
                throw new Refused("asked for the bytes from " + have + ", it gave the range " + range);
            }
            return true;
        }
        if (response.statusCode() != 200) {
            throw new Refused("status " + response.statusCode());
        }
        return false;
    }

    private HttpResponse<InputStream> answer(HttpRequest request) throws IOException, InterruptedException {
        var pending = client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
        try {
            HttpResponse<InputStream> response = pending.get(silence.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() >= 500 || response.statusCode() == 429) {
                response.body().close();
                throw new Broken("status " + response.statusCode(), null);
            }
            return response;
        } catch (TimeoutException e) {
            pending.cancel(true);
            throw new Broken("no answer within " + silence.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new Broken(reason(e.getCause()), e);
        }
    }

    private static String reason(Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof UnresolvedAddressException || t instanceof UnknownHostException) {
                return "no address known for that host";
            }
        }
        return cause instanceof ConnectException ? "no connection" : Objects.toString(cause.getMessage(), "" + cause);
    }

    private void copy(InputStream body, long from) throws IOException {
        var at = new AtomicLong(from);
        Thread watch = Thread.startVirtualThread(() -> closeWhenSilent(body, at));
        try (FileChannel out = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            out.truncate(from).position(from);
            byte[] buffer = new byte[1 << 16];
            for (int n = read(body, buffer, at.get()); n >= 0; n = read(body, buffer, at.get())) {
                if (at.get() + n > file.bytes()) {
                    out.truncate(0);
                    throw new Refused("it sends more than the expected " + file.bytes() + " bytes");
                }
                for (ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n); bytes.hasRemaining(); ) {
                    out.write(bytes);
                }
                at.addAndGet(n);
            }
            out.force(true);
        } finally {
            watch.interrupt();
        }
        if (at.get() < file.bytes()) {
            throw new Broken("it ended after " + at.get() + " of " + file.bytes() + " bytes", null);
        }
    }

    // A failed read is the server's fault, a failed write is not.
    private int read(InputStream body, byte[] buffer, long at) throws Broken {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw new Broken("it broke off after " + at + " of " + file.bytes() + " bytes", e);
        }
    }

    private void closeWhenSilent(InputStream body, AtomicLong at) {
        try {
            long before = -1;
            while (before != at.get()) {
                before = at.get();
                Thread.sleep(silence);
            }
            body.close();
        } catch (InterruptedException | IOException e) {
            return; // done, or broken anyway
        }
    }
}
