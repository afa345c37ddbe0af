package io.sparkqa.model;

import com.fasterxml.jackson.databind.node.TextNode;
import io.sparkqa.hub.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The model card of a fine-tuned model: README.md in its folder, with the metadata that the HuggingFace Hub reads at its
 * beginning. {@link CardScores} fills in the scores of an evaluation.
 *
 * @param name the model's name
 * @param start the model that it was fine-tuned from, in words
 * @param hubModel the Hub's name of that model, if it has one
 * @param license the Hub's name of the license
 * @param data the questions that it was trained on
 * @param decisive what decided the result: settings by key, and SHA-256 by {@code contents of} and an input's name
 */
public record ModelCard(
        String name,
        String start,
        Optional<String> hubModel,
        String license,
        List<DataSet> data,
        Map<String, String> decisive) {
    /** The Hub's name of a license that is not known. */
    public static final String UNKNOWN = "unknown";

    /** The beginning of a digest's key. */
    public static final String CONTENTS = "contents of ";

    /** The line of a card's metadata that gives the license. */
    private static final Pattern LICENSE = Pattern.compile("(?m)\\A---\\R(?:(?!---).*\\R)*?license: *[\"']?([\\w.-]+)");

    /**
     * A data set.
     *
     * @param inWords its name, file or address
     * @param hubName the Hub's name, if it is there
     */
    public record DataSet(String inWords, Optional<String> hubName) {}

    /** Returns the license that the card in a model's folder gives, or {@code unknown}. */
    public static String licenseOf(Path folder) {
        try {
            Path card = folder.resolve(ModelFiles.CARD);
            if (Files.isRegularFile(card)) {
                Matcher license = LICENSE.matcher(Files.readString(card));
                return license.find() ? license.group(1) : UNKNOWN;
            }
        } catch (IOException e) {
            // A card that is not a text in UTF-8 gives no license.
        }
        return UNKNOWN;
    }

    /** Writes the card into a model's folder; not atomic. */
    public void write(Path folder) throws IOException {
        RobertaConfig config = ModelFolder.config(folder);
        Files.writeString(folder.resolve(ModelFiles.CARD), metadata(config) + text());
    }

    private String metadata(RobertaConfig config) {
        List<String> lines = new ArrayList<>(List.of(
                "---",
                "license: " + license,
                "library_name: transformers",
                "pipeline_tag: question-answering",
                "tags: [question-answering, spark-qa, " + config.modelType() + "]"));
        hubModel.ifPresent(model -> lines.add("base_model: " + model));
        List<String> hub =
                data.stream().flatMap(set -> set.hubName().stream()).distinct().toList();
        if (!hub.isEmpty()) {
            lines.add("datasets: [" + String.join(", ", hub) + "]");
        }
        lines.add("metrics: [exact_match, f1]");
        lines.add("---\n");
        return String.join("\n", lines);
    }

    private String text() {
        Map<String, String> settings = new TreeMap<>(decisive);
        settings.keySet().removeIf(key -> key.startsWith(CONTENTS));
        Map<String, String> digests = new TreeMap<>();
        decisive.forEach((key, value) -> {
            if (key.startsWith(CONTENTS)) {
                digests.put(key.substring(CONTENTS.length()), value);
            }
        });
        return """

                # %s

                This model finds the answer to a question in a text, or says that the text does not answer it. It was
                fine-tuned with spark-qa from %s%s.

                ## Scores

                %s

                ## Use

                Python, for texts that fit into one window:

                ```python
                import torch
                from transformers import AutoModelForQuestionAnswering, AutoTokenizer

                tokenizer = AutoTokenizer.from_pretrained("path/of/this/folder")
                model = AutoModelForQuestionAnswering.from_pretrained("path/of/this/folder")
                inputs = tokenizer("When was the mill built?", "The mill was built in 1702.", return_tensors="pt")
                with torch.no_grad():
                    output = model(**inputs)
                start, end = output.start_logits.argmax(), output.end_logits.argmax()
                print(tokenizer.decode(inputs["input_ids"][0, start : end + 1]))  # the first token alone: no answer
                ```

                Java, with spark-qa, for texts of any length:

                ```java
                QuestionAnswerer.Settings settings = QuestionAnswerer.Settings.of(ExperimentReader.of(Map.of()));
                try (QuestionAnswerer answerer = QuestionAnswerer.open(Path.of("path/of/this/folder"), settings)) {
                    System.out.println(answerer.answer("When was the mill built?", "The mill was built in 1702.").text());
                }
                ```

                Spark ML, with spark-qa, for a table with the columns question and context:

                ```java
                new RobertaQuestionAnsweringModel().setModelFolder("path/of/this/folder").transform(table);
                ```

                ## Training

                | setting | value |
                | --- | --- |
                %s
                | input | SHA-256 |
                | --- | --- |
                %s"""
                .formatted(name, start, on(), CardScores.NONE, rows(settings), rows(digests));
    }

    private String on() {
        List<String> sets = data.stream()
                .map(DataSet::inWords)
                .filter(set -> !set.isEmpty())
                .toList();
        return sets.isEmpty() ? "" : " on " + String.join(", ", sets);
    }

    private static String rows(Map<String, String> values) {
        StringBuilder rows = new StringBuilder();
        values.forEach(
                (name, value) -> rows.append(String.format(Locale.ROOT, "| %s | %s |\n", cell(name), cell(value))));
        return rows.toString();
    }

    private static String cell(String text) {
        return text.replaceAll("[|\\p{Cntrl}]", " ");
    }

    /** Returns a text as a quoted string of YAML. */
    static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }
}
