package adjoint.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/// Bytes of UTF-8 as they come, told as text: whole characters only, and nothing that may become one of the texts to stop at.
final class TextStream {
    private final List<String> stops;
    private final Consumer<String> listener;
    private final CharsetDecoder decoder =
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private final StringBuilder held = new StringBuilder(); // characters that were not told yet
    private byte[] rest = {}; // bytes of a character that is not whole yet
    private boolean stopped;

    TextStream(List<String> stops, Consumer<String> listener) {
        this.stops = stops;
        this.listener = listener;
    }

    /// Whether a text to stop at has come.
    boolean stopped() {
        return stopped;
    }

    void add(byte[] bytes) {
        if (!stopped) {
            decode(bytes, false);
            tell(true);
        }
    }

    /// Nothing more comes.
    void finish() {
        if (!stopped) {
            decode(new byte[0], true);
            tell(false);
        }
    }

    private void decode(byte[] bytes, boolean end) {
        ByteBuffer in = ByteBuffer.allocate(rest.length + bytes.length).put(rest).put(bytes).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + 2);
        decoder.decode(in, out, end);
        rest = new byte[in.remaining()];
        in.get(rest);
        held.append(out.flip());
    }

    private void tell(boolean moreMayCome) {
        int first = stops.stream().mapToInt(held::indexOf).filter(i -> i >= 0).min().orElse(-1);
        stopped = first >= 0;
        int ready = stopped ? first : moreMayCome ? held.length() - begun() : held.length();
        if (ready > 0) {
            listener.accept(held.substring(0, ready));
        }
        held.delete(0, ready);
    }

    // How many characters at the end may be the beginning of a stop.
    private int begun() {
        int most = 0;
        for (String stop : stops) {
            for (int n = Math.min(stop.length() - 1, held.length()); n > most; n--) {
                if (stop.startsWith(held.substring(held.length() - n))) {
                    most = n;
                }
            }
        }
        return most;
    }
}
