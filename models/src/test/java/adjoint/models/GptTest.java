package adjoint.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import adjoint.io.SafeTensors;
import adjoint.nn.Init;
import adjoint.nn.Loss;
import adjoint.nn.Pass;
import adjoint.optim.AdamW;
import adjoint.optim.Optimizer;
import adjoint.tensor.Evaluator;
import adjoint.tensor.RandomKey;
import adjoint.tensor.Tensor;
import adjoint.text.CharacterTokenizer;
import adjoint.text.Generator;
import adjoint.text.LanguageModel;
import adjoint.text.Sampler;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

class GptTest {
    private static final Gpt.Form SMALL = new Gpt.Form(11, 16).layers(2).heads(2).width(8);

    private static Tensor ids(int... values) {
        return Tensor.of(values, 1, values.length);
    }

    // nanoGPT counts 0.80 million of its CPU configuration without the positions: 65 · 128 + 4 · 12 · 128² + 9 · 128.
    @Test
    void hasAsManyParametersAsNanoGpt() {
        var gpt = new Gpt(new Gpt.Form(65, 64), Init.seeded(1));
        assertThat(gpt.parameterCount() - 64 * 128).isEqualTo(65 * 128 + 4 * 12 * 128 * 128 + 9 * 2 * 128);
        long gpt2 = 50257L * 768 + 1024 * 768 + 12 * (12L * 768 * 768 + 13 * 768) + 2 * 768;
        var form = new Gpt.Form(503, 8).layers(12).heads(12).width(768).biases(true); // of GPT-2, but for two tables
        assertThat(new Gpt(form, Init.seeded(1).with(Init.zeros())).parameterCount())
                .isEqualTo(gpt2 - (50257L - 503) * 768 - (1024 - 8) * 768);
    }

    @Test
    void startsAsLikelyForAllAndSeesNothingAhead() {
        var gpt = new Gpt(SMALL, Init.seeded(1));
        Tensor a = gpt.apply(ids(1, 2, 3, 4, 5), Pass.inference());
        Tensor b = gpt.apply(ids(1, 2, 3, 9, 9), Pass.inference());
        assertThat(a.shape().dims()).containsExactly(1, 5, 11);
        assertThat(a.slice(1, 0, 3).toFloats()).containsExactly(b.slice(1, 0, 3).toFloats());
        assertThat(a.slice(1, 3, 5).toFloats()).isNotEqualTo(b.slice(1, 3, 5).toFloats());
        Tensor loss = Loss.crossEntropy(a, ids(2, 3, 4, 5, 6));
        assertThat(loss.item()).isCloseTo(Math.log(11), within(0.05));
    }

    private static Gpt trained(String text, CharacterTokenizer tokenizer) {
        var gpt = new Gpt(new Gpt.Form(tokenizer.size(), 16).layers(2).heads(2).width(32), Init.seeded(3));
        int[] all = tokenizer.encode(text);
        int windows = all.length - 17;
        var optimizer = new Optimizer(AdamW.rate(3e-3), gpt.parameters());
        int[] x = new int[windows * 16];
        int[] y = new int[windows * 16];
        for (int w = 0; w < windows; w++) {
            System.arraycopy(all, w, x, w * 16, 16);
            System.arraycopy(all, w + 1, y, w * 16, 16);
        }
        for (int step = 0; step < 150; step++) {
            Tensor logits = gpt.apply(Tensor.of(x, windows, 16), Pass.training(RandomKey.of(step)));
            optimizer.step(Loss.crossEntropy(logits, Tensor.of(y, windows, 16)));
        }
        return gpt;
    }

    // Longer than the context, so that the older half is forgotten on the way.
    @Test
    void learnsATextAndWritesIt() {
        String text = "the quick brown fox jumps over the lazy dog. the quick brown fox jumps over";
        var tokenizer = CharacterTokenizer.of(text);
        var gpt = trained(text, tokenizer);
        var generator = Generator.of(gpt, tokenizer).sampler(Sampler.greedy()).most(45);
        assertThat(generator.write("the quick")).isEqualTo(" brown fox jumps over the lazy dog. the quick");
        assertThat(generator.stop("lazy").write("the quick")).isEqualTo(" brown fox jumps over the ");
        assertThat(generator.most(6).search("the quick", 3).getFirst().text()).isEqualTo(" brown");
    }

