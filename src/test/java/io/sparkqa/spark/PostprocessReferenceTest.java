package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.Difference;
import io.sparkqa.References;
import io.sparkqa.config.Experiment.Duplicates;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.TopLogits;
import io.sparkqa.squad.Example;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.QuestionTooLong;
import io.sparkqa.window.Window;
import io.sparkqa.window.Windower;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Compares answers with those that {@code postprocess_qa_predictions} finds in the same logits. */
@Tag("reference")
class PostprocessReferenceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Prediction> PREDICTIONS = new LinkedHashMap<>();

    /** The predictions with each span listed once. */
    private static final Map<String, Prediction> MERGED = new LinkedHashMap<>();

    private static Path folder;

    /** Decodes once. It runs before each test so that each test is reported as skipped where the references are missing. */
    @BeforeEach
    void decodeTheReferencesLogits() throws IOException, QuestionTooLong {
        folder = References.reference("postprocess");
        if (!PREDICTIONS.isEmpty()) {
            return;
        }
        JsonNode index = read("index.json");
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("logits.bin")));
        Map<String, List<TopLogits>> top = new HashMap<>();
        Map<String, String> contexts = new HashMap<>();
        SpanDecoder decoder = new SpanDecoder(
                index.get("n_best_size").asInt(), index.get("max_answer_length").asInt(), Duplicates.KEEP);
        Map<String, List<Window>> windows = windows(index, contexts);
        for (JsonNode feature : index.get("features")) {
            String id = feature.get("example_id").asText();
            Window window = windows.get(id).get(feature.get("window").asInt());
            assertThat(window.inputIds()).as(id).hasSize(feature.get("length").asInt());
            top.computeIfAbsent(id, any -> new ArrayList<>())
                    .add(decoder.top(
                            window,
                            logits(bytes, index.get("start_logits_byte_offset").asInt(), feature),
                            logits(bytes, index.get("end_logits_byte_offset").asInt(), feature)));
        }
        SpanDecoder merging = new SpanDecoder(
                index.get("n_best_size").asInt(), index.get("max_answer_length").asInt(), Duplicates.MERGE);
        contexts.forEach((id, context) -> {
            PREDICTIONS.put(id, decoder.predict(top.get(id), context));
            MERGED.put(id, merging.predict(top.get(id), context));
        });
    }

    private static Map<String, List<Window>> windows(JsonNode index, Map<String, String> contexts)
            throws IOException, QuestionTooLong {
        Map<String, List<Window>> windows = new HashMap<>();
        try (PairTokenizer tokenizer = PairTokenizer.open(References.reference("roberta-base-tokenizer"))) {
            Windower windower = new Windower(
                    tokenizer,
                    index.get("max_length").asInt(),
                    index.get("stride").asInt());
            for (JsonNode article : read("examples.json").get("data")) {
                for (JsonNode paragraph : article.get("paragraphs")) {
                    String context = paragraph.get("context").asText();
                    for (JsonNode qa : paragraph.get("qas")) {
                        String id = qa.get("id").asText();
                        contexts.put(id, context);
                        windows.put(
                                id,
                                windower.windows(new Example(
                                        windows.size(),
                                        id,
                                        "",
                                        context,
                                        qa.get("question").asText(),
                                        List.of(),
                                        true)));
                    }
                }
            }
        }
        return windows;
    }

    private static float[] logits(ByteBuffer bytes, int byteOffset, JsonNode feature) {
        FloatBuffer all = bytes.duplicate()
                .order(ByteOrder.LITTLE_ENDIAN)
                .position(byteOffset)
                .asFloatBuffer();
        float[] logits = new float[feature.get("length").asInt()];
        all.position(feature.get("offset").asInt()).get(logits);
        return logits;
    }

    private static JsonNode read(String file) throws IOException {
        return JSON.readTree(folder.resolve(file).toFile());
    }

    @Test
    void nBestListsAreTheReferences() throws IOException {
        try (Difference logits = new Difference("n-best logits", 0);
                Difference probabilities = new Difference("n-best probabilities", 1e-6)) {
            for (Map.Entry<String, JsonNode> expected : read("nbest.json").properties()) {
                List<Candidate> actual = PREDICTIONS.get(expected.getKey()).nBest();
                assertThat(actual.stream().map(Candidate::text).toList())
                        .as(expected.getKey())
                        .isEqualTo(expected.getValue().findValuesAsText("text"));
                for (int i = 0; i < actual.size(); i++) {
                    JsonNode candidate = expected.getValue().get(i);
                    logits.absolute(
                            actual.get(i).startLogit(),
                            candidate.get("start_logit").asDouble());
                    logits.absolute(
                            actual.get(i).endLogit(), candidate.get("end_logit").asDouble());
                    probabilities.absolute(
                            actual.get(i).probability(),
                            candidate.get("probability").asDouble());
                }
            }
        }
    }

    @Test
    void nullOddsAreTheReferences() throws IOException {
        try (Difference odds = new Difference("null odds", 0)) {
            read("null_odds.json")
                    .properties()
                    .forEach(expected -> odds.absolute(
                            PREDICTIONS.get(expected.getKey()).nullOdds(),
                            expected.getValue().asDouble()));
        }
    }

    @Test
    void listingEachSpanOnceChangesNoTextAndNoOdds() {
        assertThat(MERGED.values().stream().map(Prediction::text))
                .containsExactlyElementsOf(
                        PREDICTIONS.values().stream().map(Prediction::text).toList());
        assertThat(MERGED.values().stream().map(Prediction::nullOdds))
                .containsExactlyElementsOf(
                        PREDICTIONS.values().stream().map(Prediction::nullOdds).toList());
    }

    @Test
    void textsAtEveryThresholdAreTheReferences() throws IOException {
        List<Path> files = References.list(folder, "predictions-threshold");
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            double threshold =
                    Double.parseDouble(file.getFileName().toString().replaceAll("predictions-threshold|\\.json", ""));
            Map<String, String> actual = new LinkedHashMap<>();
            PREDICTIONS.forEach((id, prediction) -> actual.put(id, prediction.at(threshold)));
            assertThat(actual).as(file.toString()).isEqualTo(JSON.readValue(file.toFile(), Map.class));
        }
    }
}
