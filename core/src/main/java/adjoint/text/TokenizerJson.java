package adjoint.text;

import adjoint.io.FormatException;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;

/// Tokenizers as JSON: those of characters in a form of our own, byte pairs as the `tokenizer.json` of Hugging Face's tokenizers. What
/// would give other ids than theirs is refused by name.
final class TokenizerJson {
    private static final String CHARACTERS = "characters";
    private static final int MOST = 10_000_000; // ids
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final Path file;

    private TokenizerJson(Path file) {
        this.file = file;
    }

    // ---------------------------------------------------------------- writing

    static byte[] of(CharacterTokenizer tokens) {
        ObjectNode root = JSON.createObjectNode();
        root.put(CHARACTERS, tokens.characters());
        return JSON.writeValueAsBytes(root);
    }

    static byte[] of(BytePairTokenizer tokenizer) {
        BytePairTokenizer.Parts parts = tokenizer.parts();
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        Map<Integer, String> contents = parts.contents();
        for (BytePairTokenizer.Added a : parts.added()) {
            added.addObject()
                    .put("id", a.id())
                    .put("content", a.content())
                    .put("single_word", false)
                    .put("lstrip", a.left())
                    .put("rstrip", a.right())
                    .put("normalized", a.normalized())
                    .put("special", a.special());
        }
        if (parts.nfc()) {
            root.putObject("normalizer").put("type", "NFC");
        } else {
            root.putNull("normalizer");
        }
        ArrayNode steps = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        parts.steps().forEach(s -> steps.add(of(s)));
        root.putObject("decoder")
                .put("type", "ByteLevel")
                .put("add_prefix_space", true)
                .put("trim_offsets", true)
                .put("use_regex", true);
        ObjectNode model = root.putObject("model");
        model.put("type", "BPE").put("ignore_merges", parts.wholeWords());
        parts.unknown().ifPresent(id -> model.put("unk_token", letters(parts, id)));
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < parts.pieces().size(); id++) {
            if (parts.pieces().get(id).isPresent()) {
                String content = contents.get(id); // added tokens stand there too: others would number them anew
                vocabulary.put(content == null ? letters(parts, id) : content, id);
            }
        }
        ArrayNode merges = model.putArray("merges");
        for (Merges.Merge m : parts.merges().inOrder()) {
            merges.add(letters(parts, m.left()) + " " + letters(parts, m.right()));
        }
        return JSON.writeValueAsBytes(root);
    }

    private static String letters(BytePairTokenizer.Parts parts, int id) {
        return ByteLetters.of(parts.pieces().get(id).get());
    }

    private static ObjectNode of(PreTokenizer step) {
        ObjectNode node = JSON.createObjectNode();
        switch (step) {
            case PreTokenizer.ByteLevel b ->
                    node.put("type", "ByteLevel")
                            .put("add_prefix_space", b.prefixSpace())
                            .put("trim_offsets", true)
                            .put("use_regex", b.split());
            case PreTokenizer.Split s -> {
                node.put("type", "Split");
                node.putObject("pattern").put(s.regex() ? "Regex" : "String", s.pattern());
                node.put("behavior", "Isolated").put("invert", false);
            }
            case PreTokenizer.Digits d -> node.put("type", "Digits").put("individual_digits", d.each());
        }
        return node;
    }

    // ---------------------------------------------------------------- reading

    static Tokenizer read(Path file) throws IOException {
        return new TokenizerJson(file).tokenizer();
    }

    static BytePairTokenizer readPair(Path vocabulary, Path merges) throws IOException {
        JsonNode vocab = new TokenizerJson(vocabulary).parse();
        var in = new TokenizerJson(merges);
        List<String[]> pairs = new ArrayList<>();
        int number = 0;
        for (String line : Files.readString(merges, StandardCharsets.UTF_8).split("\n")) {
            number++;
            String text = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            if (text.isEmpty() || number == 1 && text.startsWith("#version")) {
                continue;
            }
            pairs.add(in.pair(text, "line " + number));
        }
        List<PreTokenizer> steps = List.of(new PreTokenizer.ByteLevel(false, true));
        List<Optional<byte[]>> pieces = new ArrayList<>();
        List<BytePairTokenizer.Added> added = new ArrayList<>();
        Map<String, Integer> ids = new TokenizerJson(vocabulary).vocabulary(vocab, pieces, Map.of());
        Integer end = ids.get("<|endoftext|>");
        if (end != null) {
            added.add(new BytePairTokenizer.Added(end, "<|endoftext|>", true, false, false, false));
        }
        return new BytePairTokenizer(
                new BytePairTokenizer.Parts(
                        pieces, in.merges(pairs, ids), steps, false, false, Optional.empty(), added));
    }

    private JsonNode parse() throws IOException {
        try {
            return JSON.readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new FormatException(file + " is no JSON, or is cut off: " + e.getOriginalMessage(), e);
        }
    }

    private Tokenizer tokenizer() throws IOException {
        JsonNode root = parse();
        if (root.path(CHARACTERS).isString()) {
            try {
                return CharacterTokenizer.ordered(root.path(CHARACTERS).stringValue());
            } catch (TokenException e) {
                throw new FormatException(file + ": " + e.getMessage(), e);
            }
        }
        JsonNode model = root.path("model");
        if (!model.path("vocab").isObject() || !model.path("merges").isArray()) {
            throw new FormatException(
                    file
                            + " holds no byte-level BPE: it needs an object model.vocab and a list model.merges; got a model of type "
                            + model.path("type").asString("none"));
        }
        require(model.path("type").asString("BPE").equals("BPE"), "model.type", model.path("type"), "BPE");
        require(!model.path("byte_fallback").asBoolean(false), "model.byte_fallback", true, false);
        require(!model.path("fuse_unk").asBoolean(false), "model.fuse_unk", true, false);
        require(model.path("dropout").asDouble(0) == 0, "model.dropout", model.path("dropout"), 0);
        for (String affix : List.of("continuing_subword_prefix", "end_of_word_suffix")) {
            require(model.path(affix).asString("").isEmpty(), "model." + affix, model.path(affix), "nothing");
        }
        List<Optional<byte[]>> pieces = new ArrayList<>();
        List<BytePairTokenizer.Added> added = added(root.path("added_tokens"));
        for (BytePairTokenizer.Added a : added) {
            put(pieces, a.id(), a.content().getBytes(StandardCharsets.UTF_8));
        }
        Map<String, Integer> ids = vocabulary(model.path("vocab"), pieces, BytePairTokenizer.Added.contents(added));
        Optional<Integer> unknown = Optional.empty();
        if (model.path("unk_token").isString()) {
            String token = model.path("unk_token").stringValue();
            if (!ids.containsKey(token)) {
                throw new FormatException(file + ": the unknown token '" + token + "' is not in model.vocab");
            }
            unknown = Optional.of(ids.get(token));
        }
        List<String[]> pairs = new ArrayList<>();
        for (JsonNode m : model.path("merges")) {
            String where = "merge " + pairs.size();
            boolean two = m.isArray() && m.size() == 2 && m.get(0).isString() && m.get(1).isString();
            pairs.add(
                    two ? new String[] {m.get(0).stringValue(), m.get(1).stringValue()} : pair(m.asString(""), where));
        }
        boolean whole = model.path("ignore_merges").asBoolean(false);
        return new BytePairTokenizer(
                new BytePairTokenizer.Parts(
                        pieces,
                        merges(pairs, ids),
                        steps(root.path("pre_tokenizer")),
                        nfc(root.path("normalizer")),
                        whole,
                        unknown,
                        added));
    }

    private void require(boolean condition, String what, Object got, Object expected) throws FormatException {
        if (!condition) {
            throw new FormatException(
                    file
                            + " holds a tokenizer that is not read here: "
                            + what
                            + " must be "
                            + expected
                            + ", got "
                            + got
                            + "; byte-level BPE, as of GPT-2 or Llama 3, is");
        }
    }

    private List<BytePairTokenizer.Added> added(JsonNode list) throws FormatException {
        List<BytePairTokenizer.Added> added = new ArrayList<>();
        for (JsonNode t : list) {
            String content = t.path("content").asString("");
            if (!t.path("id").canConvertToInt() || content.isEmpty()) {
                throw new FormatException(file + ": an added token needs an id and a content, got " + t);
            }
            require(!t.path("single_word").asBoolean(false), "single_word of '" + content + "'", true, false);
            added.add(
                    new BytePairTokenizer.Added(
                            t.path("id").intValue(),
                            content,
                            t.path("special").asBoolean(false),
                            t.path("normalized").asBoolean(false),
                            t.path("lstrip").asBoolean(false),
                            t.path("rstrip").asBoolean(false)));
        }
        return added;
    }

    private Map<String, Integer> vocabulary(
            JsonNode vocabulary, List<Optional<byte[]>> pieces, Map<Integer, String> added) throws FormatException {
        if (!vocabulary.isObject() || vocabulary.isEmpty()) {
            throw new FormatException(
                    file + ": a vocabulary is an object of tokens with their ids, got " + vocabulary.getNodeType());
        }
        Map<String, Integer> ids = new HashMap<>();
        for (Map.Entry<String, JsonNode> e : vocabulary.properties()) {
            if (!e.getValue().canConvertToInt()) {
                throw new FormatException(file + ": the id of '" + e.getKey() + "' is no integer: " + e.getValue());
            }
            int id = e.getValue().intValue();
            boolean whole = e.getKey().equals(added.get(id));
            byte[] bytes = whole ? null : ByteLetters.bytes(e.getKey());
            put(pieces, id, bytes == null ? e.getKey().getBytes(StandardCharsets.UTF_8) : bytes);
            ids.put(e.getKey(), id);
        }
        return ids;
    }

    private void put(List<Optional<byte[]>> pieces, int id, byte... bytes) throws FormatException {
        if (id < 0 || id >= MOST) {
            throw new FormatException(file + ": ids lie from 0 to " + (MOST - 1) + ", got " + id);
        }
        if (id >= pieces.size()) {
            pieces.addAll(Collections.nCopies(id + 1 - pieces.size(), Optional.empty()));
        }
        Optional<byte[]> before = pieces.get(id);
        if (before.isPresent() && !Arrays.equals(before.get(), bytes)) {
            throw new FormatException(
                    file
                            + ": two tokens have the id "
                            + id
                            + ", '"
                            + new String(before.get(), StandardCharsets.UTF_8)
                            + "' and '"
                            + new String(bytes, StandardCharsets.UTF_8)
                            + "'");
        }
        pieces.set(id, Optional.of(bytes));
    }

    private String[] pair(String text, String where) throws FormatException {
        String[] both = text.split(" ", -1);
        if (both.length != 2 || both[0].isEmpty() || both[1].isEmpty()) {
            throw new FormatException(
                    file + ", " + where + ": a merge is two tokens with one space between, got '" + text + "'");
        }
        return both;
    }

    private Merges merges(List<String[]> pairs, Map<String, Integer> ids) throws FormatException {
        List<Merges.Merge> merges = new ArrayList<>();
        for (String[] p : pairs) {
            Integer left = ids.get(p[0]);
            Integer right = ids.get(p[1]);
            Integer both = ids.get(p[0] + p[1]);
            if (left == null || right == null || both == null) {
                throw new FormatException(
                        file
                                + ": the merge '"
                                + p[0]
                                + " "
                                + p[1]
                                + "' needs '"
                                + (left == null ? p[0] : right == null ? p[1] : p[0] + p[1])
                                + "' in the vocabulary");
            }
            merges.add(new Merges.Merge(left, right, both));
        }
        return new Merges(merges);
    }

    private boolean nfc(JsonNode node) throws FormatException {
        if (node.isMissingNode() || node.isNull()) {
            return false;
        }
        boolean sequence = node.path("type").asString("").equals("Sequence");
        if (sequence && node.path("normalizers").isEmpty()) {
            return false;
        }
        JsonNode one = sequence && node.path("normalizers").size() == 1 ? node.path("normalizers").get(0) : node;
        require(one.path("type").asString("").equals("NFC"), "normalizer.type", one.path("type"), "NFC or nothing");
        return true;
    }

    private List<PreTokenizer> steps(JsonNode node) throws FormatException {
        List<PreTokenizer> steps = new ArrayList<>();
        addSteps(node, steps);
        boolean bytes = steps.stream().anyMatch(PreTokenizer.ByteLevel.class::isInstance);
        for (int i = 1; i < steps.size(); i++) {
            boolean behind = steps.get(i - 1) instanceof PreTokenizer.ByteLevel;
            require(!behind, "pre_tokenizer", "a step behind ByteLevel", "ByteLevel as the last step");
        }
        require(bytes, "pre_tokenizer", node.path("type").asString("nothing"), "ByteLevel, or a Sequence with it");
        return steps;
    }

    private void addSteps(JsonNode node, List<PreTokenizer> steps) throws FormatException {
        String type = node.path("type").asString("nothing");
        switch (type) {
            case "Sequence" -> {
                for (JsonNode inner : node.path("pretokenizers")) {
                    addSteps(inner, steps);
                }
            }
            case "ByteLevel" ->
                    steps.add(
                            new PreTokenizer.ByteLevel(
                                    node.path("add_prefix_space").asBoolean(true),
                                    node.path("use_regex").asBoolean(true)));
            case "Digits" -> steps.add(new PreTokenizer.Digits(node.path("individual_digits").asBoolean(false)));
            case "Split" -> {
                String behavior = node.path("behavior").asString("");
                require(behavior.equals("Isolated"), "pre_tokenizer.behavior", behavior, "Isolated");
                require(!node.path("invert").asBoolean(false), "pre_tokenizer.invert", true, false);
                JsonNode pattern = node.path("pattern");
                boolean regex = pattern.path("Regex").isString();
                try {
                    steps.add(new PreTokenizer.Split(pattern.path(regex ? "Regex" : "String").asString(""), regex));
                } catch (PatternSyntaxException e) {
                    throw new FormatException(file + ": a pattern that is not understood: " + e.getMessage(), e);
                }
            }
            default -> require(false, "pre_tokenizer.type", type, "Sequence, ByteLevel, Split or Digits");
        }
    }
}
