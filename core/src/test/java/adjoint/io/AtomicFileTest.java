package adjoint.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

class AtomicFileTest {
    @TempDir private Path dir;

    /// Takes a few bytes at a time, as a disk does that is nearly full.
    private static final class Slow implements WritableByteChannel {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        @Override
        public int write(ByteBuffer from) {
            int n = Math.min(7, from.remaining());
            for (int i = 0; i < n; i++) {
                taken.write(from.get());
            }
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    @Test
    void everyByteIsWrittenHoweverFewAChannelTakes() throws IOException {
        byte[] content = new byte[100];
        content[99] = 1;
        var slow = new Slow();
        AtomicFile.writeFully(slow, ByteBuffer.wrap(content));
        assertThat(slow.taken.toByteArray()).isEqualTo(content);
    }

    @Test
    void aFileIsReplacedByBytes() throws IOException {
        Path file = Files.writeString(dir.resolve("f"), "before");
        AtomicFile.write(file, new byte[] {'a', 'b'});
        assertThat(file).hasContent("ab");
    }
}
