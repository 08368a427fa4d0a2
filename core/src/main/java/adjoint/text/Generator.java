package adjoint.text;

import adjoint.tensor.AdjointException;
import adjoint.tensor.Evaluator;
import adjoint.tensor.Tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/// Writes text with a language model, token by token.
///
/// ```java
/// var generator = Generator.of(gpt, tokenizer).most(300).sampler(new Sampler(1).temperature(0.8).topK(40));
/// generator.write("ROMEO:", IO::print);           // as it comes
/// String verse = generator.write("ROMEO:");       // all at once
/// ```
/// Immutable: each method gives a generator with one thing changed. The same seed gives the same text.
public final class Generator {
    private static final int MOST = 200;

    private final LanguageModel model;
    private final Tokenizer tokenizer;
    private final BitSet writable; // a vocabulary may have holes
    private Sampler sampler = new Sampler(0);
    private int most = MOST;
    private List<String> stops = List.of();
    private OptionalInt end = OptionalInt.empty();
    private Evaluator evaluator = Evaluator.standard();

    private Generator(LanguageModel model, Tokenizer tokenizer, BitSet writable) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.writable = writable;
    }

    /// With the network's own probabilities, and 200 tokens at most.
    ///
    /// @throws AdjointException if the model knows fewer tokens than the tokenizer
    public static Generator of(LanguageModel model, Tokenizer tokenizer) {
        if (model.vocabulary() < tokenizer.size()) {
            throw new AdjointException(
                    "the tokenizer does not belong to the model: it has "
                            + tokenizer.size()
                            + " tokens, the model knows "
                            + model.vocabulary()
                            + "; use the one that was saved with the model");
        }
        var writable = new BitSet();
        for (int id = 0; id < tokenizer.size(); id++) {
            writable.set(id, tokenizer.has(id));
        }
        return new Generator(model, tokenizer, writable);
    }

    private Generator with(Consumer<Generator> change) {
        var copy = new Generator(model, tokenizer, writable);
        copy.sampler = sampler;
        copy.most = most;
        copy.stops = stops;
        copy.end = end;
        copy.evaluator = evaluator;
        change.accept(copy);
        return copy;
    }

    /// Chooses by another way.
    public Generator sampler(Sampler way) {
        return with(g -> g.sampler = way);
    }

    /// Ends after so many tokens.
    ///
    /// @throws AdjointException if there are none
    public Generator most(int tokens) {
        if (tokens < 1) {
            throw new AdjointException("generating needs 1 token or more, got " + tokens);
        }
        return with(g -> g.most = tokens);
    }

    /// Ends before one of these texts would be written.
    public Generator stop(String... texts) {
        if (Arrays.stream(texts).anyMatch(String::isEmpty)) {
            throw new AdjointException("a text to stop at needs a character or more, got none");
        }
        return with(g -> g.stops = List.of(texts));
    }

    /// Ends at this token, which is not written: one of the tokenizer's, or one that the model knows besides, as [Tokens#packed]
    /// may have it.
    ///
    /// @throws AdjointException if the model does not know it
    public Generator end(int token) {
        if (token < 0 || token >= model.vocabulary()) {
            throw new AdjointException(
                    "a text cannot end at token " + token + ": the model knows 0 to " + (model.vocabulary() - 1));
        }
        return with(g -> g.end = OptionalInt.of(token));
    }

    /// Computed by this one instead of the standard one.
    public Generator evaluator(Evaluator other) {
        return with(g -> g.evaluator = other);
    }

    /// What follows the prompt.
    public String write(String prompt) {
        var text = new StringBuilder();
        write(prompt, text::append);
        return text.toString();
    }

    /// Tells what follows the prompt piece by piece: whole characters, as soon as no stop can begin with them.
    ///
    /// @return how many tokens were made
    /// @throws TokenException if the prompt is empty or holds something that has no token
    public int write(String prompt, Consumer<String> listener) {
        int[] ids = start(prompt);
        var reading = model.reading(evaluator);
        Set<Integer> seen = new LinkedHashSet<>();
        Arrays.stream(ids).forEach(seen::add);
        var text = new TextStream(stops, listener);
        int made = 0;
        Tensor logits = reading.read(Tensor.of(ids, 1, ids.length));
        while (true) {
            int next = sampler.choose(known(logits.toFloats(), 0, logits.dim(1)), seen, made);
            if (end.isPresent() && next == end.getAsInt()) {
                break;
            }
            made++;
            text.add(tokenizer.bytes(next));
            if (text.stopped() || made == most) {
                break;
            }
            seen.add(next);
            logits = reading.read(Tensor.of(new int[] {next}, 1, 1));
        }
        text.finish();
        return made;
    }

    private int[] start(String prompt) {
        int[] ids = tokenizer.encode(prompt);
        if (ids.length == 0) {
            throw new TokenException("a text to go on from needs a character or more, got none: try \"\\n\"");
        }
        return ids;
    }

    // The logits of what may come: a model may have room for more than the tokenizer's tokens.
    private float[] known(float[] all, int row, int width) {
        float[] some = new float[Math.max(tokenizer.size(), end.orElse(0) + 1)];
        for (int id = 0; id < some.length; id++) {
            boolean may = writable.get(id) || end.isPresent() && end.getAsInt() == id;
            some[id] = may ? all[row * width + id] : Float.NEGATIVE_INFINITY;
        }
        return some;
    }

    /// A text that a search holds.
    ///
    /// @param text behind the prompt
    /// @param tokens how many were made, those of a text to stop at among them
    /// @param logProbability of its tokens, added up
    public record Found(String text, int tokens, double logProbability) {}

    // What a beam holds: its tokens, and whether it has come to an end.
    private record Beam(List<Integer> ids, double score, boolean ended) {
        Beam with(int id, double logProbability) {
            List<Integer> more = new ArrayList<>(ids);
            more.add(id);
            return new Beam(more, score + logProbability, false);
        }

        Beam end(double logProbability) {
            return new Beam(ids, score + logProbability, true);
        }
    }

    /// The most likely texts behind a prompt that a beam search finds, the best first. It ends as [#write] does, and knows no
    /// sampler.
    ///
    /// @param width how many texts are kept at each step
    /// @throws AdjointException if the width is less than 1
    public List<Found> search(String prompt, int width) {
        if (width < 1) {
            throw new AdjointException("a beam search needs a width of 1 or more, got " + width);
        }
        int[] ids = start(prompt);
        var reading = model.reading(evaluator);
        Tensor logits = reading.read(Tensor.of(ids, 1, ids.length));
        List<Beam> beams = List.of(new Beam(List.of(), 0, false));
        for (int made = 0; made < most; made++) {
            record Step(int row, Beam beam) {}
            List<Step> steps = new ArrayList<>();
            float[] all = logits.toFloats();
            int row = 0;
            for (Beam beam : beams) {
                if (beam.ended) {
                    steps.add(new Step(-1, beam));
                    continue;
                }
                double[] p = Sampler.logProbabilities(known(all, row, logits.dim(1)));
                int at = row++;
                IntStream.range(0, p.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -p[i]))
                        .limit(width)
                        .forEach(i ->
                                steps.add(
                                        new Step(
                                                at,
                                                end.isPresent() && i == end.getAsInt()
                                                        ? beam.end(p[i])
                                                        : stopped(beam.with(i, p[i])))));
            }
            steps.sort(Comparator.comparingDouble(s -> -s.beam.score));
            List<Step> kept = steps.subList(0, Math.min(width, steps.size()));
            beams = kept.stream().map(Step::beam).toList();
            List<Step> open = kept.stream().filter(s -> !s.beam.ended).toList();
            if (open.isEmpty() || made == most - 1) {
                break;
            }
            reading.select(open.stream().mapToInt(Step::row).toArray());
            int[] next = open.stream().mapToInt(s -> s.beam.ids.getLast()).toArray();
            logits = reading.read(Tensor.of(next, next.length, 1));
        }
        return beams.stream().map(b -> new Found(text(b), b.ids.size(), b.score)).toList();
    }

    private Beam stopped(Beam beam) {
        String text = decoded(beam);
        return stops.stream().anyMatch(text::contains) ? new Beam(beam.ids, beam.score, true) : beam;
    }

    private String text(Beam beam) {
        var text = new StringBuilder();
        var stream = new TextStream(stops, text::append);
        beam.ids.forEach(id -> stream.add(tokenizer.bytes(id)));
        stream.finish();
        return text.toString();
    }

    private String decoded(Beam beam) {
        return tokenizer.decode(beam.ids.stream().mapToInt(Integer::intValue).toArray());
    }
}
