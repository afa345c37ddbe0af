package io.sparkqa.window;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Checksum;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads a tokenizer.json, or makes one from the vocab.json and merges.txt of older models. */
public final class TokenizerJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String TOKENIZER = "tokenizer.json";
    private static final String VOCABULARY = "vocab.json";
    private static final String MERGES = "merges.txt";

    /** Largest file of a tokenizer; RoBERTa's has 2 MB. */
    private static final long MAX_FILE_BYTES = 256L << 20;

    private TokenizerJson() {}

    /**
     * Returns the bytes of a tokenizer.json. The same files always give the same bytes, so a digest identifies the tokenizer.
     * The folder's {@code tokenizer_config.json}, {@code added_tokens.json} and {@code special_tokens_map.json} are applied
     * as in HuggingFace's {@code RobertaTokenizerFast}.
     *
     * @param fileOrFolder a tokenizer.json, or the folder of a model
     * @throws UserError if there is no tokenizer, or it is not a RoBERTa tokenizer
     */
    public static byte[] read(Path fileOrFolder) {
        if (Files.isRegularFile(fileOrFolder)) {
            return bytes(fileOrFolder);
        }
        Path file = fileOrFolder.resolve(TOKENIZER);
        byte[] json = Files.isRegularFile(file) ? bytes(file) : build(fileOrFolder);
        return TokenizerSettings.of(fileOrFolder).appliedTo(json, source(fileOrFolder));
    }

    /** Returns the name of the file that {@link #read} reads, for error messages. */
    public static String source(Path fileOrFolder) {
        if (Files.isRegularFile(fileOrFolder)) {
            return fileOrFolder.toString();
        }
        Path file = fileOrFolder.resolve(TOKENIZER);
        return Files.isRegularFile(file) ? file.toString() : fileOrFolder.resolve(VOCABULARY) + " with " + MERGES;
    }

    /** Returns the hexadecimal digest of a tokenizer's bytes. */
    public static String sha256(byte[] json) {
        return Checksum.sha256().add(json).hex();
    }

    /** Returns a JSON file's content, which must be an object. */
    static ObjectNode object(byte[] json, String source) {
        try {
            if (JSON.readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (IOException e) {
            throw new UserError(
                    "%s: not JSON: %s; fetch or copy it again".formatted(source, Printable.of(e.getMessage())), e);
        }
        throw new UserError("%s: not a JSON object; fetch or copy it again".formatted(source));
    }

    /** Returns the bytes of a JSON object. */
    static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the bytes of a file of at most {@link #MAX_FILE_BYTES}. */
    static byte[] bytes(Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new UserError(
                        "%s: has more than %s MB, so it is not a tokenizer; set model.tokenizer to another folder"
                                .formatted(file, MAX_FILE_BYTES >> 20));
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(file, Reason.of(e)), e);
        }
    }

    private static byte[] build(Path folder) {
        Path vocab = folder.resolve(VOCABULARY);
        Path merges = folder.resolve(MERGES);
        if (!Files.isRegularFile(vocab) || !Files.isRegularFile(merges)) {
            throw new UserError(
                    "%s: has neither tokenizer.json nor vocab.json with merges.txt; set model.tokenizer to a folder that has them"
                            .formatted(folder));
        }
        Map<String, Integer> ids = new LinkedHashMap<>();
        object(bytes(vocab), vocab.toString()).fields().forEachRemaining(token -> {
            if (!token.getValue().isInt()) {
                throw new UserError("%s: the id of \"%s\" is %s, not a whole number; fetch or copy the file again"
                        .formatted(
                                vocab,
                                Printable.of(token.getKey()),
                                Printable.of(token.getValue().toString())));
            }
            ids.put(token.getKey(), token.getValue().intValue());
        });
        for (String token : List.of("<s>", "</s>")) {
            if (!ids.containsKey(token)) {
                throw Vocabulary.withoutToken(token, vocab.toString());
            }
        }
        return of(
                ids,
                lines(merges)
                        .filter(line -> !line.isBlank() && !line.startsWith("#version"))
                        .toList());
    }

    private static Stream<String> lines(Path file) {
        return new String(bytes(file), StandardCharsets.UTF_8).lines();
    }

    /**
     * Returns the bytes of a RoBERTa tokenizer.json.
     *
     * @param ids the id of every token, including RoBERTa's special tokens
     * @param merges pairs as "left right", in the order in which they are applied
     */
    public static byte[] of(Map<String, Integer> ids, List<String> merges) {
        ObjectNode json = JSON.createObjectNode();
        json.put("version", "1.0");
        json.putNull("truncation");
        json.putNull("padding");
        ArrayNode added = json.putArray("added_tokens");
        for (String token : List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>")) {
            if (ids.containsKey(token)) {
                addSpecial(added, token, ids.get(token));
            }
        }
        json.putNull("normalizer");
        json.set("pre_tokenizer", byteLevel());
        ObjectNode template = json.putObject("post_processor");
        template.put("type", "RobertaProcessing");
        template.putArray("sep").add("</s>").add(ids.get("</s>"));
        template.putArray("cls").add("<s>").add(ids.get("<s>"));
        template.put("trim_offsets", true);
        template.put("add_prefix_space", false);
        json.set("decoder", byteLevel());
        ObjectNode model = json.putObject("model");
        model.put("type", "BPE");
        model.putNull("dropout");
        model.putNull("unk_token");
        model.put("continuing_subword_prefix", "");
        model.put("end_of_word_suffix", "");
        model.put("fuse_unk", false);
        model.set("vocab", JSON.valueToTree(ids));
        model.set("merges", JSON.valueToTree(merges));
        return bytes(json);
    }

    /** Adds a special token with the options of RoBERTa's tokenizer: {@code <mask>} includes the space before it. */
    private static void addSpecial(ArrayNode added, String token, int id) {
        boolean mask = token.equals("<mask>");
        added.addObject()
                .put("id", id)
                .put("content", token)
                .put("single_word", false)
                .put("lstrip", mask)
                .put("rstrip", false)
                .put("normalized", !mask)
                .put("special", true);
    }

    private static ObjectNode byteLevel() {
        return JSON.createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true);
    }
}
