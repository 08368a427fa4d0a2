package adjoint.text;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// A printable letter for each byte, as the files of byte-level BPE write them (Radford et al. 2019, GPT-2's `bytes_to_unicode`):
/// printable Latin-1 bytes stand for themselves, the others for `U+0100` on.
final class ByteLetters {
    private static final char[] LETTER = new char[256];
    private static final int[] BYTE = new int[0x100 + 256]; // -1: no byte's letter

    static {
        Arrays.fill(BYTE, -1);
        int next = 0x100;
        for (int b = 0; b < LETTER.length; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            LETTER[b] = (char) (printable ? b : next++);
            BYTE[LETTER[b]] = b;
        }
    }

    private ByteLetters() {}

    static String of(byte[] bytes) {
        var text = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            text.append(LETTER[b & 255]);
        }
        return text.toString();
    }

    /// The bytes that letters stand for, or null if one stands for none.
    static byte[] bytes(String letters) {
        var out = new ByteArrayOutputStream(letters.length());
        for (char c : letters.toCharArray()) {
            int b = c < BYTE.length ? BYTE[c] : -1;
            if (b < 0) {
                return null;
            }
            out.write(b);
        }
        return out.toByteArray();
    }
}
