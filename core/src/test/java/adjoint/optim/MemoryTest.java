package adjoint.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import adjoint.nn.Activation;
import adjoint.nn.Dropout;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.nn.Linear;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.nn.Sequential;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// A long training in a process of its own: its resident memory stays flat, and nothing in it is ever closed.
class MemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int STEPS = 100_000;
    private static final int EVERY = 1_000;

    private static final int TENTHS = 10;

    @Test
    void staysFlatOverAHundredThousandSteps() throws IOException {
        assumeTrue(Files.isReadable(STATUS), "resident memory is read from " + STATUS + ", which is not here");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--add-modules=jdk.incubator.vector",
                                "-XX:+UseSerialGC",
                                "-XX:NativeMemoryTracking=summary",
                                "-Xms256m",
                                "-Xmx256m",
                                "-XX:TrimNativeHeapInterval=1000", // what the JIT compiler has freed is no longer
                                // resident
                                "-XX:+AlwaysPreTouch", // the heap counts whole from the start; what lives in it is told
                                // apart
                                "-cp",
                                System.getProperty("java.class.path"),
                                Training.class.getName())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        List<long[]> kib =
                process.inputReader()
                        .lines()
                        .map(line -> Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray())
                        .toList();
        assertThat(kib).as("the process ended early").hasSize(STEPS / EVERY);
        List<Long> own = kib.stream().filter(k -> k.length > 2).map(k -> k[2]).toList();
        assertThat(own).as("KiB off-heap, of tensors and plans").allMatch(k -> k <= own.getFirst() * 1.02);
        List<Long> live = kib.stream().map(k -> k[1]).toList();
        List<Long> resident = kib.stream().map(k -> k[0]).toList();
        assertThat(live).as("KiB live in the heap").allMatch(k -> k < live.getFirst() * 1.05);
        assertThat(resident.getLast()).as("KiB resident at the end").isLessThan(resident.getFirst() * 21 / 20);
        // The JIT compiler needs some 20 MiB for moments, mostly in the first half, and gives them back when it likes.
        List<Long> medians =
                IntStream.range(0, TENTHS)
                        .mapToObj(i -> median(resident.subList(i * TENTHS, (i + 1) * TENTHS)))
                        .toList();
        long before = Collections.max(medians.subList(0, TENTHS / 2));
        long after = Collections.max(medians.subList(TENTHS / 2, TENTHS));
        assertThat(after).as("KiB resident in the second half, of %s", resident).isLessThan(before * 102 / 100);
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /// Trains a network with ragged batches, and says after every 1,000 steps how many KiB are resident, how
    /// many the heap holds that are in use, and after every 10,000 how many tensors and plans hold outside of it.
    static final class Training {
        private static final int LARGEST_BATCH = 8;

        private Training() {}

        public static void main(String[] args) throws IOException {
            var init = Init.seeded(1);
            Layer model =
                    Sequential.of(new Linear(16, 32, init), Activation.RELU, new Dropout(0.1), new Linear(32, 4, init));
            var optimizer = new Optimizer(AdamW.rate(1e-3), model.parameters());
            var random = new Random(1);
            for (int step = 1; step <= STEPS; step++) {
                int batch = 1 + random.nextInt(LARGEST_BATCH);
                float[] x = new float[batch * 16];
                int[] y = new int[batch];
                for (int i = 0; i < x.length; i++) {
                    x[i] = random.nextFloat();
                }
                for (int i = 0; i < batch; i++) {
                    y[i] = random.nextInt(4);
                }
                var pass = Pass.training(RandomKey.of(1).fold(step));
                Tensor logits = model.apply(Tensor.of(x, batch, 16), pass);
                optimizer.step(Loss.crossEntropy(logits, Tensor.of(y, batch)));
                if (step % EVERY == 0) {
                    System.gc();
                    var runtime = Runtime.getRuntime();
                    long used = (runtime.totalMemory() - runtime.freeMemory()) / 1024;
                    String own = step % (TENTHS * EVERY) == 0 ? " " + offHeap() : "";
                    System.out.println(resident() + " " + used + own);
                }
            }
        }

        // What foreign-memory arenas hold is "Other" to the JVM.
        private static String offHeap() throws IOException {
            Process jcmd =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                    String.valueOf(ProcessHandle.current().pid()),
                                    "VM.native_memory")
                            .start();
            return jcmd.inputReader()
                    .lines()
                    .filter(line -> line.contains("Other ("))
                    .map(line -> line.replaceAll(".*committed=(\\d+)KB.*", "$1"))
                    .findFirst()
                    .orElseThrow();
        }

        private static String resident() throws IOException {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> line.replaceAll("\\D", ""))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
