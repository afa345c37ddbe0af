package io.sparkqa.squad;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where a paragraph with its questions stands in a SQuAD file, so that whoever reads it need not read what is before.
 *
 * @param file absolute path
 * @param offset of the paragraph's opening brace, in bytes of the file (decompressed, if it is gzipped)
 * @param length in bytes, to the closing brace
 * @param path inside the document, as {@code data[3].paragraphs[2]}
 * @param title of the article
 * @param firstExample index of its first question in the data set
 * @param examples number of its questions
 */
public record ParagraphSlice(
        String file, long offset, int length, String path, String title, long firstExample, int examples)
        implements Serializable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The paragraph's questions, from its bytes. Fields that SQuAD doesn't have are ignored, so are plausible answers.
     *
     * @throws UserError naming the first place where something else stands than SQuAD has there
     */
    List<Example> read(byte[] json) {
        JsonNode paragraph;
        try {
            paragraph = JSON.readTree(json);
        } catch (IOException e) {
            throw new UserError(
                    "%s: byte %d: changed while it was read: %s".formatted(file, offset, e.getMessage()), e);
        }
        String context = text(paragraph, "context", path);
        List<Example> read = new ArrayList<>(examples);
        for (JsonNode question : array(paragraph, "qas", path)) {
            String questionPath = path + ".qas[" + read.size() + "]";
            List<Example.Answer> answers = answers(question, questionPath);
            read.add(new Example(
                    firstExample + read.size(),
                    text(question, "id", questionPath),
                    title,
                    context,
                    text(question, "question", questionPath),
                    answers,
                    question.path("is_impossible").asBoolean(answers.isEmpty())));
        }
        return read;
    }

    ParagraphSlice withTitle(String article) {
        return new ParagraphSlice(file, offset, length, path, article, firstExample, examples);
    }

    private List<Example.Answer> answers(JsonNode question, String path) {
        List<Example.Answer> answers = new ArrayList<>();
        for (JsonNode answer : array(question, "answers", path)) {
            String answerPath = path + ".answers[" + answers.size() + "]";
            JsonNode start = answer.path("answer_start");
            if (!start.isInt()) {
                throw shape(file, answerPath + ".answer_start", "a whole number", start);
            }
            answers.add(new Example.Answer(text(answer, "text", answerPath), start.intValue()));
        }
        return answers;
    }

    private String text(JsonNode parent, String name, String path) {
        JsonNode text = parent.path(name);
        if (!text.isTextual()) {
            throw shape(file, path + "." + name, "a text", text);
        }
        return text.textValue();
    }

    private JsonNode array(JsonNode parent, String name, String path) {
        JsonNode array = parent.path(name);
        if (!array.isArray()) {
            throw shape(file, path + "." + name, "an array", array);
        }
        return array;
    }

    private static UserError shape(String file, String path, String expected, JsonNode found) {
        return shape(
                file,
                path,
                expected,
                found.isMissingNode() ? "nothing" : found.getNodeType().toString());
    }

    /** Says where a document is not as SQuAD's are. */
    static UserError shape(String file, String path, String expected, String found) {
        return new UserError(
                "%s: at %s stands %s where SQuAD has %s; expected is {\"data\": [{\"title\", \"paragraphs\": [{\"context\", \"qas\": [{\"id\", \"question\", \"answers\": [{\"text\", \"answer_start\"}]}]}]}]}"
                        .formatted(
                                file,
                                path.isEmpty() ? "the beginning" : path,
                                found.toLowerCase(Locale.ROOT),
                                expected));
    }
}
