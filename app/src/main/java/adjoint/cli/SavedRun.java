package adjoint.cli;

import adjoint.data.DataException;
import adjoint.io.SafeTensors;
import adjoint.nn.Init;
import adjoint.nn.Layer;
import adjoint.tensor.Parameter;
import adjoint.train.RunFolder;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A training that lies in a folder.
///
/// @param folder where it lies
/// @param facts what its record says of data and network
record SavedRun(Path folder, Facts facts) {
    /// Where trainings go that are not told where.
    static final Path RUNS = Path.of("runs");

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                    .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                    .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                    .build();

    /// The part of `run.json` that brings a network back.
    ///
    /// @param content what the table held, if it was one
    /// @param training how it was trained
    /// @param game none but in trainings in a game, which have nothing else of these
    record Facts(
            Material.Origin data,
            Network.Blueprint network,
            Material.Content content,
            Training training,
            GameBlueprint game) {
        /// How it was trained.
        record Training(int batch) {}

        Facts {
            content =
                    content == null || content.features() == null || content.target() == null
                            ? Material.Content.NONE
                            : content;
        }
    }

    /// The run in that folder, or the newest one.
    static SavedRun open(Optional<Path> folder) throws IOException {
        return open(folder(folder));
    }

    /// That folder, or that of the newest run.
    static Path folder(Optional<Path> asked) throws IOException {
        return folder(asked, "adjoint train digits");
    }

    /// That folder, or that of the newest run.
    ///
    /// @param start what to begin with where there is none
    static Path folder(Optional<Path> asked, String start) throws IOException {
        Path folder = asked.isPresent() ? asked.get() : newest(start);
        if (!Files.isDirectory(folder)) {
            throw new DataException(
                    Files.exists(folder)
                            ? folder + " is a file: name the folder that a training left"
                            : "there is no folder " + folder);
        }
        return folder;
    }

    /// The record in that folder.
    static Path record(Path folder) {
        Path file = folder.resolve(RunFolder.RECORD);
        if (!Files.isRegularFile(file)) {
            throw new DataException(folder + " holds no run: it has no " + RunFolder.RECORD);
        }
        return file;
    }

    private static SavedRun open(Path folder) throws IOException {
        Path file = record(folder);
        Facts facts = read(file, Facts.class);
        if (facts.game() != null) {
            throw new GameRun(folder, facts.game()).refusal();
        }
        if (facts.data() == null || facts.network() == null) {
            throw new DataException(file + " does not say what data and network it was: was it made by adjoint train?");
        }
        return new SavedRun(folder, facts);
    }

    /// What a record says.
    static <T> T read(Path file, Class<T> facts) throws IOException {
        try {
            T read = JSON.readValue(Files.readString(file), facts);
            if (read == null) {
                throw new DataException(file + " is damaged: it is no record of a training");
            }
            return read;
        } catch (JacksonException | CharacterCodingException e) {
            String why = e.getCause() instanceof DataException d ? d.getMessage() : "it is no record of a training";
            throw new DataException(file + " is damaged: " + why, e);
        }
    }

    /// The network with its weights.
    ///
    /// @param last those of the last epoch instead of the best one
    Network network(boolean last) throws IOException {
        requireRoom();
        Path weights = folder.resolve(last ? RunFolder.LAST : RunFolder.BEST);
        SafeTensors saved = SafeTensors.read(weights); // before any weight is drawn
        return loaded(facts.network().build(Init.blank()), saved, weights);
    }

    /// Refuses a network that does not fit into memory, before it is made.
    void requireRoom() {
        requireRoom(folder, facts.network().refusal(Machine.memory(), Runtime.getRuntime().maxMemory()));
    }

    /// @param refusal why there is no room, if there is none
    static void requireRoom(Path folder, Optional<String> refusal) {
        refusal.ifPresent(why -> {
            throw new DataException(folder + ": " + why);
        });
    }

    /// A network with these weights.
    static <L extends Layer> L loaded(L network, SafeTensors saved, Path weights) throws IOException {
        saved.load(network.parameters());
        requireFinite(weights, network.parameters());
        return network;
    }

    /// Refuses weights by which no network gives answers.
    static void requireFinite(Path weights, Map<String, Parameter> parameters) {
        parameters.forEach((name, p) -> {
            if (!allFinite(p.value().toFloats())) {
                throw new DataException(
                        weights + ": " + name + " holds NaN or infinite numbers: the network gives no answers");
            }
        });
    }

    /// Whether a network gives answers by its weights.
    static boolean isFinite(Map<String, Parameter> parameters) {
        return parameters.values().stream().allMatch(p -> allFinite(p.value().toFloats()));
    }

    private static boolean allFinite(float[] values) {
        for (float x : values) {
            if (!Float.isFinite(x)) {
                return false;
            }
        }
        return true;
    }

    /// The run that was written last.
    private static Path newest(String start) throws IOException {
        if (Files.isDirectory(RUNS)) {
            try (Stream<Path> all = Files.list(RUNS)) {
                Optional<Path> newest =
                        all.filter(p -> Files.isRegularFile(p.resolve(RunFolder.RECORD)))
                                .max(Comparator.comparing(SavedRun::time));
                if (newest.isPresent()) {
                    return newest.get();
                }
            }
        }
        throw new DataException("there is no run in the folder " + RUNS + " yet: start with " + start);
    }

    private static FileTime time(Path run) {
        try {
            return Files.getLastModifiedTime(run.resolve(RunFolder.RECORD));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What trainings on that file are called: `iris` for `data/iris.csv`.
    static String title(Path file) {
        String name = file.getFileName() == null ? "" : file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    /// The number of the last training of that title, 0 if there is none.
    static int last(String title) throws IOException {
        if (!Files.isDirectory(RUNS)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(RUNS)) {
            return all.map(p -> p.getFileName().toString())
                    .filter(n -> n.startsWith(title + "-") && n.substring(title.length() + 1).matches("\\d{1,8}"))
                    .mapToInt(n -> Integer.parseInt(n.substring(title.length() + 1)))
                    .max()
                    .orElse(0);
        }
    }
}
