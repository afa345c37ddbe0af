package io.sparkqa.window;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Checksum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a tokenizer.json, or makes one from vocab.json and merges.txt, which is all that older models have. */
public final class TokenizerJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerJson() {}

    /**
     * Returns the bytes of a tokenizer.json. The same files always give the same bytes, so a digest identifies the tokenizer.
     *
     * @param fileOrFolder a tokenizer.json, or the folder of a model
     * @throws UserError if there is no tokenizer
     */
    public static byte[] read(Path fileOrFolder) {
        Path file = Files.isDirectory(fileOrFolder) ? fileOrFolder.resolve("tokenizer.json") : fileOrFolder;
        Path vocab = file.resolveSibling("vocab.json");
        Path merges = file.resolveSibling("merges.txt");
        try {
            if (Files.isRegularFile(file)) {
                return Files.readAllBytes(file);
            }
            if (Files.isDirectory(fileOrFolder) && Files.isRegularFile(vocab) && Files.isRegularFile(merges)) {
                return build(vocab, merges);
            }
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(file, e.getMessage()), e);
        }
        throw new UserError(
                "%s: no tokenizer.json there, nor vocab.json with merges.txt; set model.tokenizer to a folder that has them"
                        .formatted(fileOrFolder));
    }

    /** Returns the hexadecimal digest of a tokenizer's bytes. */
    public static String sha256(byte[] json) {
        return Checksum.sha256().add(json).hex();
    }

    private static byte[] build(Path vocab, Path merges) throws IOException {
        Map<String, Integer> ids =
                JSON.readValue(vocab.toFile(), new TypeReference<LinkedHashMap<String, Integer>>() {});
        return of(
                ids,
                Files.readAllLines(merges).stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("#version"))
                        .toList());
    }

    /**
     * Returns the bytes of a tokenizer.json of RoBERTa's kind.
     *
     * @param ids the id of every token, RoBERTa's special tokens included
     * @param merges pairs as "left right", in the order in which they are applied
     */
    private static byte[] of(Map<String, Integer> ids, List<String> merges) throws IOException {
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
        return JSON.writeValueAsBytes(json);
    }

    /** Adds a special token as RoBERTa's tokenizer has it: {@code <mask>} includes the space before it. */
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
