package adjoint.bench.sidebyside;

import adjoint.kernel.MachineKernels;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Who takes part, and how each is started.
enum Entrant {
    ADJOINT("Adjoint", "", "adjoint.bench.sidebyside.AdjointContender"),
    ADJOINT_VECTOR("Adjoint, vector kernels only", "", "adjoint.bench.sidebyside.AdjointContender"),
    LIBTORCH("libtorch (OpenBLAS)", "libtorch", "adjoint.bench.libtorch.LibtorchContender"),
    LIBTORCH_CHANNELS_LAST("the same, channels last", "libtorch", "adjoint.bench.libtorch.LibtorchContender"),
    DJL("DJL (libtorch, MKL)", "djl", "adjoint.bench.djl.DjlContender"),
    DL4J("Deeplearning4j", "dl4j", "adjoint.bench.dl4j.Dl4jContender");

    private final String title;
    private final String module;
    private final String main;

    Entrant(String title, String module, String main) {
        this.title = title;
        this.module = module;
        this.main = main;
    }

    /// Those who take part without being named.
    static List<Entrant> usual(boolean quick) {
        return Arrays.stream(values()).filter(e -> e != ADJOINT_VECTOR && (e != DL4J || !quick)).toList();
    }

    static Entrant of(String name) {
        return Arrays.stream(values())
                .filter(e -> e.option().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "nobody is called '"
                                        + name
                                        + "': there are "
                                        + String.join(", ", Arrays.stream(values()).map(Entrant::option).toList())));
    }

    /// Its name on the command line and in JSON: `libtorch-channels-last`.
    String option() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    String title() {
        return title;
    }

    boolean isAdjoint() {
        return this == ADJOINT || this == ADJOINT_VECTOR;
    }

    boolean isLibtorch() {
        return this == LIBTORCH || this == LIBTORCH_CHANNELS_LAST || this == DJL;
    }

    boolean enters(Workload workload) {
        return switch (this) {
            case LIBTORCH_CHANNELS_LAST -> workload.hasImages();
            // it has no attention that is trained in its networks of layers
            case DL4J -> workload != Workload.CHAR_GPT && workload != Workload.GPT_TOKEN;
            default -> true;
        };
    }

    /// Whether its losses can be compared. The steps of Deeplearning4j's convolutional networks take too long, and its
    /// momentum is another one.
    boolean compares(Workload workload) {
        return this != DL4J || workload != Workload.RESNET20;
    }

    /// The process to start.
    ///
    /// @param bench the directory of the bench module
    ProcessBuilder process(Path bench, int threads) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-Xmx2g", "-Xms24m", "-Xmn16m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
        switch (this) {
            case ADJOINT, ADJOINT_VECTOR ->
                    command.addAll(List.of("--add-modules=jdk.incubator.vector", "-Dadjoint.threads=" + threads));
            case DL4J ->
                    command.addAll(
                            List.of(
                                    "--sun-misc-unsafe-memory-access=allow",
                                    "-Dorg.bytedeco.javacpp.platform.extension=-onednn-avx2",
                                    "-Dorg.bytedeco.javacpp.maxbytes=12g",
                                    "-Dorg.bytedeco.javacpp.maxphysicalbytes=16g"));
            default -> command.add("--sun-misc-unsafe-memory-access=allow");
        }
        if (this == ADJOINT_VECTOR) {
            command.add("-D" + MachineKernels.PROPERTY + "=vector");
        }
        command.addAll(List.of("-cp", classPath(bench), main, Integer.toString(threads)));
        if (this == LIBTORCH_CHANNELS_LAST) {
            command.add("channels-last");
        }
        var process = new ProcessBuilder(command);
        process.environment().putAll(environment(threads));
        return process;
    }

    private String classPath(Path bench) {
        if (isAdjoint()) {
            return System.getProperty("java.class.path");
        }
        Path target = bench.resolve("peers").resolve(module).resolve("target");
        return target.resolve("classes") + File.pathSeparator + target.resolve("lib") + File.separator + "*";
    }

    private Map<String, String> environment(int threads) {
        Map<String, String> environment = new HashMap<>();
        for (String name : List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")) {
            environment.put(name, Integer.toString(threads));
        }
        // OpenBLAS has threads of its own: where libtorch's spin, two threads are many times slower than one.
        if (threads > 1 && module.equals("libtorch")) {
            environment.put("OMP_WAIT_POLICY", "PASSIVE");
        }
        return environment;
    }
}
