package io.sparkqa.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkqa.config.Printable;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the files of SQuAD's official evaluation script, and only the fields that the script reads. */
final class SquadFiles {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .defaultSetterInfo(JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL))
            .build();

    private SquadFiles() {}

    /** Returns question id → texts of its answers, in the order of a SQuAD file. */
    static Map<String, List<String>> goldAnswers(Path file) {
        DataSet dataSet = read(
                file,
                new TypeReference<>() {},
                "a SQuAD data set: data, paragraphs, qas, each question with id and answers, each answer with text");
        Map<String, List<String>> gold = new LinkedHashMap<>();
        for (Article article : dataSet.data) {
            for (Paragraph paragraph : article.paragraphs) {
                for (Question question : paragraph.qas) {
                    gold.put(
                            question.id,
                            question.answers.stream().map(Answer::text).toList());
                }
            }
        }
        if (gold.isEmpty()) {
            throw new UserError(file + " has no questions; give a SQuAD data set");
        }
        return gold;
    }

    /** Returns question id → predicted text, in file order. */
    static Map<String, String> predictions(Path file) {
        return values(
                file,
                read(
                        file,
                        new TypeReference<LinkedHashMap<String, String>>() {},
                        "an object with a text for each question id"));
    }

    /** Returns question id → probability or odds of having no answer, in file order. */
    static Map<String, Double> nullOdds(Path file) {
        return values(
                file,
                read(
                        file,
                        new TypeReference<LinkedHashMap<String, Double>>() {},
                        "an object with a number for each question id"));
    }

    private static <T> Map<String, T> values(Path file, Map<String, T> values) {
        values.forEach((id, value) -> {
            if (value == null || value.equals(Double.NaN)) {
                throw new UserError("%s: question %s has %s; give it a value"
                        .formatted(file, Printable.of(id), value == null ? "null" : "no number"));
            }
        });
        return values;
    }

    private static <T> T read(Path file, TypeReference<T> type, String shape) {
        if (!Files.isRegularFile(file)) {
            throw new UserError("%s: no such file (working directory: %s)"
                    .formatted(file, Path.of("").toAbsolutePath()));
        }
        try {
            T value = JSON.readValue(file.toFile(), type);
            if (value == null) {
                throw new UserError("%s: holds null; it must be %s".formatted(file, shape));
            }
            return value;
        } catch (JsonMappingException e) {
            throw new UserError("%s: %s%s; the file must be %s".formatted(file, place(e), reason(e), shape), e);
        } catch (JsonProcessingException e) {
            throw new UserError("%s: not JSON: %s".formatted(file, Printable.of(e.getOriginalMessage())), e);
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(file, Reason.of(e)), e);
        }
    }

    /** Returns the reason without Jackson's message, which names Java types and quotes the whole value. */
    private static String reason(JsonMappingException problem) {
        if (problem.getOriginalMessage().startsWith("Missing ")) {
            return "missing";
        }
        return problem instanceof InvalidNullException ? "null instead of a value" : "a value of another type";
    }

    /** Returns where in the file the problem is: {@code data[0].paragraphs[2]: }; "" if it is in the file as a whole. */
    private static String place(JsonMappingException problem) {
        StringBuilder place = new StringBuilder();
        for (JsonMappingException.Reference step : problem.getPath()) {
            if (step.getFieldName() == null) {
                place.append('[').append(step.getIndex()).append(']');
            } else {
                place.append(place.length() == 0 ? "" : ".").append(Printable.of(step.getFieldName()));
            }
        }
        return place.length() == 0 ? "" : place + ": ";
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
