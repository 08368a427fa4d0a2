package adjoint.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/// Files that may be packed with gzip, told by their content.
final class Packed {
    private static final int BUFFER = 1 << 16;

    private Packed() {}

    /// The content, unpacked if need be.
    static InputStream open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new DataException(file + " is a folder, expected a file");
        }
        var in = new BufferedInputStream(Files.newInputStream(file), BUFFER);
        in.mark(2);
        byte[] start = in.readNBytes(2);
        in.reset();
        boolean gzip = start.length == 2 && (start[0] & 255) == 0x1f && (start[1] & 255) == 0x8b;
        try {
            return gzip ? new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER) : in;
        } catch (IOException e) { // a damaged header
            in.close();
            throw e;
        }
    }
}