    // A reading in pieces gives the logits of the whole, and after the context is full those of its newer half.
    @Test
    void readingIsTheFullPass() {
        var gpt = new Gpt(SMALL, Init.seeded(2).with(Init.normal(0.5)));
        int[] text = IntStream.range(0, 40).map(i -> (i * i + 3) % 11).toArray();
        LanguageModel.Reading reading = gpt.reading(Evaluator.standard());
        int from = 0;
        int kept = 0;
        for (int size : new int[] {3, 1, 5, 1, 1, 4, 1, 1, 1, 1, 9, 1, 1}) {
            int end = from + size;
            if (end - kept > 16) {
                kept = end - 8;
            }
            Tensor full = gpt.apply(ids(IntStream.range(kept, end).map(i -> text[i]).toArray()), Pass.inference());
            float[] expected = full.slice(1, end - kept - 1, end - kept).toFloats();
            float[] actual = reading.read(ids(IntStream.range(from, end).map(i -> text[i]).toArray())).toFloats();
            assertThat(actual).as("up to %d", end).containsExactly(expected, within(2e-4f));
            from = end;
        }
    }

    @Test
    void aReadingGoesOnBehindWhatItRefused() {
        var gpt = new Gpt(SMALL, Init.seeded(2).with(Init.normal(0.5)));
        LanguageModel.Reading reading = gpt.reading(Evaluator.standard());
        reading.read(ids(1, 2));
        assertThatThrownBy(() -> reading.read(ids(99))).hasMessageContaining("99");
        assertThatThrownBy(() -> reading.read(Tensor.of(new int[] {1, 2}, 2, 1)))
                .hasMessageContaining("a reading of 1 texts needs ids of as many");
        float[] expected = gpt.apply(ids(1, 2, 3), Pass.inference()).slice(1, 2, 3).toFloats();
        assertThat(reading.read(ids(3)).toFloats()).containsExactly(expected, within(2e-4f));
    }

    // The names and layout of the published files, against GPT-2's forward pass in plain Java.
    @Test
    void readsGpt2(@TempDir Path dir) throws IOException {
        int v = 13;
        int c = 128;
        int n = 6;
        Map<String, Tensor> file = new TreeMap<>();
        int stream = 0;
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("wte.weight", new int[] {v, c});
        shapes.put("wpe.weight", new int[] {n, c});
        for (int l = 0; l < 2; l++) {
            String h = "h." + l + ".";
            for (String norm : new String[] {"ln_1.", "ln_2."}) {
                shapes.put(h + norm + "weight", new int[] {c});
                shapes.put(h + norm + "bias", new int[] {c});
            }
            shapes.put(h + "attn.c_attn.weight", new int[] {c, 3 * c});
            shapes.put(h + "attn.c_attn.bias", new int[] {3 * c});
            shapes.put(h + "attn.c_proj.weight", new int[] {c, c});
            shapes.put(h + "attn.c_proj.bias", new int[] {c});
            shapes.put(h + "mlp.c_fc.weight", new int[] {c, 4 * c});
            shapes.put(h + "mlp.c_fc.bias", new int[] {4 * c});
            shapes.put(h + "mlp.c_proj.weight", new int[] {4 * c, c});
            shapes.put(h + "mlp.c_proj.bias", new int[] {c});
            shapes.put(h + "attn.bias", new int[] {1, 1, n, n}); // the mask of old files
        }
        shapes.put("ln_f.weight", new int[] {c});
        shapes.put("ln_f.bias", new int[] {c});
        for (Map.Entry<String, int[]> e : shapes.entrySet()) {
            file.put(e.getKey(), Tensor.normal(RandomKey.of(stream++), e.getValue()).mul(0.2));
        }
        Path path = dir.resolve("model.safetensors");
        SafeTensors.write(path, file, Map.of());
        Gpt gpt = Gpt.gpt2(SafeTensors.read(path));
        assertThat(gpt.context()).isEqualTo(n);
        int[] ids = {3, 12, 0, 7, 7};
        assertThat(gpt.apply(ids(ids), Pass.inference()).toDoubles())
                .containsExactly(new PlainGpt2(file, 2, c / 64, c).logits(ids), within(2e-3));

        Map<String, Tensor> narrow = new TreeMap<>(file);
        narrow.put("wte.weight", Tensor.ones(v, 100));
        SafeTensors.write(dir.resolve("narrow"), narrow, Map.of());
        var other = SafeTensors.read(dir.resolve("narrow"));
        assertThatThrownBy(() -> Gpt.gpt2(other)).hasMessageContaining("64 wide, which does not divide 100");
        file.remove("h.1.mlp.c_fc.bias");
        SafeTensors.write(path, file, Map.of());
        var broken = SafeTensors.read(path);
        assertThatThrownBy(() -> Gpt.gpt2(broken)).hasMessageContaining("has no 'h.1.mlp.c_fc.bias'");
    }

