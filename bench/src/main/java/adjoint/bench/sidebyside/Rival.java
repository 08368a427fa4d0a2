package adjoint.bench.sidebyside;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A contender's process, seen from the runner: asked one thing after the other. Between answer and next request it is
/// stopped (`SIGSTOP`): many libraries' threads spin on for a while, and would take the next contender's processors.
final class Rival implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 300;
    private static final String GONE = "gone";

    private final Entrant entrant;
    private final Path log;
    private final long start;
    private final Process process;
    private final PrintStream requests;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    /// Says that a contender cannot do what it was asked.
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        Refusal(String message) {
            super(message);
        }
    }

    Rival(Entrant entrant, Path bench, int threads, Path logs) throws IOException {
        this.entrant = entrant;
        this.log = Files.createTempFile(logs, entrant.option() + "-", ".log");
        var builder = entrant.process(bench, threads).redirectError(log.toFile());
        this.start = System.nanoTime();
        this.process = builder.start();
        this.requests = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
        Thread.ofPlatform().daemon().start(this::listen);
    }

    Entrant entrant() {
        return entrant;
    }

    /// Since the process was started.
    double seconds() {
        return (System.nanoTime() - start) * 1e-9;
    }

    /// For how long its JVM has compiled.
    double compilerSeconds() throws IOException {
        return JustInTime.seconds(Path.of("/proc", Long.toString(process.pid())));
    }

    /// Sends a request and waits for its answer; the words go to [Server].
    String ask(Object... words) throws IOException, Refusal {
        signal("CONT");
        requests.println(String.join(" ", List.of(words).stream().map(Object::toString).toList()));
        String answer;
        try {
            answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IOException("interrupted while " + entrant.title() + " worked", e);
        }
        if (answer == null || answer.equals(GONE)) {
            String what = answer == null ? " gave no answer for " + PATIENCE_SECONDS + " s" : " ended";
            throw new Refusal(entrant.title() + what + " at '" + words[0] + "': see " + log);
        }
        signal("STOP");
        if (answer.startsWith(Server.ERROR)) {
            throw new Refusal(answer.substring(Server.ERROR.length()));
        }
        return answer;
    }

    double number(Object... words) throws IOException, Refusal {
        return Double.parseDouble(ask(words));
    }

    private void signal(String name) throws IOException {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        } catch (InterruptedException e) {
            throw new IOException("interrupted while " + entrant.title() + " was to be sent SIG" + name, e);
        }
    }

    private void listen() {
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(Server.ANSWER)) {
                    answers.add(line.substring(Server.ANSWER.length()));
                }
            }
        } catch (IOException e) {
            // the process ended, which is said below
        }
        answers.add(GONE);
    }

    @Override
    public void close() {
        try {
            signal("CONT");
        } catch (IOException e) {
            process.destroyForcibly(); // it may be stopped, and would not hear
        }
        requests.println("quit");
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
