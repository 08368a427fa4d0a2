package adjoint.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.nn.Pass;
import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

class GeneratorTest {
    private static final float[] LOGITS = {1, 3, 2, -1, 0};

    /// The next letter depends on the last one alone.
    ///
    /// @param next by letter, the probability of each letter
    private record Chain(String letters, Map<Character, Map<Character, Double>> next) implements LanguageModel {
        @Override
        public int vocabulary() {
            return letters.length();
        }

        @Override
        public int context() {
            return Integer.MAX_VALUE;
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            throw new AssertionError("generation reads step by step");
        }

        @Override
        public Reading reading(Evaluator evaluator) {
            return new Reading() {
                @Override
                public Tensor read(Tensor ids) {
                    int rows = ids.dim(0);
                    int steps = ids.dim(1);
                    int[] all = ids.toInts();
                    float[] logits = new float[rows * letters.length()];
                    for (int r = 0; r < rows; r++) {
                        char last = letters.charAt(all[(r + 1) * steps - 1]);
                        for (int i = 0; i < letters.length(); i++) {
                            double p = next.get(last).getOrDefault(letters.charAt(i), 0.0);
                            logits[r * letters.length() + i] = (float) Math.log(Math.max(p, 1e-20));
                        }
                    }
                    return Tensor.of(logits, rows, letters.length());
                }

                @Override
                public void select(int... rows) {}
            };
        }
    }

