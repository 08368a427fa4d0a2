package adjoint.bench.sidebyside;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringJoiner;

/// The side of a contender: answers requests that come as lines, one line each, until told to quit. Between requests it
/// sleeps, so that another contender can have the machine.
///
/// | request | answer |
/// |---|---|
/// | `prepare <workload> <file of weights>` | `ok` |
/// | `observe <steps>` | the loss of each step |
/// | `fill` | `ok`, when all batches are in memory |
/// | `warm <seconds>` | milliseconds a step, after so much work |
/// | `block <untimed> <steps>` | milliseconds a step, of the steps behind the untimed ones |
/// | `memory` | the process's peak resident memory in MB, -1 where the system does not say |
/// | `quit` | none |
///
/// Answers begin with `@ `, what went wrong with `@ error `; native libraries may print what they like between them.
public final class Server {
    /// What an answer begins with.
    static final String ANSWER = "@ ";

    /// What the answer to a request begins with that failed.
    static final String ERROR = "error ";

    private static final int FEWEST_WARM = 3;
    private static final double SLOW_SECONDS = 3;

    private final Contender contender;
    private Contender.Training training;
    private int steps;

    private Server(Contender contender) {
        this.contender = contender;
    }

    /// Serves on standard input and output, and ends the process.
    public static void run(Contender contender) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err); // what libraries print goes to the log
        var server = new Server(contender);
        var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null && !line.equals("quit"); line = requests.readLine()) {
            answers.println(ANSWER + server.guarded(line.split(" ")));
            answers.flush();
        }
        Runtime.getRuntime().halt(0); // native threads may outlive main
    }

    private String guarded(String[] words) {
        try {
            return answer(words);
        } catch (Exception | LinkageError e) {
            e.printStackTrace();
            return ERROR
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
                    + " ("
                    + e.getClass().getName()
                    + ")";
        }
    }

    private String answer(String[] words) throws IOException {
        switch (words[0]) {
            case "prepare" -> {
                Workload workload = Workload.of(words[1]);
                training = contender.prepare(workload, Weights.read(workload, Path.of(words[2])));
                System.gc(); // what was read from the file is no memory of the training's
                return "ok";
            }
            case "observe" -> {
                return observe(Integer.parseInt(words[1]));
            }
            case "fill" -> {
                training.fill();
                return "ok";
            }
            case "warm" -> {
                return Double.toString(warm(Double.parseDouble(words[1])));
            }
            case "block" -> {
                return Double.toString(block(Integer.parseInt(words[1]), Integer.parseInt(words[2])));
            }
            case "memory" -> {
                return Long.toString(peakMegabytes());
            }
            default -> throw new IllegalArgumentException("unknown request '" + words[0] + "'");
        }
    }

    private String observe(int n) {
        var losses = new StringJoiner(" ");
        for (int i = 0; i < n; i++) {
            losses.add(Double.toString(training.observedStep(steps++)));
        }
        return losses.toString();
    }

    private double warm(double seconds) {
        long start = System.nanoTime();
        double last = 0;
        for (int n = 0; n < FEWEST_WARM || elapsed(start) < seconds; n++) {
            long before = System.nanoTime();
            training.step(steps++);
            last = elapsed(before);
            if (n > 0 && last > SLOW_SECONDS) { // the first step compiles and plans
                return last * 1e3;
            }
        }
        int few = (int) Math.clamp(0.05 / last, 1, 1000);
        return block(0, few);
    }

    private double block(int untimed, int n) {
        for (int i = 0; i < untimed; i++) {
            training.step(steps++);
        }
        long start = System.nanoTime();
        for (int i = 0; i < n; i++) {
            training.step(steps++);
        }
        return elapsed(start) * 1e3 / n;
    }

    private static double elapsed(long since) {
        return (System.nanoTime() - since) * 1e-9;
    }

    private static long peakMegabytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return -1;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(-1);
    }
}
