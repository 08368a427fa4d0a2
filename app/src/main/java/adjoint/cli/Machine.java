package adjoint.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;

/// What the machine says about this process.
final class Machine {
    private static final double MIB = 1 << 20;

    private Machine() {}

    /// The most memory this process has used: resident where the system tells (Linux), else of Java alone.
    static double peakMemoryMiB() {
        Path status = Path.of("/proc/self/status");
        if (Files.isReadable(status)) {
            try (var lines = Files.lines(status)) {
                var peak = lines.filter(l -> l.startsWith("VmHWM:")).findFirst();
                if (peak.isPresent()) {
                    return Long.parseLong(peak.get().replaceAll("\\D", "")) / 1024.0;
                }
            } catch (IOException _) { // not this kind of Linux
            }
        }
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                        .map(MemoryPoolMXBean::getPeakUsage)
                        .mapToLong(u -> u == null ? 0 : u.getUsed())
                        .sum()
                / MIB;
    }

    /// How much memory this machine has, or this process may use of it, in bytes.
    static long memory() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Long.MAX_VALUE;
    }

    /// Whether someone watches.
    static boolean isTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }

    /// To two digits behind the point, for reading.
    static double rounded(double x) {
        return Math.round(x * 100) / 100.0;
    }
}
