package io.sparkqa.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The files of a HuggingFace model: configuration, tokenizer, and weights as safetensors in one file or in shards. */
public final class ModelFiles {
    public static final String CONFIG = "config.json";
    public static final String WEIGHTS = "model.safetensors";
    /** The model card. */
    public static final String CARD = "README.md";

    private static final String INDEX = "model.safetensors.index.json";
    private static final String SHARD = "model-\\d+-of-\\d+\\.safetensors";
    private static final String PICKLE = ".*\\.(bin|pt|pth|ckpt|h5|msgpack|ot)";

    /** The files that a tokenizer may consist of. */
    public static final List<String> TOKENIZER = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "vocab.txt",
            "sentencepiece.bpe.model");

    private ModelFiles() {}

    /**
     * Chooses the files to fetch from all files of a repository.
     *
     * @param whole true for all files, false for configuration and tokenizer only
     * @throws UserError if a needed file is missing
     */
    static List<String> choose(String source, Collection<String> names, boolean whole) {
        List<String> chosen =
                new ArrayList<>(names.stream().filter(TOKENIZER::contains).toList());
        if (names.contains(CONFIG)) {
            chosen.add(CONFIG);
        }
        if (whole && names.contains(CARD)) {
            chosen.add(CARD);
        }
        if (whole && names.contains(WEIGHTS)) {
            chosen.add(WEIGHTS);
        } else if (whole && names.contains(INDEX)) {
            chosen.add(INDEX);
            names.stream().filter(name -> name.matches(SHARD)).forEach(chosen::add);
        } else if (whole) {
            throw withoutWeights(source, names);
        }
        String lacking = lacking(names, whole);
        if (!lacking.isEmpty()) {
            throw new UserError("%s has no %s; choose a RoBERTa, XLM-RoBERTa or CamemBERT model that has it"
                    .formatted(source, lacking));
        }
        return chosen;
    }

    /** Returns in words which file a model's folder lacks; empty if it is complete. */
    static String lacking(Path folder, boolean whole) {
        Set<String> names = names(folder);
        String lacking = lacking(names, whole);
        if (!lacking.isEmpty() || !whole) {
            return lacking;
        }
        if (!names.contains(WEIGHTS) && !names.contains(INDEX)) {
            return WEIGHTS;
        }
        return weights(folder).stream()
                .filter(file -> !Files.isRegularFile(file))
                .map(file -> file.getFileName().toString())
                .findFirst()
                .orElse("");
    }

    private static String lacking(Collection<String> names, boolean whole) {
        boolean tokenizer =
                names.contains("tokenizer.json") || (names.contains("vocab.json") && names.contains("merges.txt"));
        return whole && !names.contains(CONFIG)
                ? CONFIG
                : tokenizer ? "" : "tokenizer.json, nor vocab.json with merges.txt";
    }

    /**
     * Returns the files with a model's weights: a single file, or all shards that the index names, whether they exist or not.
     *
     * @throws UserError if the folder has neither, or if the index is unusable
     */
    public static List<Path> weights(Path folder) {
        if (Files.isRegularFile(folder.resolve(WEIGHTS))) {
            return List.of(folder.resolve(WEIGHTS));
        }
        Path index = folder.resolve(INDEX);
        if (!Files.isRegularFile(index)) {
            throw withoutWeights(folder.toString(), names(folder));
        }
        try {
            Set<String> shards = new TreeSet<>();
            for (JsonNode shard : new ObjectMapper().readTree(index.toFile()).path("weight_map")) {
                shards.add(SafeName.part(shard.asText(), "a shard", index.toString()));
            }
            if (shards.isEmpty()) {
                throw new UserError(index + ": lacks the weight_map, which names the shards; fetch the model again");
            }
            return shards.stream().map(folder::resolve).toList();
        } catch (IOException e) {
            throw new UserError(
                    "%s: can't be read as JSON: %s; fetch the model again".formatted(index, e.getMessage()), e);
        }
    }

    private static Set<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return new TreeSet<>(files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList());
        } catch (IOException e) {
            throw new UserError("%s: can't be listed: %s".formatted(folder, Reason.of(e)), e);
        }
    }

    private static UserError withoutWeights(String source, Collection<String> names) {
        List<String> pickles =
                names.stream().filter(name -> name.matches(PICKLE)).sorted().toList();
        if (pickles.isEmpty()) {
            return new UserError(
                    "%s has no %s, nor shards with an index; fetch the model again, or set model.config for a random start"
                            .formatted(source, WEIGHTS));
        }
        return new UserError(
                ("%s has its weights only as %s. A pickle can run any code when it is loaded, so spark-qa never loads one. Many such models have"
                                + " a revision with %s (of the Hub: see the page's \"Community\" tab, and name it as org/name@refs/pr/1);"
                                + " or load and save the model once in Python with save_pretrained(\"folder\","
                                + " safe_serialization=True), and set model.from = folder")
                        .formatted(source, pickles.get(0), WEIGHTS));
    }
}
