package io.sparkqa.squad;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the questions of a record: a paragraph of SQuAD or MRQA with its questions, or a question with its context, as in
 * run_qa.py's files and HuggingFace's data sets. Ignores other fields, such as plausible answers.
 *
 * @param file the file, for error messages
 * @param place place of the record in the file
 * @param separator text between the place and the name of a field
 */
record QuestionRecord(String file, String place, String separator) {
    private static final String IMPOSSIBLE = "is_impossible";

    /**
     * Returns the record's questions.
     *
     * @param title title of the article, used if the record has none
     * @param firstExample index of the first question in the data set
     * @throws UserError if a field is missing or of another type; the message names the first of them
     */
    List<Example> examples(JsonNode paragraph, String title, long firstExample) {
        String context = text(paragraph, "context", place + separator);
        String ownTitle =
                paragraph.path("title").isTextual() ? paragraph.get("title").textValue() : title;
        if (!paragraph.has("qas")) {
            return List.of(example(paragraph, place + separator, ownTitle, context, firstExample));
        }
        List<Example> examples = new ArrayList<>();
        for (JsonNode question : array(paragraph, "qas", place + separator)) {
            String path = "%s%sqas[%s].".formatted(place, separator, examples.size());
            examples.add(example(question, path, ownTitle, context, firstExample + examples.size()));
        }
        return examples;
    }

    private Example example(JsonNode question, String path, String title, String context, long index) {
        String id = id(question, path);
        String asked = text(question, "question", path);
        Optional<List<Example.Answer>> answers = answers(question, context, path);
        JsonNode impossible = question.path(IMPOSSIBLE);
        if (!impossible.isBoolean() && !isAbsent(impossible)) {
            throw shape(path + IMPOSSIBLE, "true or false", impossible);
        }
        try {
            return Example.of(
                    index,
                    id,
                    title,
                    context,
                    asked,
                    answers,
                    Optional.of(impossible).filter(JsonNode::isBoolean).map(JsonNode::booleanValue));
        } catch (InvalidExample e) {
            throw new UserError(
                    "%s: %s (id %s): %s"
                            .formatted(
                                    file,
                                    path.substring(0, path.length() - separator.length()),
                                    Printable.of(id),
                                    e.getMessage()),
                    e);
        }
    }

    /** Returns the id. A number counts as a text, since some tools write ids without quotes. */
    private String id(JsonNode question, String path) {
        JsonNode id = question.has("id") || !question.has("qid") ? question.path("id") : question.path("qid");
        if (!id.isTextual() && !id.isNumber()) {
            throw shape(path + "id", "a text or a number", id);
        }
        return id.asText();
    }

    /** Returns the answers; empty if the record has no list of answers, not even an empty one. */
    private Optional<List<Example.Answer>> answers(JsonNode question, String context, String path) {
        JsonNode answers = question.path("answers");
        if (question.path("detected_answers").isArray()) {
            return Optional.of(detected(question, context, path));
        }
        if (isAbsent(answers)) {
            return Optional.empty();
        }
        return Optional.of(answers.isObject() ? columns(answers, path + "answers.") : pairs(question, path));
    }

    /** Reads SQuAD's answers: a list of texts with their starts. */
    private List<Example.Answer> pairs(JsonNode question, String path) {
        List<Example.Answer> answers = new ArrayList<>();
        for (JsonNode answer : array(question, "answers", path)) {
            String answerPath = "%sanswers[%s].".formatted(path, answers.size());
            int start = whole(answer.path("answer_start"), answerPath + "answer_start");
            answers.add(new Example.Answer(text(answer, "text", answerPath), start));
        }
        return answers;
    }

    /** Reads the answers of run_qa.py's files and HuggingFace's data sets: a list of texts and a list of starts. */
    private List<Example.Answer> columns(JsonNode answers, String path) {
        JsonNode texts = array(answers, "text", path);
        JsonNode starts = array(answers, "answer_start", path);
        if (texts.size() != starts.size()) {
            throw new UserError("%s: %s has %s texts but %s starts; correct the file"
                    .formatted(file, path.substring(0, path.length() - 1), texts.size(), starts.size()));
        }
        List<Example.Answer> pairs = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            if (!texts.get(i).isTextual()) {
                throw shape("%stext[%s]".formatted(path, i), "a text", texts.get(i));
            }
            pairs.add(new Example.Answer(
                    texts.get(i).textValue(), whole(starts.get(i), "%sanswer_start[%s]".formatted(path, i))));
        }
        return pairs;
    }

    /**
     * Reads MRQA's answers: texts with their places, first and last character inclusive. A text that differs from the context
     * in case or white space is replaced with the context's.
     */
    private List<Example.Answer> detected(JsonNode question, String context, String path) {
        List<Example.Answer> answers = new ArrayList<>();
        JsonNode all = question.path("detected_answers");
        for (int i = 0; i < all.size(); i++) {
            JsonNode answer = all.get(i);
            String answerPath = "%sdetected_answers[%s].".formatted(path, i);
            String text = text(answer, "text", answerPath);
            for (JsonNode span : array(answer, "char_spans", answerPath)) {
                int start = whole(span.path(0), answerPath + "char_spans");
                int last = whole(span.path(1), answerPath + "char_spans");
                String found = Example.part(context, start, Math.max(start, last) + 1);
                answers.add(new Example.Answer(sameButForSpace(found, text) ? found : text, start));
            }
        }
        if (answers.isEmpty() && !question.path("answers").isEmpty()) {
            throw new UserError("%s: %sdetected_answers is empty, but answers is not; add the places of the answers"
                    .formatted(file, path));
        }
        return answers;
    }

    private static boolean sameButForSpace(String one, String other) {
        return String.join(" ", PythonText.split(one)).equalsIgnoreCase(String.join(" ", PythonText.split(other)));
    }

    private int whole(JsonNode number, String path) {
        if (!number.isInt()) {
            throw shape(path, "a whole number", number);
        }
        return number.intValue();
    }

    private String text(JsonNode parent, String name, String path) {
        JsonNode text = parent.path(name);
        if (!text.isTextual()) {
            throw shape(path + name, "a text", text);
        }
        return text.textValue();
    }

    private JsonNode array(JsonNode parent, String name, String path) {
        JsonNode array = parent.path(name);
        if (!array.isArray()) {
            throw shape(path + name, "an array", array);
        }
        return array;
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private UserError shape(String path, String expected, JsonNode found) {
        return SquadJson.shape(
                file,
                path,
                expected,
                found.isMissingNode() ? "nothing" : found.getNodeType().toString());
    }
}
