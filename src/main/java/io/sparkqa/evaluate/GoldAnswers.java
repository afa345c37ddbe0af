package io.sparkqa.evaluate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.squad.Example;
import io.sparkqa.squad.QuestionReader;
import io.sparkqa.squad.QuestionScan;
import io.sparkqa.squad.QuestionSlice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the answers that people gave. SQuAD's JSON is read as the official script reads it, which needs neither contexts nor
 * questions; flat JSON, JSON lines and MRQA are read as the stages read them.
 */
final class GoldAnswers {
    private static final JsonFactory JSON = new JsonFactory();

    private GoldAnswers() {}

    /**
     * Returns question id → texts of its answers, in the order of the file.
     *
     * @throws UserError if the file has another format, or a question whose answers are not known
     */
    static Map<String, List<String>> read(Path file) {
        if (file.toString().endsWith(".parquet")) {
            throw new UserError(
                    "%s: Parquet is read by the stages, and not by the official command line; set it as data.dev, and run preprocess, decode and evaluate with a configuration file"
                            .formatted(file));
        }
        return isRecords(file) ? records(file) : SquadFiles.goldAnswers(file);
    }

    private static Map<String, List<String>> records(Path file) {
        Map<String, List<String>> gold = new LinkedHashMap<>();
        try (QuestionReader reader = new QuestionReader()) {
            for (QuestionSlice slice : QuestionScan.of(List.of(file))) {
                for (Example example : reader.read(slice)) {
                    if (!example.labelled()) {
                        throw new UserError(
                                "%s: question %s has no answers, not even an empty list; add them, or leave the question out"
                                        .formatted(file, Printable.of(example.id())));
                    }
                    gold.put(
                            example.id(),
                            example.answers().stream().map(Example.Answer::text).toList());
                }
            }
        }
        return gold;
    }

    /** Whether a file holds something else than SQuAD's articles with their paragraphs. */
    private static boolean isRecords(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        if (file.toString().endsWith(".gz")) {
            return true;
        }
        try (JsonParser json = JSON.createParser(file.toFile())) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return json.currentToken() == JsonToken.START_ARRAY;
            }
            return !hasField(json, "data")
                    || (json.currentToken() == JsonToken.START_ARRAY
                            && json.nextToken() == JsonToken.START_OBJECT
                            && !hasField(json, "paragraphs"));
        } catch (IOException e) {
            // The reader of the file reports what is wrong with it.
            return false;
        }
    }

    /** Goes on to the value of a field of the object that begins at the current token; returns false if there is none. */
    private static boolean hasField(JsonParser json, String name) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean found = json.currentName().equals(name);
            json.nextToken();
            if (found) {
                return true;
            }
            json.skipChildren();
        }
        return false;
    }
}
