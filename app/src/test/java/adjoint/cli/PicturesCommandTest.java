package adjoint.cli;

import static adjoint.cli.Cli.adjoint;
import static adjoint.cli.Cli.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;

/// Networks for pictures as a user would call them, on a few small ones in MNIST's layout.
class PicturesCommandTest {
    @TempDir private Path dir;

    // Each class has a bright bar at a height of its own.
    private void pictures() throws IOException {
        write("train", 100);
        write("t10k", 50);
    }

    private void write(String part, int n) throws IOException {
        var random = new Random(n);
        byte[] pixels = new byte[n * 28 * 28];
        byte[] labels = new byte[n];
        for (int i = 0; i < pixels.length; i++) {
            int label = i / (28 * 28) % 10;
            int row = i / 28 % 28;
            labels[i / (28 * 28)] = (byte) label;
            pixels[i] = (byte) (random.nextInt(40) + (row / 2 == label + 1 ? 200 : 0));
        }
        Files.write(dir.resolve(part + "-images-idx3-ubyte"), idx(pixels, 0x803, n, 28, 28));
        Files.write(dir.resolve(part + "-labels-idx1-ubyte"), idx(labels, 0x801, n));
    }

    private static byte[] idx(byte[] content, int... head) {
        ByteBuffer file = ByteBuffer.allocate(4 * head.length + content.length);
        IntStream.of(head).forEach(file::putInt);
        return file.put(content).array();
    }

    @Test
    void epochsAreTestedOnPlainPicturesAndTheSavedNetworkAnswersByViews() throws IOException {
        pictures();
        String run = dir.resolve("run").toString();
        JsonNode trained =
                json(
                        adjoint(
                                "train",
                                "mnist",
                                "--data",
                                dir.toString(),
                                "--model",
                                "airbench",
                                "--width",
                                "0.125",
                                "--optimizer",
                                "nesterov",
                                "--momentum",
                                "0.85",
                                "--rate",
                                "0.1",
                                "--batch",
                                "20",
                                "--epochs",
                                "6",
                                "--augment",
                                "shift:1",
                                "--label-smoothing",
                                "0.2",
                                "--views",
                                "moved",
                                "--doctor",
                                "--json",
                                "--out",
                                run));
        assertThat(trained.get("test.accuracy").asDouble()).isGreaterThan(0.5);
        JsonNode views = trained.get("views");
        assertThat(views.get("test.loss").asDouble()).isNotEqualTo(trained.get("test.loss").asDouble());
        JsonNode again = json(adjoint("evaluate", run, "--json"));
        assertThat(again.get("test.loss").asDouble()).isEqualTo(views.get("test.loss").asDouble());
        assertThat(adjoint("summary", "--run", run)).contains("Airbench");
    }

    @Test
    void everyModelTrains() throws IOException {
        pictures();
        for (String model : new String[] {"lenet", "resnet-8", "plain-8", "vgg-11", "mobilenet"}) {
            JsonNode trained =
                    json(
                            adjoint(
                                    "train",
                                    "mnist",
                                    "--data",
                                    dir.toString(),
                                    "--model",
                                    model,
                                    "--width",
                                    "0.25",
                                    "--batch",
                                    "20",
                                    "--epochs",
                                    "4",
                                    "--json",
                                    "--out",
                                    dir.resolve(model).toString()));
            assertThat(trained.get("train.loss").asDouble()).as(model).isLessThan(2.3);
        }
    }
}
