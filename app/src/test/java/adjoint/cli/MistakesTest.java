package adjoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import adjoint.io.SafeTensors;
import adjoint.tensor.Tensor;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/// Mistakes on the command line and in files: each gives one line, exit code 2, and leaves nothing behind.
class MistakesTest {
    @TempDir private Path dir;

    @BeforeEach
    void files() throws IOException {
        String rows = "1,2,a\n2,1,b\n".repeat(10);
        write("good.csv", rows);
        write("numbers.csv", "1,2.5\n2,3.5\n".repeat(10));
        write("empty.csv", "");
        write("header.csv", "x,y,class\n");
        write("ragged.csv", rows + "1,2,3,a\n");
        write("text.csv", rows + "1,two,a\n");
        write("nan.csv", rows + "1,NaN,a\n");
        write("missing.csv", rows + "1,?,a\n");
        write("one.csv", "1,2,a\n".repeat(9));
        write("few.csv", "1,2,a\n1,3,b\n");
        write("narrow.csv", "a\nb\na\n");
        write("not.png", "this is no picture");
        Files.createDirectories(dir.resolve("folder"));
        Files.createDirectories(dir.resolve("norun"));
        run("bad", "{\"data\": 3");
        run("bare", "{\"seed\": 3}");
        run("lost", RECORD);
        run("torn", RECORD);
        write("torn/best.safetensors", "xx");
        run("other", RECORD);
        SafeTensors.write(
                dir.resolve("other/best.safetensors"), Map.of("body.head.weight", Tensor.zeros(3, 2)), Map.of());
        run("pictures", RECORD.replace("CSV", "DIGITS").replace("[2]", "[28, 28, 1]"));
        run("nulls", RECORD.replace("[4]", "null"));
        run("hidden", RECORD.replace("[4]", "[null]"));
        run("source", RECORD.replace("\"CSV\"", "null"));
        run("wide", RECORD.replace("[2]", "[100000, 100000]"));
        String fit = RECORD.replace("[4]", "[]").replace("\"gone.csv\"", "\"" + dir.resolve("named.csv") + "\"");
        write("named.csv", "a,b,c\n" + "1,2,x\n2,1,y\n".repeat(10));
        network("nan", fit, Float.NaN);
        network("classes", fit, 1);
        String content = "{\"content\": {\"features\": [\"b\", \"a\"], \"target\": \"c\", \"sha256\": \"\"},";
        network("columns", fit.replaceFirst("\\{", content), 1);
        mnist("small", 3, 3, 0, 0, 1);
        for (String part : List.of("train", "t10k")) {
            idx(dir.resolve("small/" + part + "-images-idx3-ubyte.gz"), 0x803, 3 * 256, 3, 16, 16);
        }
        mnist("nofile", 3, 3, 0, 0, 1);
        Files.delete(dir.resolve("nofile/t10k-labels-idx1-ubyte.gz"));
        mnist("counts", 3, 2, 0, 0, 1);
        mnist("label", 3, 3, 0, 0, 11);
        mnist("magic", 3, 3, 1, 0, 1);
        mnist("short", 3, 3, 0, 1, 1);
        mnist("zero", 0, 0, 0, 0, 1);
        mnist("cut", 3, 3, 0, 0, 1);
        Path cut = dir.resolve("cut/train-images-idx3-ubyte.gz");
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 20));
    }

    @BeforeEach
    void games() throws IOException {
        String game =
                "{\"game\": {\"name\": \"%s\", \"algorithm\": \"%s\", \"channels\": [%s], \"hidden\": [], \"blocks\": 1}}";
        run("badgame", game.formatted("connect-four", "CHESS", "8"));
        run("nogame", game.formatted("chess", "SELF_PLAY", "8"));
        run("othergame", game.formatted("tic-tac-toe", "SELF_PLAY", "8"));
        run("lostgame", game.formatted("tic-tac-toe", "SELF_PLAY", "8"));
        run("halfgame", game.formatted("tic-tac-toe", "SELF_PLAY", ""));
        run("brokengame", game.formatted("tic-tac-toe", "SELF_PLAY", "8.7"));
        run("deepgame", game.formatted("cart-pole", "PPO", "").replace("\"blocks\": 1", "\"blocks\": 1000000000"));
        run("numbergame", game.formatted("cart-pole", "PPO", "").replace("\"PPO\"", "3").replace(": 1}", ": 0}"));
        run(
                "widegame",
                game.formatted("cart-pole", "PPO", "")
                        .replace("\"hidden\": []", "\"hidden\": [4096, 4096]")
                        .replace(": 1}", ": 0}"));
        Files.copy(dir.resolve("nan/best.safetensors"), dir.resolve("widegame/best.safetensors"));
        String large = game.formatted("connect-four", "SELF_PLAY", "4096").replace("\"blocks\": 1", "\"blocks\": 100");
        run("largegame", large);
        run("wronggame", game.formatted("cart-pole", "PPO", "8").replace(": 1}", ": 0}"));
        Files.copy(dir.resolve("nan/best.safetensors"), dir.resolve("wronggame/best.safetensors"));
    }

    @BeforeEach
    void texts() throws IOException {
        write("letters.txt", "abc abd\n".repeat(40));
        write("digits.txt", "0123 456\n".repeat(40));
        write("empty.txt", "");
        write("tiny.txt", "abc");
        write("short.txt", "012");
        Files.write(dir.resolve("latin.txt"), new byte[] {'a', 'b', (byte) 0xE9, 'c'});
        write("labels.csv", "text,label\n" + "see you,ham\nfree cash,spam\nsee me,ham\nfree prize,spam\n".repeat(3));
        write("alike.csv", "text,label\n" + "see you,ham\nsee me,ham\n".repeat(3));
        write("unseen.csv", "text,label\nsee you,ham\nbuy now,advert\n");
        write("halfquote.csv", "text,label\n\"see you,ham\n");
        String small = " --steps 1 --block 8 --width 8 --heads 2 --layers 1 --out ";
        for (String name : List.of("letters", "digits")) {
            Result r = adjoint(("train text " + dir.resolve(name + ".txt") + small + dir.resolve(name)).split(" "));
            assertThat(r.code()).as(r.err()).isZero();
        }
        String record = Files.readString(dir.resolve("digits/run.json"));
        run("nothing", "null");
        run("deep", record.replace("\"layers\" : 1", "\"layers\" : 100000"));
        for (String file : List.of("tokenizer.json", "best.safetensors")) {
            Files.copy(dir.resolve("digits/" + file), dir.resolve("deep/" + file));
        }
        run("huge", record.replace("\"width\" : 8", "\"width\" : 8000000"));
        Files.copy(dir.resolve("digits/tokenizer.json"), dir.resolve("huge/tokenizer.json"));
        run("placeless", record.replace("\"file\"", "\"place\""));
        Files.copy(
                dir.resolve("digits/tokenizer.json"),
                dir.resolve("letters/tokenizer.json"),
                StandardCopyOption.REPLACE_EXISTING);
        String table = "train labels " + dir.resolve("labels.csv") + " --model bag --width 8 --epochs 1 --out ";
        Result r = adjoint((table + dir.resolve("teller")).split(" "));
        assertThat(r.code()).as(r.err()).isZero();
    }

    private static final String RECORD =
            """
            {"data": {"source": "CSV", "folder": "", "file": "gone.csv", "target": "", "missing": "REFUSE"},
             "network": {"input": [2], "hidden": [4], "activation": "RELU", "dropout": 0, "outputs": 2, "classes": ["a", "b"]}}
            """;

    private void write(String name, String text) throws IOException {
        Files.writeString(dir.resolve(name), text);
    }

    private void run(String name, String json) throws IOException {
        Files.createDirectories(dir.resolve(name));
        write(name + "/run.json", json);
    }

    private void network(String name, String json, float weight) throws IOException {
        run(name, json);
        SafeTensors.write(
                dir.resolve(name + "/best.safetensors"),
                Map.of(
                        "scale.mean", Tensor.zeros(2),
                        "scale.deviation", Tensor.ones(2),
                        "body.head.weight", Tensor.ones(2, 2).mul(weight),
                        "body.head.bias", Tensor.zeros(2)),
                Map.of());
    }

    private void mnist(String name, int images, int labels, int wrongMagic, int missingBytes, int label)
            throws IOException {
        Path folder = Files.createDirectories(dir.resolve(name));
        for (String part : List.of("train", "t10k")) {
            idx(
                    folder.resolve(part + "-images-idx3-ubyte.gz"),
                    0x803 + wrongMagic,
                    images * 784 - missingBytes,
                    images,
                    28,
                    28);
            idx(folder.resolve(part + "-labels-idx1-ubyte.gz"), 0x801, new byte[labels], label, labels);
        }
    }

    private static void idx(Path file, int magic, int bytes, int... dims) throws IOException {
        idx(file, magic, new byte[bytes < 0 ? 0 : bytes], 0, dims);
    }

    private static void idx(Path file, int magic, byte[] content, int value, int... dims) throws IOException {
        Arrays.fill(content, (byte) value);
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(new GZIPOutputStream(bytes))) {
            out.writeInt(magic);
            for (int d : dims) {
                out.writeInt(d);
            }
            out.write(content);
        }
        Files.write(file, bytes.toByteArray());
    }

    private record Result(int code, String out, String err) {}

    private static Result adjoint(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
        return new Result(code, out.toString(), err.toString());
    }

    private List<String> left() throws IOException {
        try (Stream<Path> all = Files.walk(dir)) {
            return all.map(Path::toString).sorted().toList();
        }
    }

    @Test
    void eachHasItsLine() throws IOException {
        List<String> before = left();
        List<String> told = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (String entry : MISTAKES.strip().split("\n\n")) {
            String command = entry.lines().findFirst().orElseThrow();
            String[] args = command.replace("DIR", dir.toString()).split(" ");
            String[] given =
                    args.length > 0 && args[0].equals("train") && !command.contains("--out")
                            ? Stream.concat(Stream.of(args), Stream.of("--out", dir.resolve("out/new").toString()))
                                    .toArray(String[]::new)
                            : args;
            Result r = adjoint(given);
            assertThat(r.err().lines().count()).as(command + "\n" + r.err()).isEqualTo(1);
            assertThat(r.code()).as(command).isEqualTo(2);
            String line = r.err().replace(dir.toString(), "DIR").strip();
            told.add(command + "\n" + line.replaceFirst("needs? about .* for Java", "MEMORY"));
            expected.add(entry.strip());
        }
        if (System.getProperty("adjoint.golden") != null) {
            Files.writeString(Path.of(System.getProperty("adjoint.golden")), String.join("\n\n", told) + "\n");
            return;
        }
        assertThat(told).hasSizeGreaterThanOrEqualTo(40).containsExactlyElementsOf(expected);
        assertThat(left()).isEqualTo(before);
    }

    @Test
    void whoAsksForJsonGetsItOnFailureToo() {
        for (String[] args :
                new String[][] {
                    {"train", "cats", "--json"},
                    {"evaluate", dir.resolve("gone").toString(), "--json"},
                    {"train", "--rate", "0", "--json", "--out", dir.resolve("out/new").toString()}
                }) {
            Result r = adjoint(args);
            JsonNode last = JsonMapper.shared().readTree(r.out().lines().reduce((a, b) -> b).orElseThrow());
            assertThat(r.code()).isEqualTo(2);
            assertThat(last.get("exitCode").asInt()).isEqualTo(2);
            assertThat(r.err().strip()).isEqualTo("adjoint " + args[0] + ": " + last.get("error").asString());
        }
    }

    @Test
    void whoHasTrainedNothingIsToldWhereToBegin() {
        assumeFalse(Files.exists(SavedRun.RUNS), "someone has trained here");
        assertThat(adjoint("generate").err()).contains("yet: start with adjoint train text FILE");
        assertThat(adjoint("evaluate").err()).contains("yet: start with adjoint train digits");
    }

    @Test
    void aNetworkThatCannotFitIsRefusedBeforeItIsMade() {
        long start = System.nanoTime();
        assertThat(adjoint("plan", "--hidden", "1000000,1000000").err())
                .contains("--hidden 1000000,1000000: a network of");
        assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
    }

    private static final String MISTAKES =
            """
            nonsense
            adjoint: 'nonsense' is none of the commands train, evaluate, predict, generate, play, summary, plan, gradcheck, doctor, lab, info, help

            trian digits
            adjoint: 'trian' is none of the commands train, evaluate, predict, generate, play, summary, plan, gradcheck, doctor, lab, info, help; did you mean train?

            --nonsense
            adjoint: there is no option --nonsense

            train cats
            adjoint train: 'cats' is none of digits, mnist, fashion-mnist, cifar-10, csv

            train --epochs 0
            adjoint train: --epochs needs 1 or more, got 0

            train --epochs many
            adjoint train: Invalid value for option '--epochs': 'many' is no whole number

            train --epochs 99999999999
            adjoint train: Invalid value for option '--epochs': '99999999999' is outside -2147483648 to 2147483647

            train --seed -99999999999999999999
            adjoint train: Invalid value for option '--seed': '-99999999999999999999' is outside -9223372036854775808 to 9223372036854775807

            train --epochs
            adjoint train: Expected parameter for option '--epochs' but found '--out'

            train --epoch 3
            adjoint train: there is no option --epoch; did you mean --epochs?

            train --batch 0
            adjoint train: --batch needs 1 or more, got 0

            train --batch -5
            adjoint train: --batch needs 1 or more, got -5

            train --rate 0
            adjoint train: --rate needs a number above 0, got 0

            train --rate fast
            adjoint train: Invalid value for option '--rate': 'fast' is no number

            train --rate NaN
            adjoint train: --rate needs a number above 0, got NaN

            train --rate -1
            adjoint train: --rate needs a number above 0, got -1

            train --optimizer adamm
            adjoint train: Invalid value for option '--optimizer': 'adamm' is none of sgd, momentum, nesterov, adam, adamw, amsgrad, rmsprop, adagrad, adadelta, nadam, radam, lion; did you mean adam?

            train --schedule linear
            adjoint train: Invalid value for option '--schedule': 'linear' is none of constant, cosine, one-cycle

            train --weight-decay -1
            adjoint train: --weight-decay needs a number of 0 or more, got -1

            train --clip 0
            adjoint train: --clip needs a number above 0, got 0

            train --patience 0
            adjoint train: --patience needs 1 or more, got 0

            train --seed x
            adjoint train: Invalid value for option '--seed': 'x' is no whole number

            train --threads 0
            adjoint train: --threads needs 1 to 1024, got 0

            train --threads 5000
            adjoint train: --threads needs 1 to 1024, got 5000

            train --activation relux
            adjoint train: Invalid value for option '--activation': 'relux' is none of identity, relu, relu6, leaky-relu, elu, selu, gelu, gelu-tanh, silu, mish, sigmoid, tanh, softplus, softsign; did you mean relu?

            train --hidden 256,,128
            adjoint train: --hidden needs sizes of 1 to 1000000 with commas between, such as 256,128, or 100x30 for 30 alike (at most 10000), or none; got '256,,128'

            train --hidden 0
            adjoint train: --hidden needs sizes of 1 to 1000000 with commas between, such as 256,128, or 100x30 for 30 alike (at most 10000), or none; got '0'

            train --hidden wide
            adjoint train: --hidden needs sizes of 1 to 1000000 with commas between, such as 256,128, or 100x30 for 30 alike (at most 10000), or none; got 'wide'

            train --hidden -3
            adjoint train: --hidden needs sizes of 1 to 1000000 with commas between, such as 256,128, or 100x30 for 30 alike (at most 10000), or none; got '-3'

            train --dropout 1
            adjoint train: --dropout needs a share of at least 0 and below 1, got 1

            train --dropout -0.1
            adjoint train: --dropout needs a share of at least 0 and below 1, got -0.1

            train --dropout much
            adjoint train: Invalid value for option '--dropout': 'much' is no number

            train digits extra.csv
            adjoint train: only csv takes a file, got 'extra.csv'

            train digits --target class
            adjoint train: --target is for csv only

            train csv
            adjoint train: csv needs a file: csv FILE

            train csv DIR/gone.csv
            adjoint train: there is no file DIR/gone.csv

            train csv DIR/folder
            adjoint train: DIR/folder is a folder, expected a file

            train csv good.csv --data DIR/gone
            adjoint train: there is no folder DIR/gone

            train csv DIR/good.csv --target nothing
            adjoint train: DIR/good.csv has no column "nothing", only column 0, column 1, column 2: if the first line names them, say --header yes

            train csv DIR/good.csv --target 9
            adjoint train: DIR/good.csv has no column 9 (they count from 0), only column 0, column 1, column 2: if the first line names them, say --header yes

            train csv DIR/good.csv --missing zero
            adjoint train: Invalid value for option '--missing': 'zero' is none of refuse, drop-row, mean

            train csv DIR/empty.csv
            adjoint train: DIR/empty.csv is empty: expected a table, one line for each example

            train csv DIR/header.csv
            adjoint train: DIR/header.csv has a header line and no rows: expected a line for each example after it

            train csv DIR/ragged.csv
            adjoint train: DIR/ragged.csv, line 21: expected 3 cells as in the first line, got 4: correct the line, or quote text that has separators in it

            train csv DIR/text.csv
            adjoint train: DIR/text.csv, line 21, column 1: expected a number, got "two": correct it, or make numbers of a column of text with --categorical

            train csv DIR/nan.csv
            adjoint train: DIR/nan.csv, line 21, column 1: expected a finite number, got "NaN": correct it

            train csv DIR/missing.csv
            adjoint train: DIR/missing.csv, line 21, column 1: the value is missing: leave such rows out with --missing drop-row, or fill it with --missing mean

            train csv DIR/one.csv
            adjoint train: DIR/one.csv: the target "column 2" has the one class "a", expected at least two: choose the column with --target

            train csv DIR/few.csv
            adjoint train: DIR/few.csv has 2 rows, too few to split them into some to train on and some to test on

            train csv DIR/narrow.csv
            adjoint train: DIR/narrow.csv has one column, expected features and a target: give the character between them with --separator

            train csv DIR/good.csv --rate 1e30 --batch 4
            adjoint train: the loss became NaN in step 2 (epoch 1): use a lower learning rate, or look for odd values in the data

            train csv DIR/good.csv --out DIR/not.png
            adjoint train: cannot save to DIR/not.png: DIR/not.png is a file, not a folder

            train csv DIR/good.csv --out DIR/not.png/inside
            adjoint train: cannot save to DIR/not.png/inside: no folder can be made there

            train csv DIR/good.csv --out /proc/adjoint
            adjoint train: cannot save to /proc/adjoint: no folder can be made there

            train csv DIR/good.csv --out DIR/lost
            adjoint train: cannot save to DIR/lost: it holds a run already; choose another --out, or add --overwrite

            train mnist --data DIR/gone
            adjoint train: there is no folder DIR/gone

            train mnist --data DIR/folder
            adjoint train: the folder DIR/folder has no file train-images-idx3-ubyte.gz (or train-images-idx3-ubyte): give the one with the four files of mnist

            train mnist --data DIR/not.png
            adjoint train: there is no folder DIR/not.png

            train mnist --data DIR/nofile
            adjoint train: the folder DIR/nofile has no file t10k-labels-idx1-ubyte.gz (or t10k-labels-idx1-ubyte): give the one with the four files of mnist

            train mnist --data DIR/counts
            adjoint train: DIR/counts/train-images-idx3-ubyte.gz has 3 images and DIR/counts/train-labels-idx1-ubyte.gz has 2 labels: they do not belong together

            train mnist --data DIR/label
            adjoint train: DIR/label/train-labels-idx1-ubyte.gz: label 0 is 11, outside 0 to 9

            train mnist --data DIR/magic
            adjoint train: DIR/magic/train-images-idx3-ubyte.gz starts with the magic number 0x00000804, expected 0x00000803 (unsigned bytes, 3 axes): is it another file?

            train mnist --data DIR/short
            adjoint train: DIR/short/train-images-idx3-ubyte.gz ends after 2351 of 2352 elements: the file is truncated, fetch it again

            train mnist --data DIR/zero
            adjoint train: DIR/zero/train-images-idx3-ubyte.gz has no images

            train mnist --data DIR/cut
            adjoint train: DIR/cut/train-images-idx3-ubyte.gz ends too early: the file is truncated, fetch it again

            evaluate DIR/gone
            adjoint evaluate: there is no folder DIR/gone

            evaluate DIR/norun
            adjoint evaluate: DIR/norun holds no run: it has no run.json

            evaluate DIR/bad
            adjoint evaluate: DIR/bad/run.json is damaged: it is no record of a training

            evaluate DIR/bare
            adjoint evaluate: DIR/bare/run.json does not say what data and network it was: was it made by adjoint train?

            evaluate DIR/lost
            adjoint evaluate: cannot read DIR/lost/best.safetensors: there is no such file

            evaluate DIR/torn
            adjoint evaluate: DIR/torn/best.safetensors is no safetensors file: it has only 2 bytes

            predict DIR/other 1,2
            adjoint predict: DIR/other/best.safetensors does not fit the parameters: 0 tensors fit; 5 missing from the file (scale.mean, scale.deviation, body.hidden.0.linear.weight, body.hidden.0.linear.bias, body.head.bias); 1 different in shape or type (body.head.weight: float32 [4, 2], file has float32 [3, 2]). Nothing was loaded

            predict DIR/pictures DIR/gone.png
            adjoint predict: there is no file DIR/gone.png

            predict DIR/pictures DIR/not.png
            adjoint predict: DIR/not.png is no picture that can be decoded, expected PNG, JPEG, BMP or GIF

            predict DIR/pictures DIR/folder
            adjoint predict: DIR/folder is a folder, expected a picture

            predict
            adjoint predict: no picture, row or text was given: adjoint predict [RUN] IMAGE, or a row such as 5.1,3.5,1.4,0.2

            predict DIR/lost
            adjoint predict: no row was given: adjoint predict DIR/lost 1.5,2,…

            predict DIR/lost 1,2,3
            adjoint predict: '1,2,3' has 3 numbers, the network takes 2 with commas between

            predict DIR/lost 1,x
            adjoint predict: 'x' in '1,x' is no number

            predict DIR/lost 1,NaN
            adjoint predict: 'NaN' in '1,NaN' is no finite number

            predict DIR/lost 1,2
            adjoint predict: cannot read DIR/lost/best.safetensors: there is no such file

            predict DIR/lost nope.png
            adjoint predict: 'nope.png' is no row of numbers, and DIR/lost was trained on a table: for another training, name its folder first

            predict DIR/lost 7
            adjoint predict: '7' has 1 number, the network takes 2 with commas between

            predict DIR/pictures 1,2
            adjoint predict: there is no picture '1,2', and DIR/pictures was trained on pictures: for another training, name its folder first

            train mnits
            adjoint train: 'mnits' is none of digits, mnist, fashion-mnist, cifar-10, csv; did you mean mnist?

            train fashion
            adjoint train: 'fashion' is none of digits, mnist, fashion-mnist, cifar-10, csv; did you mean fashion-mnist?

            train --epochs 1 --batch 5000 --warmup 3
            adjoint train: --warmup 3 is longer than the training, which has 2 steps

            train --model resnet-21
            adjoint train: --model: resnet-21 does not exist: the number of layers is 6 n + 2, such as 20, 32, 44 or 56

            train --model resnet-18
            adjoint train: --model: resnet-18 does not exist: the number of layers is 6 n + 2, such as 20, 32, 44 or 56 (or is imagenet-resnet-18 meant?)

            train --model renset
            adjoint train: --model: 'renset' is none of mlp, lenet, resnet-N, preresnet-N (pre-activation), plain-N (without shortcuts; all three for small pictures, N = 6 n + 2, such as 20, 32, 44, 56, 110), imagenet-resnet-18, -34 or -50, vgg-11, -13, -16 or -19, mobilenet or airbench

            plan cifar-10 --model resnet20
            adjoint plan: --model: 'resnet20' is none of mlp, lenet, resnet-N, preresnet-N (pre-activation), plain-N (without shortcuts; all three for small pictures, N = 6 n + 2, such as 20, 32, 44, 56, 110), imagenet-resnet-18, -34 or -50, vgg-11, -13, -16 or -19, mobilenet or airbench; did you mean resnet-20?

            train --model resnet-20 --hidden 3
            adjoint train: --hidden is not for resnet-20: leave it out

            train --width 2
            adjoint train: --width is for networks with channels; an mlp has --hidden

            train --model lenet --width 0
            adjoint train: --width needs a factor above 0, at most 100.0, got 0

            train csv DIR/good.csv --model lenet
            adjoint train: --model lenet is for pictures: a table takes an mlp

            train csv good.csv --augment flip
            adjoint train: --augment is for pictures

            train --augment flip,spin
            adjoint train: --augment: 'spin' is none of crop[:PIXELS], shift[:PIXELS] (reflected borders), flip, alternating-flip, cutout[:SIDE], rotation[:DEGREES], translation[:PIXELS], colours[:SHARE], mixup[:ALPHA] and cutmix[:ALPHA]

            train --augment crop:0
            adjoint train: --augment: crop takes a number from 1 to 100, got '0'

            train --augment crop:2.5
            adjoint train: --augment: crop takes a whole number, got '2.5'

            train --augment flip:0.3
            adjoint train: --augment: flip takes no number, got '0.3'

            train --model lenet --hidden none
            adjoint train: --hidden none is not for lenet: give sizes, or leave it out for 120,84

            train csv DIR/numbers.csv --label-smoothing 0.1
            adjoint train: --label-smoothing is for classes, and a number is predicted here: leave it out

            doctor csv DIR/numbers.csv --label-smoothing 0.1
            adjoint doctor: --label-smoothing is for classes, and a number is predicted here: leave it out

            doctor csv DIR/good.csv --augment flip
            adjoint doctor: --augment is for pictures

            doctor --picture DIR/gone/flow.svg
            adjoint doctor: --picture DIR/gone/flow.svg: there is no folder DIR/gone, create it first

            doctor --picture DIR/folder
            adjoint doctor: --picture DIR/folder is a folder: give the name of a file

            doctor --apply --out DIR/other
            adjoint doctor: --out DIR/other holds a run already: choose another folder

            train --init hee
            adjoint train: Invalid value for option '--init': 'hee' is none of he, xavier, orthogonal, lecun, naive, zero; did you mean he?

            train --label-smoothing 1
            adjoint train: --label-smoothing needs a share of at least 0 and below 1, got 1

            train --momentum 0.8
            adjoint train: --momentum is for --optimizer momentum or nesterov, not for adamw

            train --optimizer nesterov --momentum 1
            adjoint train: --momentum needs a share between 0 and 1, got 1

            train --average 1
            adjoint train: --average needs a decay between 0 and 1, such as 0.999, got 1

            train --hidden 100x0
            adjoint train: --hidden needs sizes of 1 to 1000000 with commas between, such as 256,128, or 100x30 for 30 alike (at most 10000), or none; got '100x0'

            train --hidden 100x10001
            adjoint train: --hidden needs sizes of 1 to 1000000 with commas between, such as 256,128, or 100x30 for 30 alike (at most 10000), or none; got '100x10001'

            train digits --residual --hidden 30,20
            adjoint train: --residual adds what goes into a hidden layer to what comes out, and no layer of --hidden 30,20 is as wide as the one before it: give equal sizes, such as 100x3

            train digits --augment crop:99
            adjoint train: a crop by 99 pixels may leave nothing of a picture of 28x28: use less than its side

            train DIR/letters.txt
            adjoint train: 'DIR/letters.txt' is none of digits, mnist, fashion-mnist, cifar-10, csv; from a file learn adjoint train csv FILE, adjoint train text FILE and adjoint train labels FILE

            summary text
            adjoint summary: 'text' is none of digits, mnist, fashion-mnist, cifar-10, csv; networks for text are trained with adjoint train text FILE or adjoint train labels FILE, and shown with adjoint summary --run RUN

            train text
            adjoint train text: no text was given: adjoint train text FILE

            train text DIR/gone.txt
            adjoint train text: there is no file DIR/gone.txt

            train text DIR/folder
            adjoint train text: DIR/folder is a folder, expected a text

            train text DIR/empty.txt
            adjoint train text: DIR/empty.txt is empty: there is nothing to learn from

            train text DIR/tiny.txt
            adjoint train text: DIR/tiny.txt has 3 tokens, 1 of them for validation: windows of 64 need 65 in each part; take a longer text, a smaller --block, or another share with --validation

            train text DIR/letters.txt --block 40
            adjoint train text: DIR/letters.txt has 320 tokens, 32 of them for validation: windows of 40 need 41 in each part; take a longer text, a smaller --block, or another share with --validation

            train text DIR/latin.txt
            adjoint train text: DIR/latin.txt is no text in UTF-8: save it in that encoding

            train text DIR/letters.txt --vocabulary 300 --block 100
            adjoint train text: DIR/letters.txt has 120 tokens, 12 of them for validation: windows of 100 need 101 in each part; take a longer text, a smaller --block, or another share with --validation

            train text DIR/letters.txt --vocabulary 10
            adjoint train text: --vocabulary needs more tokens than there are bytes, 257 or more, got 10

            train text DIR/letters.txt --tokenizer DIR/digits/tokenizer.json
            adjoint train text: DIR/letters.txt: the character 'a' (U+0061) at position 0 has no token: the text that the tokens were made of does not hold it; leave it out, or train with byte pairs, which know every character

            train text DIR/letters.txt --tokenizer DIR/gone.json
            adjoint train text: there is no file DIR/gone.json

            train text DIR/letters.txt --width 30 --heads 4
            adjoint train text: --width 30 needs to be divisible by --heads 4

            train text DIR/letters.txt --model bag
            adjoint train text: Invalid value for option '--model': 'bag' is none of gpt, lstm

            train text DIR/letters.txt --validation 1
            adjoint train text: --validation needs a share between 0 and 1, got 1

            train text DIR/letters.txt --steps 0
            adjoint train text: --steps needs 1 or more, got 0

            train text DIR/letters.txt --block 8 --sample é
            adjoint train text: --sample: the character 'é' (U+00E9) at position 0 has no token: the text that the tokens were made of does not hold it; leave it out, or train with byte pairs, which know every character

            train text DIR/letters.txt --heads 3
            adjoint train text: --width 128 needs to be divisible by --heads 3

            train text DIR/letters.txt --block 8 --width 40000 --layers 1000
            adjoint train text: gpt, 1,000 layers, 4 heads, width 40000: a network of 19,200,160,640,000 parameters MEMORY; use a smaller --width or fewer --layers

            train text DIR/letters.txt --block 8 --model lstm --width 2000000000
            adjoint train text: lstm, 2 layers, width 2000000000: a network of 64,000,000,040,000,004,000 parameters MEMORY; use a smaller --width or fewer --layers

            train labels DIR/labels.csv --width 1000000
            adjoint train labels: cnn, width 1000000, dropout 0.5: a network of 14,000,280,000,002 parameters MEMORY; use a smaller --width or fewer --layers

            generate DIR/huge
            adjoint generate: DIR/huge: a network of 768,000,184,000,000 parameters MEMORY

            train text DIR/letters.txt --clip Infinity
            adjoint train text: --clip needs a number above 0, got Infinity

            train text DIR/letters.txt --batch 1000000000
            adjoint train text: --batch 1000000000 for --every 250 steps is too many windows: at most 1000000000

            train game
            adjoint train game: no game was named: adjoint train game NAME, with one of cart-pole, mountain-car, acrobot, pendulum, frozen-lake, snake, breakout, tic-tac-toe, connect-four, othello-6x6

            train game chess
            adjoint train game: 'chess' is none of cart-pole, mountain-car, acrobot, pendulum, frozen-lake, snake, breakout, tic-tac-toe, connect-four, othello-6x6

            train game conect-four
            adjoint train game: 'conect-four' is none of cart-pole, mountain-car, acrobot, pendulum, frozen-lake, snake, breakout, tic-tac-toe, connect-four, othello-6x6; did you mean connect-four?

            train game cart-pole --rounds 3
            adjoint train game: --rounds is for games for two

            train game cart-pole --algorithm sarsa
            adjoint train game: Invalid value for option '--algorithm': 'sarsa' is none of dqn, reinforce, a2c, ppo

            train game cart-pole --steps 0
            adjoint train game: --steps needs 1 to 1000000000000, got 0

            train game cart-pole --every 0
            adjoint train game: --every needs 1 or more, got 0

            train game cart-pole --hidden 64,,64
            adjoint train game: --hidden needs sizes from 1 to 4096, such as 64,64, or none, got '64,,64'

            train game cart-pole --hidden 5000
            adjoint train game: --hidden needs sizes from 1 to 4096, such as 64,64, or none, got '5000'

            train game cart-pole --channels 16
            adjoint train game: convolutions look at planes [H, W, C], and an observation has the shape [4]: leave them out

            train game pendulum --algorithm dqn
            adjoint train game: Q-learning chooses one of some actions, but those of Pendulum-v1 are numbers: use --algorithm ppo

            train game cart-pole --rate -1
            adjoint train game: --rate needs a number above 0, got -1

            train game cart-pole --environments 0
            adjoint train game: --environments needs 1 to 4096, got 0

            train game breakout --environments 42000
            adjoint train game: --environments needs 1 to 4096, got 42000

            train game breakout --environments 4096 --algorithm a2c --episodes 1000000
            adjoint train game: --episodes needs 1 to 100000, got 1000000

            train game connect-four --channels 4096 --blocks 100
            adjoint train game: a network of 60,399,861,198 parameters MEMORY

            train game cart-pole --rate 1e30 --every 3000
            adjoint train game: weights became NaN or infinite by step 3,072: a smaller --rate may help; nothing was saved

            train game tic-tac-toe --gate 2 --rate 1e30 --rounds 3 --every 1 --games 64 --simulations 4 --channels 4 --blocks 1
            adjoint train game: weights became NaN or infinite by game 64: a smaller --rate may help; nothing was saved

            train game pendulum --rate 1e30 --steps 9000 --episodes 1
            adjoint train game: weights became NaN or infinite by step 4,096: a smaller --rate may help; nothing was saved

            train game tic-tac-toe --simulations 10001
            adjoint train game: --simulations needs 1 to 10000, got 10001

            train game tic-tac-toe --steps 3
            adjoint train game: --steps is for tasks for one

            train game tic-tac-toe --channels 8,8
            adjoint train game: --channels of a game for two needs one number from 1 to 4096, for all convolutions are alike, got '8,8'

            train game tic-tac-toe --gate 3
            adjoint train game: --gate needs an even number from 0 to 100000, so that each begins half of the games, got 3

            train game snake --gate 4
            adjoint train game: --gate is for games for two

            train game tic-tac-toe --blocks 0
            adjoint train game: --blocks needs 1 to 100, got 0

            play
            adjoint play: no game was named: adjoint play NAME, with one of cart-pole, mountain-car, acrobot, pendulum, frozen-lake, snake, breakout, tic-tac-toe, connect-four, othello-6x6

            play tic-tac-toe --level 3 --simulations 20
            adjoint play: --simulations is for agents, and none was named

            train tic-tac-toe
            adjoint train: 'tic-tac-toe' is none of digits, mnist, fashion-mnist, cifar-10, csv; games are learned with adjoint train game NAME

            play chess
            adjoint play: 'chess' is none of cart-pole, mountain-car, acrobot, pendulum, frozen-lake, snake, breakout, tic-tac-toe, connect-four, othello-6x6

            play snake
            adjoint play: snake is played by one alone: name one --agent, or one --level, such as random

            play snake --level 3
            adjoint play: --level of snake is random or greedy, got '3'

            play pendulum --level 5
            adjoint play: --level of pendulum is random, got '5'

            play breakout --level 5
            adjoint play: --level of breakout is random or greedy or foresighted, got '5'

            play snake --level random --pace 0
            adjoint play: --pace needs 1 to 1000 steps a second, got 0

            play snake --level random --games 2 --pace 5
            adjoint play: --pace is for one episode that is shown, not for several --games

            play connect-four --level 3 --pace 5
            adjoint play: --pace is for tasks for one

            play snake --agent DIR/tiny.txt
            adjoint play: DIR/tiny.txt is a file: name the folder that a training left

            train game connect-four --channels 0
            adjoint train game: --channels of a game for two needs one number from 1 to 4096, for all convolutions are alike, got '0'

            help frob
            adjoint help: 'frob' is none of the commands of adjoint: train, evaluate, predict, generate, play, summary, plan, gradcheck, doctor, lab, info, help

            help train gmae
            adjoint help: 'gmae' is none of the commands of adjoint train: text, labels, game

            help play connect-four
            adjoint help: adjoint play has no commands, got 'connect-four': see adjoint play --help

            play snake --level random --second
            adjoint play: --simulations, --second and --opening are for games for two

            play snake --agent DIR/gone
            adjoint play: there is no folder DIR/gone

            play snake --agent DIR/letters
            adjoint play: DIR/letters is no training in a game: begin with adjoint train game snake

            play snake --agent DIR/norun
            adjoint play: DIR/norun holds no run: it has no run.json

            play connect-four --agent DIR/badgame
            adjoint play: DIR/badgame/run.json is damaged: it is no record of a training

            play connect-four --agent DIR/nogame
            adjoint play: DIR/nogame/run.json is damaged: there is no game 'chess'

            play connect-four --agent DIR/othergame
            adjoint play: DIR/othergame has learned tic-tac-toe, not connect-four: adjoint play tic-tac-toe --agent DIR/othergame

            play tic-tac-toe --agent DIR/lostgame
            adjoint play: cannot read DIR/lostgame/best.safetensors: there is no such file

            play tic-tac-toe --agent DIR/halfgame
            adjoint play: DIR/halfgame/run.json is damaged: it does not say what network has learned tic-tac-toe

            play tic-tac-toe --agent DIR/brokengame
            adjoint play: DIR/brokengame/run.json is damaged: it is no record of a training

            play connect-four --agent DIR/largegame
            adjoint play: DIR/largegame: a network of 60,399,861,198 parameters MEMORY

            play cart-pole --agent DIR/wronggame
            adjoint play: DIR/wronggame/run.json is damaged: convolutions look at planes [H, W, C], and an observation has the shape [4]: leave them out

            play cart-pole --agent DIR/deepgame
            adjoint play: DIR/deepgame/run.json is damaged: it does not say what network has learned cart-pole

            play cart-pole --agent DIR/numbergame
            adjoint play: DIR/numbergame/run.json is damaged: it is no record of a training

            play cart-pole --agent DIR/widegame
            adjoint play: DIR/widegame/best.safetensors does not fit the parameters: 0 tensors fit; 12 missing from the file (actor.layers.1.weight, actor.layers.1.bias, actor.layers.3.weight, actor.layers.3.bias, actor.layers.5.weight, actor.layers.5.bias, critic.layers.1.weight, critic.layers.1.bias and 4 more); 4 in the file only (body.head.bias, body.head.weight, scale.deviation, scale.mean). Nothing was loaded

            play connect-four --level 0
            adjoint play: --level needs random, solver or a number from 1 to 12, got '0'

            play connect-four --level expert
            adjoint play: --level needs random, solver or a number from 1 to 12, got 'expert'

            play othello-6x6 --level solver
            adjoint play: othello-6x6 has no solver: name a number of moves to look ahead

            play connect-four --games 3 --level 1 --level 2
            adjoint play: --games needs an even number, so that each begins half of them, got 3

            play connect-four --games 2
            adjoint play: --games is for two players without you: name both with --agent or --level

            play connect-four --level 1 --level 2 --level 3
            adjoint play: two can play connect-four, and 3 were named

            play connect-four --simulations -1
            adjoint play: --simulations needs 0 to 100000, got -1

            play connect-four --level 1 --level 2 --games 2147483646
            adjoint play: --games needs 1 to 100000, got 2147483646

            play connect-four --level 1 --opening 3
            adjoint play: --opening is for several --games of two players without you

            play connect-four --level 1 --level 2 --games 2 --opening -1
            adjoint play: --opening needs 0 moves or more, got -1

            play tic-tac-toe --level 1 --level 2 --games 2 --opening 9
            adjoint play: after an opening of 9 moves tic-tac-toe is over: choose a shorter one

            generate DIR/nothing
            adjoint generate: DIR/nothing/run.json is damaged: it is no record of a training

            generate DIR/deep
            adjoint generate: DIR/deep/best.safetensors holds another network than DIR/deep/run.json says: gpt, 100,000 layers, 2 heads, width 8

            generate DIR/gone
            adjoint generate: there is no folder DIR/gone

            generate DIR/bare
            adjoint generate: DIR/bare is no training on a text: begin with adjoint train text FILE

            generate DIR/norun
            adjoint generate: DIR/norun holds no run: it has no run.json

            generate DIR/letters
            adjoint generate: DIR/letters/tokenizer.json does not belong to the network in DIR/letters: it has 9 tokens, the network 6; put back the one that was saved with it

            generate DIR/teller
            adjoint generate: DIR/teller tells classes and writes nothing: ask it with adjoint predict

            generate DIR/digits --prompt a
            adjoint generate: the character 'a' (U+0061) at position 0 has no token: the text that the tokens were made of does not hold it; leave it out, or train with byte pairs, which know every character

            generate DIR/digits --prompt @DIR/digits.txt
            adjoint generate: the character '@' (U+0040) at position 0 has no token: the text that the tokens were made of does not hold it; leave it out, or train with byte pairs, which know every character

            generate DIR/digits --temperature -1
            adjoint generate: drawing tokens needs a temperature of 0 or more, got -1.0

            generate DIR/digits --temperature 0 --top-k 3
            adjoint generate: --temperature 0 draws nothing: leave out --top-k, --top-p and --seed

            train DIR/letters.txt --steps 3
            adjoint train: there is no option --steps: it is one of adjoint train text and adjoint train game

            summary --run DIR/huge
            adjoint summary: DIR/huge: a network of 768,000,184,000,000 parameters MEMORY

            generate DIR/digits --top-p 2
            adjoint generate: drawing tokens needs a top p above 0, at most 1, got 2.0

            generate DIR/digits --beam 3 --greedy
            adjoint generate: --beam draws nothing: leave out --temperature, --greedy, --top-k, --top-p, --repetition-penalty and --seed

            generate DIR/digits --beam 3 --seed 1
            adjoint generate: --beam draws nothing: leave out --temperature, --greedy, --top-k, --top-p, --repetition-penalty and --seed

            generate DIR/digits --greedy --top-k 3
            adjoint generate: --greedy draws nothing: leave out --temperature, --top-k, --top-p and --seed

            generate DIR/digits --greedy --top-p 0.5
            adjoint generate: --greedy draws nothing: leave out --temperature, --top-k, --top-p and --seed

            generate DIR/digits --greedy --temperature 0.5
            adjoint generate: --greedy draws nothing: leave out --temperature, --top-k, --top-p and --seed

            evaluate DIR/digits --data DIR/gone.txt
            adjoint evaluate: there is no file DIR/gone.txt: if it has moved, say where with --data

            evaluate DIR/digits --data DIR/tiny.txt
            adjoint evaluate: DIR/tiny.txt: the character 'a' (U+0061) at position 0 has no token: the text that the tokens were made of does not hold it; leave it out, or train with byte pairs, which know every character

            evaluate DIR/digits --data DIR/short.txt
            adjoint evaluate: DIR/short.txt has 3 tokens: a window of 8 needs 9; test on a longer text with --data

            evaluate DIR/teller --data DIR/unseen.csv
            adjoint evaluate: DIR/unseen.csv, line 3: the label "advert" is none of the 2 classes ham, spam, and the training data has never seen it: correct it, or leave the line out

            evaluate DIR/placeless
            adjoint evaluate: DIR/placeless/run.json is damaged: it does not say what text it was trained on

            summary --run DIR/digits --hidden 3
            adjoint summary: --run takes the network of a training as it is: leave out --hidden

            predict DIR/digits hello
            adjoint predict: DIR/digits was trained to write: let it, with adjoint generate DIR/digits

            predict DIR/tellr hello
            adjoint predict: there is no folder or file DIR/tellr: if it is a text, name the training's folder first

            predict DIR/teller
            adjoint predict: no text was given: adjoint predict DIR/teller "some text"

            train labels
            adjoint train labels: no table was given: adjoint train labels FILE

            train labels DIR/gone.csv
            adjoint train labels: there is no file DIR/gone.csv

            train labels DIR/labels.csv --text-column message
            adjoint train labels: DIR/labels.csv has no column "message", only text, label

            train labels DIR/alike.csv
            adjoint train labels: DIR/alike.csv: the labels in label are all "ham", expected at least two classes: choose another column

            train labels DIR/labels.csv --test DIR/unseen.csv
            adjoint train labels: DIR/unseen.csv, line 3: the label "advert" is none of the 2 classes ham, spam, and the training data has never seen it: correct it, or leave the line out

            train labels DIR/halfquote.csv
            adjoint train labels: DIR/halfquote.csv, line 2: a cell starts with a quote that is never closed: close it, or double it

            train labels DIR/empty.csv
            adjoint train labels: DIR/empty.csv is empty: expected a table, one line for each text

            train labels DIR/labels.csv --model gpt
            adjoint train labels: Invalid value for option '--model': 'gpt' is none of bag, cnn, transformer

            lab list
            adjoint lab: 'list' is none of vanishing, cures, batch-norm, residual, deeper, chain-rule, all; without a name it lists them

            lab cures --depths 20
            adjoint lab: --depths are the networks of residual: leave it out

            lab residual --full --depths 20,21
            adjoint lab: --depths needs different numbers of the form 6n + 2, as 20,56, got 20,21

            lab chain-rule --out DIR/good.csv/x
            adjoint lab: --out DIR/good.csv/x: no folder can be made there

            train --hidden 1000000,1000000
            adjoint train: --hidden 1000000,1000000: a network of 1,000,004,000,001 parameters MEMORY; use smaller layers

            train --model vgg-19 --width 100
            adjoint train: --model vgg-19 --width 100: about 192,000 million weights MEMORY; use a smaller one

            summary --hidden 1000000,1000000
            adjoint summary: --hidden 1000000,1000000: a network of 1,000,004,000,001 parameters MEMORY; use smaller layers

            train digits --data DIR/folder
            adjoint train: digits are drawn, they have no --data: leave it out

            train digits --missing mean
            adjoint train: --missing is for csv only

            train digits --header yes
            adjoint train: --header is for csv only

            train csv DIR/good.csv --header maybe
            adjoint train: Invalid value for option '--header': 'maybe' is none of auto, yes, no

            train csv DIR/good.csv --separator ;;
            adjoint train: --separator needs one character or tab, got ';;'

            train csv DIR/good.csv --separator ;
            adjoint train: DIR/good.csv has one column, expected features and a target: give the character between them with --separator

            train csv DIR/good.csv --categorical 7
            adjoint train: DIR/good.csv has no column 7 (they count from 0), only column 0, column 1, column 2: if the first line names them, say --header yes

            train --overwrite --out=
            adjoint train: --out needs the name of a folder

            train mnist --data DIR/small
            adjoint train: DIR/small/train-images-idx3-ubyte.gz has pictures of 16 by 16 pixels, those of mnist have 28 by 28: is it another set?

            evaluate DIR/nulls
            adjoint evaluate: DIR/nulls/run.json is damaged: it does not say what network it was

            evaluate DIR/source
            adjoint evaluate: DIR/source/run.json is damaged: it does not say where the examples come from

            evaluate DIR/hidden
            adjoint evaluate: DIR/hidden/run.json is damaged: it does not say what network it was

            evaluate DIR/wide
            adjoint evaluate: DIR/wide/run.json is damaged: an input of [100000, 100000] is larger than can be

            evaluate DIR/nan
            adjoint evaluate: DIR/nan/best.safetensors: body.head.weight holds NaN or infinite numbers: the network gives no answers

            evaluate DIR/columns
            adjoint evaluate: DIR/columns no longer fits: the network was trained to tell c from b, a, now the file has c and a, b

            evaluate DIR/classes
            adjoint evaluate: DIR/classes no longer fits: the network was trained on the classes a, b, got x, y

            summary --run DIR/lost --hidden 5
            adjoint summary: --run takes the network of a training as it is: leave out --hidden

            summary --epochs 3
            adjoint summary: there is no option --epochs

            summary --run DIR/gone
            adjoint summary: there is no folder DIR/gone

            summary --hidden 1.5
            adjoint summary: --hidden needs sizes of 1 to 1000000 with commas between, such as 256,128, or 100x30 for 30 alike (at most 10000), or none; got '1.5'

            plan --batch 0
            adjoint plan: --batch needs 1 or more, got 0

            plan cats
            adjoint plan: 'cats' is none of digits, mnist, fashion-mnist, cifar-10, csv

            gradcheck extra
            adjoint gradcheck: there is no place for 'extra'

            info --threads none
            adjoint info: Invalid value for option '--threads': 'none' is no whole number
            """;
}