    private static double[] shares(Sampler sampler, List<Integer> seen) {
        int[] counts = new int[LOGITS.length];
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            counts[sampler.choose(LOGITS, seen, i)]++;
        }
        return Arrays.stream(counts).mapToDouble(n -> (double) n / draws).toArray();
    }

    private static double[] softmax(double temperature, double... logits) {
        double[] p = Arrays.stream(logits).map(z -> Math.exp(z / temperature)).toArray();
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(z -> z / sum).toArray();
    }

    private static final double NEVER = Double.NEGATIVE_INFINITY;

    @Test
    void drawsByTheProbabilitiesThatAreAskedFor() {
        var plain = new Sampler(7);
        assertThat(shares(plain, List.of())).containsExactly(softmax(1, 1, 3, 2, -1, 0), within(0.01));
        assertThat(shares(plain.temperature(2), List.of())).containsExactly(softmax(2, 1, 3, 2, -1, 0), within(0.01));
        assertThat(shares(plain.topK(2), List.of()))
                .containsExactly(softmax(1, NEVER, 3, 2, NEVER, NEVER), within(0.01));
        // 0.64 and 0.23 are less than 0.9 together, so that the third is needed
        assertThat(shares(plain.topP(0.9), List.of())).containsExactly(softmax(1, 1, 3, 2, NEVER, NEVER), within(0.01));
        assertThat(shares(plain.topP(0.1), List.of())).containsExactly(0, 1, 0, 0, 0);
        assertThat(shares(plain.topK(1), List.of())).containsExactly(0, 1, 0, 0, 0);
        assertThat(shares(Sampler.greedy(), List.of())).containsExactly(0, 1, 0, 0, 0);
        assertThat(shares(plain.repetitionPenalty(2), List.of(1, 3)))
                .containsExactly(softmax(1, 1, 1.5, 2, -2, 0), within(0.01));
        assertThat(Sampler.greedy().repetitionPenalty(2).choose(LOGITS, List.of(1), 0)).isEqualTo(2);
    }

    @Test
    void theLikeliestAreKeptTheLowerOfTwoAlike() {
        float[] logits = {-1, 0.5f, -0f, 0, 0.25f, Float.NEGATIVE_INFINITY, 0.25f, -2};
        int[] order = {1, 4, 6, 2, 3, 0, 7, 5};
        for (int k = 1; k <= 7; k++) {
            var sampler = new Sampler(1).topK(k).temperature(100);
            Set<Integer> drawn = new TreeSet<>();
            IntStream.range(0, 500).forEach(i -> drawn.add(sampler.choose(logits, List.of(), i)));
            assertThat(drawn)
                    .as("top " + k)
                    .containsExactlyInAnyOrder(IntStream.of(order).limit(k).boxed().toArray(Integer[]::new));
        }
    }

    @Test
    void theSameSeedDrawsTheSame() {
        List<Integer> one = new ArrayList<>();
        List<Integer> two = new ArrayList<>();
        List<Integer> other = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            one.add(new Sampler(1).choose(LOGITS, List.of(), i));
            two.add(new Sampler(1).choose(LOGITS, List.of(), i));
            other.add(new Sampler(2).choose(LOGITS, List.of(), i));
        }
        assertThat(one).isEqualTo(two).isNotEqualTo(other);
    }

    @Test
    void refusesNumbersWithoutSense() {
        var plain = new Sampler(1);
        assertThatThrownBy(() -> plain.temperature(-1)).hasMessageContaining("temperature of 0 or more, got -1");
        assertThatThrownBy(() -> plain.temperature(Double.NaN)).isInstanceOf(AdjointException.class);
        assertThatThrownBy(() -> plain.topP(0)).hasMessageContaining("top p above 0");
        assertThatThrownBy(() -> plain.topK(-1)).hasMessageContaining("top k");
        assertThatThrownBy(() -> plain.repetitionPenalty(0)).hasMessageContaining("repetition penalty");
    }

    // Greedy takes b after a; but a c is followed by d for sure, so that the pair is more likely.
    private static final Chain CHAIN =
            new Chain(
                    "abcd.",
                    Map.of(
                            'a', Map.of('b', 0.6, 'c', 0.4),
                            'b', Map.of('a', 0.5, '.', 0.3, 'b', 0.2),
                            'c', Map.of('d', 1.0),
                            'd', Map.of('.', 1.0),
                            '.', Map.of('a', 1.0)));
    private static final CharacterTokenizer LETTERS = CharacterTokenizer.ordered("abcd.");

    @Test
    void aBeamFindsWhatGreedyMisses() {
        var generator = Generator.of(CHAIN, LETTERS).sampler(Sampler.greedy()).most(3);
        assertThat(generator.write("a")).isEqualTo("bab");
        List<Generator.Found> found = generator.search("a", 3);
        assertThat(found.getFirst().text()).isEqualTo("cd.");
        assertThat(found.getFirst().logProbability()).isCloseTo(Math.log(0.4), within(1e-5));
        assertThat(found)
                .hasSize(3)
                .isSortedAccordingTo((a, b) -> Double.compare(b.logProbability(), a.logProbability()));
        assertThat(generator.search("a", 1).getFirst().text()).isEqualTo("bab");
        // of the texts that end at the point, cd has the probability 0.4, and b 0.18
        List<Generator.Found> ended = generator.most(9).end(4).search("a", 4);
        assertThat(ended.getFirst().text()).isEqualTo("cd");
        assertThat(ended.getFirst().logProbability()).isCloseTo(Math.log(0.4), within(1e-5));
        assertThat(ended.get(1).text()).isEqualTo("b");
        assertThat(ended.get(1).logProbability()).isCloseTo(Math.log(0.6 * 0.3), within(1e-5));
        Generator.Found stopped = generator.most(9).stop("d.").search("a", 2).getFirst();
        assertThat(stopped.text()).isEqualTo("c");
        assertThat(stopped.tokens()).isEqualTo(3); // c, d and the point
    }

    // As Tokens.packed has it: the end is behind the tokenizer's tokens.
    @Test
    void endsAtATokenThatOnlyTheModelKnows() {
        var generator = Generator.of(CHAIN, CharacterTokenizer.ordered("abcd")).most(9).end(4);
        assertThat(generator.sampler(Sampler.greedy()).write("c")).isEqualTo("d");
        List<Generator.Found> ended = generator.search("a", 4);
        assertThat(ended.getFirst().text()).isEqualTo("cd");
        assertThat(ended.getFirst().logProbability()).isCloseTo(Math.log(0.4), within(1e-5));
        assertThatThrownBy(() -> generator.end(5)).hasMessageContaining("the model knows 0 to 4");
    }

    @Test
    void brokenLogitsAreToldAndNotDrawnFrom() {
        float[] broken = {1, Float.NaN, 2};
        assertThatThrownBy(() -> new Sampler(1).choose(broken, List.of(), 0))
                .hasMessageContaining("the logit of token 1 is NaN");
        assertThatThrownBy(() -> Sampler.greedy().choose(broken, List.of(), 0)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> Sampler.logProbabilities(broken)).hasMessageContaining("NaN");
    }

    @Test
    void endsWhereItIsTold() {
        var sure = new Chain("xyz", Map.of('x', Map.of('y', 1.0), 'y', Map.of('z', 1.0), 'z', Map.of('x', 1.0)));
        var generator = Generator.of(sure, CharacterTokenizer.ordered("xyz")).most(10);
        assertThat(generator.write("x")).isEqualTo("yzxyzxyzxy");
        assertThat(generator.stop("zxyzx").write("x")).isEqualTo("y");
        assertThat(generator.stop("q", "zxz", "xyx").write("x")).isEqualTo("yzxyzxyzxy");
        assertThat(generator.end(2).write("x")).isEqualTo("y");
        List<String> pieces = new ArrayList<>();
        assertThat(generator.stop("zxq").write("x", pieces::add)).isEqualTo(10);
        assertThat(pieces).containsExactly("y", "zxy", "zxy", "zxy"); // held back while it may become zxq
        assertThatThrownBy(() -> generator.write(""))
                .isInstanceOf(TokenException.class)
                .hasMessageContaining("got none");
        assertThatThrownBy(() -> generator.write("w")).isInstanceOf(TokenException.class);
        assertThatThrownBy(() -> generator.most(0)).hasMessageContaining("1 token or more");
        assertThatThrownBy(() -> Generator.of(sure, LETTERS)).hasMessageContaining("does not belong to the model");
    }

    @Test
    void charactersAreToldWhole() {
        List<String> pieces = new ArrayList<>();
        var stream = new TextStream(List.of("§"), pieces::add);
        for (byte b : "a€😀".getBytes(StandardCharsets.UTF_8)) {
            stream.add(new byte[] {b});
        }
        assertThat(pieces).containsExactly("a", "€", "😀");
        stream.add(new byte[] {(byte) 0xE2, (byte) 0x82}); // never finished
        stream.finish();
        assertThat(pieces).endsWith("\uFFFD");
        var stopped = new TextStream(List.of("€"), pieces::add);
        stopped.add("x€y".getBytes(StandardCharsets.UTF_8));
        assertThat(stopped.stopped()).isTrue();
        assertThat(pieces).endsWith("x");
    }
}
