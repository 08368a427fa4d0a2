import com.google.googlejavaformat.java.Main;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Formats every Java file of the project, or checks that each is formatted. The build starts it from the project's root
/// with google-java-format on the class path: `java tools/Format.java apply` or `java tools/Format.java check`.
///
/// Doc comments stay as they are written: the style is for code.
class Format {
    private static final List<String> ROOTS = List.of("core/src", "app/src", "bench/src", "bench/peers", "tools");

    private Format() {}

    static void main(String[] args) throws Exception {
        boolean check = args[0].equals("check");
        var arguments =
                new ArrayList<>(
                        List.of(
                                "--aosp",
                                "--max-line-length=120",
                                "--skip-javadoc-formatting",
                                "--skip-reflowing-long-strings"));
        arguments.addAll(check ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
        int options = arguments.size();
        for (String root : ROOTS) {
            collect(Path.of(root), arguments);
        }
        if (arguments.size() == options) {
            return;
        }
        var changed = new StringWriter();
        var out = new PrintWriter(changed);
        var err = new PrintWriter(System.err, true);
        int code = new Main(out, err, System.in).format(arguments.toArray(String[]::new));
        out.flush();
        err.flush();
        if (check && !changed.toString().isBlank()) {
            System.err.println("Not formatted (mvn -q -N -Pformat validate does it):");
            changed.toString().lines().sorted().forEach(file -> System.err.println("  " + file));
        }
        System.exit(code);
    }

    private static void collect(Path root, List<String> files) throws IOException {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (var walk = Files.walk(root)) {
            walk.filter(file -> file.toString().endsWith(".java")).map(Path::toString).sorted().forEach(files::add);
        }
    }
}
