package io.sparkqa.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the files that SQuAD's official evaluation script reads, and only the fields that it reads. */
final class SquadFiles {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);

    private SquadFiles() {}

    /** Returns question id → texts of its answers, in the order of a SQuAD file. */
    static Map<String, List<String>> goldAnswers(Path file) {
        Map<String, List<String>> gold = new LinkedHashMap<>();
        for (Article article : read(file, new TypeReference<DataSet>() {}).data) {
            for (Paragraph paragraph : article.paragraphs) {
                for (Question question : paragraph.qas) {
                    gold.put(
                            question.id,
                            question.answers.stream().map(Answer::text).toList());
                }
            }
        }
        if (gold.isEmpty()) {
            throw new UserError(file + " holds no questions.");
        }
        return gold;
    }

    /** Returns question id → predicted text, in file order. */
    static Map<String, String> predictions(Path file) {
        return withoutNulls(file, read(file, new TypeReference<LinkedHashMap<String, String>>() {}));
    }

    /** Returns question id → probability or odds of having no answer, in file order. */
    static Map<String, Double> nullOdds(Path file) {
        return withoutNulls(file, read(file, new TypeReference<LinkedHashMap<String, Double>>() {}));
    }

    private static <T> Map<String, T> withoutNulls(Path file, Map<String, T> values) {
        values.forEach((id, value) -> {
            if (value == null) {
                throw new UserError(file + ": question " + id + " has null: put a value there.");
            }
        });
        return values;
    }

    private static <T> T read(Path file, TypeReference<T> shape) {
        if (!Files.isRegularFile(file)) {
            throw new UserError(file + " is not there, or not a file.");
        }
        try {
            return JSON.readValue(file.toFile(), shape);
        } catch (JsonMappingException e) {
            throw new UserError(
                    file + " has another shape than expected: " + e.getOriginalMessage() + " (at "
                            + e.getPathReference() + ").",
                    e);
        } catch (JsonProcessingException e) {
            throw new UserError(file + " is not JSON: " + e.getOriginalMessage() + ".", e);
        } catch (IOException e) {
            throw new UserError(file + " can't be read: " + e.getMessage(), e);
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record DataSet(@JsonProperty("data") List<Article> data) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Article(@JsonProperty("paragraphs") List<Paragraph> paragraphs) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Paragraph(@JsonProperty("qas") List<Question> qas) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Question(@JsonProperty("id") String id, @JsonProperty("answers") List<Answer> answers) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Answer(@JsonProperty("text") String text) {}
}
