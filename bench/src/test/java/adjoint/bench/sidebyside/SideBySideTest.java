package adjoint.bench.sidebyside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

class SideBySideTest {
    @TempDir Path folder;

    private List<Weight> weights(Workload workload) throws IOException {
        Path file = folder.resolve(workload.title());
        Weights.write(workload, file);
        return Weights.read(workload, file);
    }

    @ParameterizedTest
    @CsvSource({
        "mlp-small, 101770",
        "mlp-large, 1863690",
        "lenet, 1663370",
        "resnet20, 272474",
        "char-gpt, 813568",
        "dqn, 10934",
        "dqn-act, 10934",
        "lstm, 100106",
        "deep-narrow, 53130",
        "odd-conv, 26516",
        "gpt-token, 813568"
    })
    void theNetworksHaveAsManyParametersAsTheReadmeSays(String title, int count) throws IOException {
        assertThat(weights(Workload.of(title)).stream().mapToInt(w -> w.values().length).sum()).isEqualTo(count);
    }

    @Test
    void whatAJvmHasCompiledIsReadFromItsThreads() throws IOException {
        String numbers = " S 1 1 1 0 -1 4194368 900 0 0 0 %d %d 0 0 20 0 9 0 55 99 7";
        Map.of("1", "(java)", "2", "(C2 CompilerThre)", "3", "(C1 CompilerThre)", "4", "(my (C2) thread)")
                .forEach((id, name) -> {
                    try {
                        Path thread = Files.createDirectories(folder.resolve("task").resolve(id));
                        int ticks = 100 * Integer.parseInt(id);
                        Files.writeString(
                                thread.resolve("stat"), id + " " + name + String.format(numbers, ticks, ticks / 2));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        Files.createDirectories(folder.resolve("task/5")); // it has just ended
        assertThat(JustInTime.seconds(folder)).isEqualTo(2 + 1 + 3 + 1.5);
        assertThat(JustInTime.seconds(folder.resolve("none"))).isZero();
        Path self = Path.of("/proc/self");
        if (Files.isDirectory(self.resolve("task"))) {
            assertThat(JustInTime.seconds(self)).isBetween(1e-9, 1e4);
        }
    }

    @Test
    void aFileOfAnotherNetworkIsRefused() throws IOException {
        Path file = folder.resolve("weights");
        Weights.write(Workload.MLP_SMALL, file);
        assertThatThrownBy(() -> Weights.read(Workload.DQN, file)).isInstanceOf(IOException.class);
        Files.write(file, new byte[8]);
        assertThatThrownBy(() -> Weights.read(Workload.DQN, file)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Workload.class,
            names = {"LENET", "RESNET20", "GPT_TOKEN"},
            mode = EnumSource.Mode.EXCLUDE)
    void adjointTrainsOnIt(Workload workload) throws IOException {
        var training = AdjointContender.of().prepare(workload, weights(workload));
        double first = training.observedStep(0);
        for (int i = 0; i < 3; i++) {
            training.step(0);
        }
        double last = training.observedStep(0);
        if (workload == Workload.DQN_ACT) {
            assertThat(last).isEqualTo(first);
        } else {
            assertThat(last).isBetween(0.0, Math.nextDown(first));
        }
    }

    @Test
    void aNewTextBeginsWhenTheContextIsFull() throws IOException {
        List<Weight> weights = weights(Workload.GPT_TOKEN);
        var writing = AdjointContender.of().prepare(Workload.GPT_TOKEN, weights);
        List<Double> seen = IntStream.range(0, 70).mapToObj(writing::observedStep).toList();
        assertThat(seen).doesNotHaveDuplicates().allMatch(logit -> logit > 0);
        assertThat(AdjointContender.of().prepare(Workload.GPT_TOKEN, weights).observedStep(64)).isEqualTo(seen.get(64));
    }

    @Test
    void operationsAreThoseOfTheProducts() {
        // 2 · 32 (784 · 128 + 128 · 10) forward and for the weights, 2 · 32 · 128 · 10 for the hidden layer
        assertThat(Workload.MLP_SMALL.operations()).isEqualTo(2 * 64 * (784 * 128 + 1280) + 64 * 1280);
        // 40.55 million multiply-adds an image (He et al. 2016) and the two projections
        double forward = 2 * 128 * (40.55e6 + 2 * 16 * 16 * 16 * 32);
        assertThat(Workload.RESNET20.operations())
                .isCloseTo(3 * forward - 128 * 2 * 1024 * 432, within(0.01 * forward));
    }

    @Test
    void whatIsNotUsualRunsOnlyWhenAskedFor() {
        var usual = Options.parse(new String[] {"--quick"}).workloads();
        assertThat(usual)
                .hasSize(7)
                .doesNotContain(Workload.LSTM, Workload.DEEP_NARROW, Workload.ODD_CONV, Workload.GPT_TOKEN);
        assertThat(Options.parse(new String[] {"--workloads", "odd-conv,lstm"}).workloads())
                .containsExactly(Workload.ODD_CONV, Workload.LSTM);
        assertThat(Options.parse(new String[0]).entrants())
                .contains(Entrant.DL4J)
                .doesNotContain(Entrant.ADJOINT_VECTOR);
        assertThat(Options.parse(new String[] {"--contenders", "adjoint-vector"}).entrants())
                .containsExactly(Entrant.ADJOINT_VECTOR);
        assertThat(Options.USAGE)
                .contains("only when named: adjoint-vector\n")
                .contains("only when named: lstm, deep-narrow, odd-conv, gpt-token\n");
    }

    @Test
    void lossesAgreeOnlyWithinRounding() {
        List<Double> reference = List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0);
        assertThat(Agreement.of(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.003), reference).holds()).isTrue();
        assertThat(Agreement.of(List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.01), reference).holds()).isFalse();
        assertThat(Agreement.of(List.of(1.0, 2.0, 3.0, 4.0, 5.003, 6.0), reference).holds()).isFalse();
        assertThat(Agreement.of(List.of(1.0, Double.NaN, 3.0, 4.0, 5.0, 6.0), reference).holds()).isFalse();
    }

    @Test
    void theRatioComparesTimesOfTheSameRound() {
        var ours = entry(Entrant.ADJOINT, 1.0, 10.0, 1.0, 10.0);
        var theirs = entry(Entrant.LIBTORCH, 2.0, 20.0, 2.0, 20.0);
        var slower = entry(Entrant.DJL, 30.0, 30.0, 30.0);
        var heat = new Heat.Result(Workload.DQN, 1, List.of(ours, theirs, slower));
        assertThat(heat.fastestLibtorch()).contains(theirs);
        assertThat(heat.ratio()).contains(0.5);
        assertThat(new Heat.Result(Workload.DQN, 1, List.of(ours)).ratio()).isEmpty();
    }

    @Test
    void vectorKernelsAreAMultipleOfNativeOnes() {
        var ours = entry(Entrant.ADJOINT, 1.0, 10.0, 1.0);
        var vector = entry(Entrant.ADJOINT_VECTOR, 3.0, 30.0, 2.0);
        var heat = new Heat.Result(Workload.DQN, 1, List.of(ours, vector));
        assertThat(heat.vectorRatio()).contains(3.0);
        assertThat(heat.ratio()).isEmpty();
        var outcome = new Outcome("today", "a processor", "25", Map.of(), Map.of(), List.of(heat), List.of());
        assertThat(Report.of(outcome, List.of(Entrant.ADJOINT, Entrant.ADJOINT_VECTOR))).contains("| dqn | 1 | 3.00 |");
        var alone = new Outcome("today", "a processor", "25", Map.of(), Map.of(), List.of(), List.of());
        assertThat(Report.of(alone, List.of(Entrant.ADJOINT))).doesNotContain("Vector kernels only");
    }

    @Test
    void adjointAsItComesIsComparedWithTheFastestLibtorchOfAnyNumberOfThreads() {
        var one = new Heat.Result(Workload.DQN, 1, List.of(entry(Entrant.ADJOINT, 2.0), entry(Entrant.LIBTORCH, 4.0)));
        var two = new Heat.Result(Workload.DQN, 2, List.of(entry(Entrant.ADJOINT, 1.0), entry(Entrant.LIBTORCH, 8.0)));
        var outcome = new Outcome("today", "a processor", "25", Map.of(), Map.of(), List.of(one, two), List.of());
        assertThat(Report.of(outcome, List.of(Entrant.ADJOINT, Entrant.LIBTORCH)))
                .contains("Adjoint with 2 threads against")
                .contains("| dqn | 1.00 | 4.00, " + Entrant.LIBTORCH.title() + " | 1 | 0.25 |");
        var alone = new Outcome("today", "a processor", "25", Map.of(), Map.of(), List.of(two), List.of());
        assertThat(Report.of(alone, List.of(Entrant.ADJOINT))).doesNotContain("any number of threads");
    }

    @Test
    void aWholeTrainingIsComparedWithTheFastestLibtorch() {
        var seconds = Map.of(Entrant.ADJOINT, 20.0, Entrant.LIBTORCH, 80.0, Entrant.DJL, 40.0, Entrant.DL4J, 10.0);
        var race = new Race.Result(Workload.CHAR_GPT, 2, 2000, seconds);
        assertThat(race.ratio()).contains(0.5);
        assertThat(new Race.Result(Workload.CHAR_GPT, 2, 2000, Map.of(Entrant.ADJOINT, 20.0)).ratio()).isEmpty();
        var outcome = new Outcome("today", "a processor", "25", Map.of(), Map.of(), List.of(), List.of(race));
        assertThat(Report.of(outcome, List.of(Entrant.ADJOINT, Entrant.LIBTORCH, Entrant.DJL)))
                .contains("| char-gpt | 2 | 20.0 | 80.0 | 40.0 | 2000 | 0.50 |")
                .doesNotContain("Milliseconds");
        assertThat(Options.parse(new String[] {"--race", "2000"}).race()).isEqualTo(2000);
        assertThatThrownBy(() -> Options.parse(new String[] {"--race", "0"})).hasMessageContaining("--race");
    }

    private static Heat.Entry entry(Entrant entrant, Double... blocks) {
        return new Heat.Entry(entrant, Optional.empty(), List.of(), List.of(blocks), 100);
    }

    @Test
    void mistakesOnTheCommandLineAreNamed() {
        assertThatThrownBy(() -> Options.parse(new String[] {"--workloads", "mlp-smal"}))
                .hasMessageContaining("'mlp-smal'")
                .hasMessageContaining("mlp-small");
        assertThatThrownBy(() -> Options.parse(new String[] {"--threads", "0"})).hasMessageContaining("got 0");
        assertThatThrownBy(() -> Options.parse(new String[] {"--threads"})).hasMessageContaining("needs a value");
        assertThatThrownBy(() -> Options.parse(new String[] {"--fast"})).hasMessageContaining("'--fast'");
    }
}
