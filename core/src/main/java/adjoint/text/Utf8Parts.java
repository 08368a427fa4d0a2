package adjoint.text;

import adjoint.data.DataException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// A text in UTF-8 of any length, read part by part, each of whole characters. A byte order mark in front is none of its characters.
final class Utf8Parts {
    private static final char MARK = '\uFEFF'; // as some editors on Windows write it

    private final Path file;
    private final ReadableByteChannel in;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder(); // refuses what is no UTF-8
    private final ByteBuffer bytes;
    private final CharBuffer chars;
    private long before;
    private boolean begun;
    private boolean ended;

    /// @param file names what is read, for messages
    /// @param size of a part, in bytes, at most
    Utf8Parts(Path file, ReadableByteChannel in, int size) {
        this.file = file;
        this.in = in;
        bytes = ByteBuffer.allocate(size);
        chars = CharBuffer.allocate(size);
    }

    /// The next part, or none at the end.
    ///
    /// @throws DataException if something is no UTF-8
    Optional<String> next() throws IOException {
        while (!ended) {
            ended = in.read(bytes) < 0;
            CoderResult result = decoder.decode(bytes.flip(), chars.clear(), ended);
            before += bytes.position();
            if (result.isError()) {
                throw new DataException(
                        String.format(
                                "%s is no text in UTF-8: byte %d (from 0), 0x%02X, belongs to no character; save it in"
                                        + " that encoding",
                                file, before, bytes.get(bytes.position())));
            }
            bytes.compact();
            chars.flip();
            if (!begun && chars.hasRemaining()) {
                begun = true;
                if (chars.get(0) == MARK) {
                    chars.get();
                }
            }
            if (chars.hasRemaining()) {
                return Optional.of(chars.toString());
            }
        }
        return Optional.empty();
    }
}
