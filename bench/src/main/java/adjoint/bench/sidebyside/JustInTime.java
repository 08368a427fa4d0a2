package adjoint.bench.sidebyside;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// How long a JVM's compiler threads have worked, read from outside, from Linux's `/proc`: asking the JVM would load classes into a
/// process whose memory is measured.
final class JustInTime {
    private static final double TICKS_A_SECOND = 100; // USER_HZ, on every Linux
    private static final int USER_TIME = 11; // fields behind the name in `stat`, counted from 0
    private static final int SYSTEM_TIME = 12;

    private JustInTime() {}

    /// Seconds of a process's life, 0 where the system does not say. Compiler threads that ended are forgotten.
    static double seconds(Path process) throws IOException {
        if (!Files.isDirectory(process.resolve("task"))) {
            return 0;
        }
        List<Path> threads;
        try (Stream<Path> all = Files.list(process.resolve("task"))) {
            threads = all.toList();
        }
        double ticks = 0;
        for (Path thread : threads) {
            String stat;
            try {
                stat = Files.readString(thread.resolve("stat"));
            } catch (IOException e) { // it ended
                continue;
            }
            int end = stat.lastIndexOf(')'); // of the name, which is cut to 15 letters
            if (stat.substring(0, end).matches(".*\\(C[12] CompilerThre.*")) {
                String[] fields = stat.substring(end + 2).split(" ");
                ticks += Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
            }
        }
        return ticks / TICKS_A_SECOND;
    }
}
