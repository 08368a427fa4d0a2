package adjoint.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Reads a tar archive from front to back: ustar, GNU long names, pax paths.
final class TarReader {
    private static final int BLOCK = 512;
    private static final int LONGEST_NAME = 1 << 20;

    private final InputStream in;
    private final String archive;
    private long rest; // bytes of the current entry and its padding that are still to come
    private long size;

    /// @param archive its name, for messages
    TarReader(InputStream in, String archive) {
        this.in = in;
        this.archive = archive;
    }

    /// What an entry is.
    ///
    /// @param name its path in the archive
    /// @param folder whether it is a folder
    /// @param link whether it is a link to another entry, without a content of its own
    record Entry(String name, boolean folder, boolean link) {}

    /// The next folder, file or link, or null at the end.
    Entry next() throws IOException {
        String longName = null;
        long longSize = -1;
        while (true) {
            in.skipNBytes(rest);
            rest = 0;
            byte[] header = in.readNBytes(BLOCK);
            if (header.length < BLOCK) {
                throw new EOFException(); // also where nothing is left: an archive ends with a block of zeros
            }
            if (isZero(header)) {
                return null;
            }
            check(header);
            size = number(header, 124, 12);
            char type = (char) header[156];
            boolean file = type == '0' || type == 0 || type == '7';
            if (longSize >= 0 && file) {
                size = longSize;
            }
            rest = Math.addExact(size, -size & BLOCK - 1);
            switch (type) {
                case 'L' -> longName = text(bytes(LONGEST_NAME), 0, (int) size);
                case 'x' -> {
                    String records = new String(bytes(LONGEST_NAME), StandardCharsets.UTF_8);
                    longName = pax(records, "path", longName);
                    String stated = pax(records, "size", "");
                    longSize = stated.isEmpty() ? -1 : require(decimal(stated));
                }
                case '0', 0, '7', '5' -> {
                    String name = longName != null ? longName : name(header);
                    return new Entry(name, type == '5' || name.endsWith("/"), false);
                }
                case '1', '2' -> {
                    return new Entry(longName != null ? longName : name(header), false, true);
                }
                default -> {
                    if (type != 'g' && type != 'K') { // a device, with the names that went before
                        longName = null;
                        longSize = -1;
                    }
                }
            }
        }
    }

    /// The content of the current entry.
    byte[] bytes(int most) throws IOException {
        if (size > most) {
            throw new DataException(archive + " has an entry of " + size + " bytes, at most " + most + " are read");
        }
        byte[] bytes = in.readNBytes((int) size);
        if (bytes.length < size) {
            throw new EOFException();
        }
        rest -= size;
        return bytes;
    }

    private static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    // The sum of the header's bytes, with its own field as spaces.
    private void check(byte[] header) {
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 255;
        }
        if (sum != number(header, 148, 8)) {
            throw new DataException(
                    archive + " is no sound tar archive (wrong checksum), expected .tar, .tar.gz or .tgz");
        }
    }

    private long number(byte[] header, int at, int length) {
        if ((header[at] & 0x80) != 0) { // GNU: binary where octal has no room
            long value = header[at] & 0x3f;
            for (int i = at + 1; i < at + length; i++) {
                value = value << 8 | header[i] & 255;
            }
            return require(value);
        }
        String digits = text(header, at, length).strip();
        try {
            return require(digits.isEmpty() ? 0 : Long.parseLong(digits, 8));
        } catch (NumberFormatException e) {
            throw new DataException(archive + " is no sound tar archive: \"" + digits + "\" is no octal number", e);
        }
    }

    private long decimal(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new DataException(archive + " is no sound tar archive: \"" + digits + "\" is no size", e);
        }
    }

    private long require(long value) {
        if (value < 0 || value > 1L << 50) {
            throw new DataException(archive + " is no sound tar archive: it states a size of " + value);
        }
        return value;
    }

    private static String name(byte[] header) {
        String name = text(header, 0, 100);
        boolean posix = text(header, 257, 6).equals("ustar"); // GNU writes other things where ustar has the prefix
        String prefix = posix ? text(header, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String text(byte[] bytes, int at, int length) {
        int end = at;
        while (end < at + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, at, end - at, StandardCharsets.UTF_8);
    }

    // Records are "length key=value\n".
    private static String pax(String records, String key, String otherwise) {
        String value = otherwise;
        for (String line : records.split("\n")) {
            int space = line.indexOf(' ');
            if (line.startsWith(key + "=", space + 1)) {
                value = line.substring(space + key.length() + 2);
            }
        }
        return value;
    }
}