    /// GPT-2 in loops of doubles.
    private record PlainGpt2(Map<String, Tensor> weights, int layers, int heads, int c) {
        double[] logits(int... ids) {
            double[] wte = weights.get("wte.weight").toDoubles();
            double[] wpe = weights.get("wpe.weight").toDoubles();
            double[][] x = new double[ids.length][c];
            for (int t = 0; t < ids.length; t++) {
                for (int i = 0; i < c; i++) {
                    x[t][i] = wte[ids[t] * c + i] + wpe[t * c + i];
                }
            }
            for (int l = 0; l < layers; l++) {
                String h = "h." + l + ".";
                double[][] qkv = linear(norm(x, h + "ln_1"), h + "attn.c_attn");
                add(x, linear(attend(qkv), h + "attn.c_proj"));
                double[][] inner = linear(norm(x, h + "ln_2"), h + "mlp.c_fc");
                for (double[] row : inner) {
                    for (int i = 0; i < row.length; i++) {
                        double z = row[i];
                        row[i] = 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)));
                    }
                }
                add(x, linear(inner, h + "mlp.c_proj"));
            }
            double[][] y = norm(x, "ln_f");
            int v = wte.length / c;
            double[] logits = new double[ids.length * v];
            for (int t = 0; t < ids.length; t++) {
                for (int k = 0; k < v; k++) {
                    for (int i = 0; i < c; i++) {
                        logits[t * v + k] += y[t][i] * wte[k * c + i];
                    }
                }
            }
            return logits;
        }

        private double[][] attend(double[][] qkv) {
            int d = c / heads;
            double[][] y = new double[qkv.length][c];
            for (int t = 0; t < qkv.length; t++) {
                for (int h = 0; h < heads; h++) {
                    double[] p = new double[t + 1];
                    double sum = 0;
                    for (int s = 0; s <= t; s++) {
                        for (int i = 0; i < d; i++) {
                            p[s] += qkv[t][h * d + i] * qkv[s][c + h * d + i];
                        }
                        p[s] = Math.exp(p[s] / Math.sqrt(d));
                        sum += p[s];
                    }
                    for (int s = 0; s <= t; s++) {
                        for (int i = 0; i < d; i++) {
                            y[t][h * d + i] += p[s] / sum * qkv[s][2 * c + h * d + i];
                        }
                    }
                }
            }
            return y;
        }

        private static void add(double[][] x, double[][] y) {
            for (int t = 0; t < x.length; t++) {
                for (int i = 0; i < x[t].length; i++) {
                    x[t][i] += y[t][i];
                }
            }
        }

        private double[][] norm(double[][] x, String name) {
            double[] g = weights.get(name + ".weight").toDoubles();
            double[] b = weights.get(name + ".bias").toDoubles();
            double[][] y = new double[x.length][c];
            for (int t = 0; t < x.length; t++) {
                double mean = 0;
                for (double z : x[t]) {
                    mean += z / c;
                }
                double variance = 0;
                for (double z : x[t]) {
                    variance += (z - mean) * (z - mean) / c;
                }
                for (int i = 0; i < c; i++) {
                    y[t][i] = (x[t][i] - mean) / Math.sqrt(variance + 1e-5) * g[i] + b[i];
                }
            }
            return y;
        }

        private double[][] linear(double[][] x, String name) {
            double[] w = weights.get(name + ".weight").toDoubles();
            double[] b = weights.get(name + ".bias").toDoubles();
            double[][] y = new double[x.length][];
            for (int t = 0; t < x.length; t++) {
                y[t] = b.clone();
                for (int i = 0; i < x[t].length; i++) {
                    for (int j = 0; j < b.length; j++) {
                        y[t][j] += x[t][i] * w[i * b.length + j];
                    }
                }
            }
            return y;
        }
    }
}
