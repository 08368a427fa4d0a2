package adjoint.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The rows of a text with separators and quotes, RFC 4180; lines may end in any way, and blank lines are passed over.
final class CsvText {
    private static final String SEPARATORS = "\t;,";
    private static final int LOOK_AT = 20;

    private final Path file;
    private final String text;
    private final char separator;
    private final boolean quotes; // cells that begin with one are quoted
    private int at;
    private int line = 1;

    private CsvText(Path file, String text, char separator, boolean quotes) {
        this.file = file;
        this.text = text;
        this.separator = separator;
        this.quotes = quotes;
    }

    /// Cells of one row, and the line it starts at, from 1.
    record Row(int line, List<String> cells) {}

    static List<Row> read(Path file, CsvFormat format) throws IOException {
        String text = text(file);
        return new CsvText(file, text, format.separator().orElseGet(() -> detect(text)), true).rows();
    }

    /// Rows of texts, which may hold quotes that quote nothing. Where all lines have equally many tabs, these separate, and quotes
    /// are as good as letters, unless each cell that begins with one ends with one.
    static List<Row> readTexts(Path file) throws IOException {
        String text = text(file);
        if (!tabbed(text)) {
            return new CsvText(file, text, detect(text), true).rows();
        }
        List<Row> plain = new CsvText(file, text, '\t', false).rows();
        try {
            List<Row> quoted = new CsvText(file, text, '\t', true).rows();
            return quoted.size() == plain.size() ? quoted : plain; // fewer if a quote swallowed a line end
        } catch (DataException _) {
            return plain;
        }
    }

    private static boolean tabbed(String text) {
        List<Long> tabs =
                text.lines()
                        .filter(l -> !l.isEmpty())
                        .map(l -> l.chars().filter(c -> c == '\t').count())
                        .distinct()
                        .toList();
        return tabs.size() == 1 && tabs.getFirst() > 0;
    }

    /// Refuses rows that do not have so many cells.
    static void requireEven(Path file, List<Row> rows, int cells) {
        for (Row row : rows) {
            if (row.cells.size() != cells) {
                throw new DataException(
                        String.format(
                                "%s, line %d: expected %d cells as in the first line, got %d: correct the line, or"
                                        + " quote text that has separators in it",
                                file, row.line, cells, row.cells.size()));
            }
        }
    }

    private static String text(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new DataException(file + " is a folder, expected a file");
        }
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Files.readAllBytes(file))).toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (NoSuchFileException e) {
            throw new DataException("there is no file " + file, e);
        } catch (CharacterCodingException e) {
            throw new DataException(file + " is no text in UTF-8: save it in that encoding", e);
        }
    }

    // The separator that cuts the first rows into equally many cells, and if several do, into most.
    private static char detect(String text) {
        char best = ',';
        int most = 0;
        for (char candidate : SEPARATORS.toCharArray()) {
            List<Integer> counts = counts(text, candidate);
            boolean even = counts.stream().distinct().count() == 1;
            int score = counts.isEmpty() ? 0 : counts.getFirst() * (even ? 1 << 12 : 1);
            if (score > most) {
                most = score;
                best = candidate;
            }
        }
        return best;
    }

    private static List<Integer> counts(String text, char separator) {
        List<Integer> counts = new ArrayList<>();
        boolean quoted = false;
        boolean blank = true;
        int count = 0;
        for (int i = 0; i < text.length() && counts.size() < LOOK_AT; i++) {
            char c = text.charAt(i);
            quoted ^= c == '"';
            if (!quoted && (c == '\n' || c == '\r')) {
                if (!blank) {
                    counts.add(count);
                }
                count = 0;
                blank = true;
            } else {
                blank &= Character.isWhitespace(c);
                count += !quoted && c == separator ? 1 : 0;
            }
        }
        if (!blank && counts.size() < LOOK_AT) {
            counts.add(count);
        }
        return counts;
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        while (at < text.length()) {
            Row row = row();
            if (row.cells.size() > 1 || !row.cells.getFirst().isEmpty()) {
                rows.add(row);
            }
        }
        return rows;
    }

    private Row row() {
        int start = line;
        List<String> cells = new ArrayList<>();
        cells.add(cell());
        while (at < text.length() && text.charAt(at) == separator) {
            at++;
            cells.add(cell());
        }
        endLine();
        return new Row(start, cells);
    }

    private void endLine() {
        if (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '\r' && at < text.length() && text.charAt(at) == '\n') {
                at++;
            }
            line++;
        }
    }

    private String cell() {
        while (at < text.length() && text.charAt(at) != separator && " \t".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (quotes && at < text.length() && text.charAt(at) == '"') {
            return quoted();
        }
        int start = at;
        skipToEnd();
        return text.substring(start, at).strip();
    }

    private void skipToEnd() {
        while (at < text.length() && text.charAt(at) != separator && !lineEnd(text.charAt(at))) {
            at++;
        }
    }

    private static boolean lineEnd(char c) {
        return c == '\n' || c == '\r';
    }

    private String quoted() {
        int start = line;
        var cell = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"' && at + 1 < text.length() && text.charAt(at + 1) == '"') {
                at++;
            } else if (c == '"') {
                break;
            } else if (c == '\n' || c == '\r' && (at + 1 == text.length() || text.charAt(at + 1) != '\n')) {
                line++;
            }
            cell.append(c);
        }
        if (at == text.length()) {
            throw new DataException(
                    file
                            + ", line "
                            + start
                            + ": a cell starts with a quote that is never closed: close it, or double it");
        }
        int end = ++at;
        skipToEnd();
        if (!text.substring(end, at).isBlank()) {
            throw new DataException(
                    String.format(
                            "%s, line %d: expected a separator after the closing quote, got %s: double quotes inside"
                                    + " quoted text",
                            file, line, text.substring(end, at).strip()));
        }
        return cell.toString();
    }
}
