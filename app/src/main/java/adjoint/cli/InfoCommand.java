package adjoint.cli;

import adjoint.kernel.MachineKernels;
import adjoint.plan.Engine;

import picocli.CommandLine.Command;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `adjoint info`: what this machine gives Adjoint to work with.
@Command(name = "info", description = "Shows Java, kernels, threads and memory, and what could be better.")
final class InfoCommand extends Task {
    private static final double MIB = 1 << 20;
    private static final Runtime.Version SOUND_G1 = Runtime.Version.parse("25.0.3");

    private static final Map<String, String> LABELS =
            Map.of(
                    "java", "Java",
                    "maxHeapMiB", "largest heap, MiB",
                    "collectors", "collectors",
                    "vectorModule", "vector module");

    @Override
    int work() {
        Engine engine = engine();
        boolean vector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() || VectorModule.load();
        List<String> collectors =
                ManagementFactory.getGarbageCollectorMXBeans().stream().map(GarbageCollectorMXBean::getName).toList();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("adjoint", Main.version());
        facts.put("java", System.getProperty("java.vendor") + " " + Runtime.version());
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("kernels", engine.kernels().description());
        facts.put("threads", engine.threads());
        facts.put("processors", Runtime.getRuntime().availableProcessors());
        facts.put("maxHeapMiB", Machine.rounded(Runtime.getRuntime().maxMemory() / MIB));
        facts.put("collectors", String.join(", ", collectors));
        facts.put("vectorModule", vector);
        facts.forEach((name, value) -> say("%-17s %s", LABELS.getOrDefault(name, name), value));
        List<String> warnings = new ArrayList<>(warnings(Runtime.version(), collectors, vector));
        if (vector) { // without, the lines above have said it
            warnings.addAll(MachineKernels.remarks());
        }
        warnings.forEach(w -> say("warning: %s", w));
        if (warnings.isEmpty()) {
            say("nothing is missing");
        }
        facts.put("warnings", warnings);
        report(facts);
        return 0;
    }

    static List<String> warnings(Runtime.Version java, List<String> collectors, boolean vector) {
        List<String> warnings = new ArrayList<>();
        if (!vector) {
            warnings.add("without vector instructions, several times slower: add --add-modules jdk.incubator.vector");
        }
        boolean g1 = collectors.stream().anyMatch(c -> c.startsWith("G1"));
        if (g1 && java.feature() == SOUND_G1.feature() && java.compareToIgnoreOptional(SOUND_G1) < 0) {
            warnings.add(
                    "Java "
                            + java
                            + " has a defect in its G1 collector (JDK-8377811): update to 25.0.3, or use"
                            + " -XX:+UseParallelGC");
        }
        return warnings;
    }
}
