package io.sparkqa.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The contexts and questions of SQuAD files, each paragraph's context once. */
final class SquadTexts {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SquadTexts() {}

    /**
     * All texts in the files' order.
     *
     * @throws UserError if a file can't be read or holds none
     */
    static List<String> read(List<Path> files) {
        List<String> texts = new ArrayList<>();
        for (Path file : files) {
            int before = texts.size();
            for (JsonNode article : tree(file).path("data")) {
                for (JsonNode paragraph : article.path("paragraphs")) {
                    texts.add(paragraph.path("context").asText());
                    paragraph
                            .path("qas")
                            .forEach(question ->
                                    texts.add(question.path("question").asText()));
                }
            }
            if (texts.size() == before) {
                throw new UserError(file + ": holds no paragraphs; give a file in SQuAD's format");
            }
        }
        return texts;
    }

    private static JsonNode tree(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UserError(
                    "%s: can't be read as JSON: %s; give a file in SQuAD's format".formatted(file, e.getMessage()), e);
        }
    }
}
