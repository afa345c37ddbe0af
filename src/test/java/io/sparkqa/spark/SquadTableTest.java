package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.TestSpark;
import io.sparkqa.config.UserError;
import io.sparkqa.squad.Example;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SquadTableTest {
    private static final String TWO_ARTICLES =
            """
            {"version": "v2.0", "data": [
              {"title": "Émile", "paragraphs": [
                {"context": "Ein Käse 😀 liegt da.", "qas": [
                  {"id": "a", "question": "Was?", "answers": [{"text": "Käse 😀", "answer_start": 4}], "is_impossible": false},
                  {"id": "b", "question": "Wer?", "answers": [], "is_impossible": true,
                   "plausible_answers": [{"text": "Ein", "answer_start": 0}], "comment": {"x": [1, 2]}}]},
                {"qas": [], "context": "Niemand fragt."}]},
              {"paragraphs": [{"qas": [
                  {"question": "", "id": "c", "answers": [{"answer_start": 0, "text": "Zeile\\n"}]}],
                  "context": "Zeile\\nund \\ud83d\\ude00"}], "title": "hinten"}]}
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void everyQuestionIsARowInTheOrderOfTheFile(int tasks) throws IOException {
        Path file = write("squad.json", TWO_ARTICLES);

        List<Example> examples = examples(SquadTable.read(TestSpark.session(), file, tasks));

        assertThat(examples)
                .containsExactly(
                        new Example(
                                0,
                                "a",
                                "Émile",
                                "Ein Käse 😀 liegt da.",
                                "Was?",
                                List.of(new Example.Answer("Käse 😀", 4)),
                                false),
                        new Example(1, "b", "Émile", "Ein Käse 😀 liegt da.", "Wer?", List.of(), true),
                        new Example(
                                2,
                                "c",
                                "hinten",
                                "Zeile\nund 😀",
                                "",
                                List.of(new Example.Answer("Zeile\n", 0)),
                                false));
    }

    @Test
    void aGzippedFileIsTheSameTable() throws IOException {
        Path plain = write("squad.json", TWO_ARTICLES);
        Path zipped = folder.resolve("squad.json.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
            Files.copy(plain, out);
        }

        assertThat(examples(SquadTable.read(TestSpark.session(), zipped)))
                .isEqualTo(examples(SquadTable.read(TestSpark.session(), plain)));
    }

    @Test
    void theFilesOfAFolderFollowOneAnotherByName() throws IOException {
        write("b.json", document("{\"id\": \"second\", \"question\": \"\", \"answers\": []}"));
        write("a.json", document("{\"id\": \"first\", \"question\": \"\", \"answers\": []}"));
        write("notes.txt", "not looked at");

        assertThat(examples(SquadTable.read(TestSpark.session(), folder)))
                .extracting(example -> example.exampleIndex() + example.id())
                .containsExactly("0first", "1second");
    }

    @Test
    void aByteOrderMarkDoesNotMoveTheParagraphs() throws IOException {
        Path file = write("squad.json", "\uFEFF" + TWO_ARTICLES);

        assertThat(examples(SquadTable.read(TestSpark.session(), file))).hasSize(3);
    }

    @Test
    void aNonexistentFileIsNamed() {
        refuses(folder.resolve("none.json"), "none.json: no such file or folder");
    }

    @Test
    void aFolderWithoutJsonIsNamed() {
        refuses(folder, folder + ": no file in this folder ends in .json, .jsonl or .ndjson");
    }

    @Test
    void invalidJsonIsNamedByLineAndColumn() throws IOException {
        refuses(write("bad.json", "{\"data\": [\n  {\"title\": oops"), "bad.json: line 2, column", "not JSON");
    }

    @Test
    void oneBadFileInTheMiddleOfManyIsNamedWithThePlace() throws IOException {
        for (int i = 10; i < 50; i++) {
            write("part-" + i + ".json", TWO_ARTICLES);
        }
        write("part-33.json", TWO_ARTICLES.replace("\"Wer?\",", "\"Wer?\""));

        refuses(folder, "part-33.json: line 5, column", "not JSON");
    }

    @Test
    void aTruncatedFileIsNotJson() throws IOException {
        refuses(write("cut.json", TWO_ARTICLES.substring(0, 300)), "cut.json: line", "not JSON", "end-of-input");
    }

    @Test
    void aTruncatedGzippedFileIsNamed() throws IOException {
        Path file = folder.resolve("cut.json.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(TWO_ARTICLES.getBytes(StandardCharsets.UTF_8));
        }
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));

        refuses(file, "cut.json.gz: can't be read");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    7                                                          | the document: expected an object, but found number_int
                    {"context": "a"} {"x": 1}                                  | line 1: context: expected a text, but found nothing
                    []                                                         | has no questions
                    {"id": "a"}                                                | data: expected an array, but found nothing
                    {"data": {}}                                               | data: expected an array, but found object
                    {"data": [[]]}                                             | data[0]: expected an object, but found array
                    {"data": [{"title": 7}]}                                   | data[0].title: expected a text, but found number_int
                    {"data": [{"title": ""}]}                                  | data[0].paragraphs: expected an array, but found nothing
                    {"data": [{"paragraphs": [{"qas": 1}]}]}                   | data[0].paragraphs[0].qas: expected an array, but found number_int
                    {"data": []} {"data": []}                                  | the end: expected nothing more, but found another document
                    {"data": []}                                               | has no questions
                    """)
    void anotherShapeIsNamedByItsPathBeforeAnyTaskStarts(String json, String message) throws IOException {
        Path file = write("shape.json", json);

        refuses(file, "shape.json: ", message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    []                                                                    | qas[0].id: expected a text or a number, but found nothing
                    {"id": [7], "question": "", "answers": []}                            | qas[0].id: expected a text or a number, but found array
                    {"id": "a", "answers": []}                                            | qas[0].question: expected a text, but found nothing
                    {"id": "a", "question": "", "answers": [{"answer_start": 1}]}         | qas[0].answers[0].text: expected a text, but found nothing
                    {"id": "a", "question": "", "answers": [{"answer_start": "1"}]}       | qas[0].answers[0].answer_start: expected a whole number, but found string
                    {"id": "", "question": "", "answers": []}                             | qas[0] (id ): id is empty
                    {"id": "a", "question": "\\u0000", "answers": []}                    | qas[0] (id a): a text contains the character NUL
                    {"id": "a", "question": "", "answers": {"text": ["a"]}}               | qas[0].answers.answer_start: expected an array, but found nothing
                    {"id": "a", "question": "", "answers": {"text": ["a"], "answer_start": []}} | qas[0].answers has 1 texts but 0 starts
                    {"id": "a", "question": "", "answers": [], "is_impossible": "no"}     | qas[0].is_impossible: expected true or false, but found string
                    {"id": "a", "question": "", "answers": [], "detected_answers": [{"text": "a"}]} | qas[0].detected_answers[0].char_spans: expected an array, but found nothing
                    {"id": "a", "question": "", "answers": ["a"], "detected_answers": []} | qas[0].detected_answers is empty, but answers is not
                    """)
    void anotherShapeOfAQuestionIsNamedByItsPath(String question, String message) throws IOException {
        Path file = write("shape.json", document(question));

        assertThatThrownBy(() -> SquadTable.read(TestSpark.session(), file).collectAsList())
                .satisfies(e -> assertThat(ExceptionUtils.getThrowableList(e))
                        .anyMatch(cause -> cause instanceof UserError
                                && cause.getMessage().contains("shape.json: data[0].paragraphs[0]." + message)));
    }

    @Test
    void idsThatOccurTwiceAreNamed() throws IOException {
        String question = "{\"id\": \"%s\", \"question\": \"\", \"answers\": []}";
        Path file = write(
                "twice.json",
                document(question.formatted("x") + "," + question.formatted("y") + "," + question.formatted("x")));
        Dataset<Row> examples = SquadTable.read(TestSpark.session(), file);

        assertThatThrownBy(() -> SquadTable.requireDistinctIds(examples, file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("twice.json: question ids that occur more than once (1): x (2 times);");
    }

    @Test
    void misplacedAnswersAreCountedAndNamed() throws IOException {
        String question =
                "{\"id\": \"%s\", \"question\": \"\", \"answers\": [{\"text\": \"%s\", \"answer_start\": %d}]}";
        Path file = write(
                "moved.json",
                document(String.join(
                        ",",
                        question.formatted("right", "😀 b", 2),
                        question.formatted("moved", "😀 b", 1),
                        question.formatted("beyond", "c", 99),
                        question.formatted("before", "c", -1))));
        Dataset<Row> examples = SquadTable.read(TestSpark.session(), file);

        Dataset<Row> misplaced = SquadTable.whereAnswersFit(examples, false);

        assertThat(SquadTable.misplacedInWords(misplaced, misplaced.count()))
                .isEqualTo("questions with an answer that is not in its context at its offset (3): "
                        + "moved: \"😀 b\" at 1, where the context has \" 😀 \", beyond: \"c\" at 99, where the context has \"\", "
                        + "before: \"c\" at -1, where the context has \"\"");
        assertThat(examples(SquadTable.whereAnswersFit(examples, true)))
                .extracting(Example::id)
                .containsExactly("right");
    }

    private static String document(String questions) {
        return "{\"data\": [{\"title\": \"t\", \"paragraphs\": [{\"context\": \"a 😀 b c\", \"qas\": [" + questions
                + "]}]}]}";
    }

    private void refuses(Path source, String... parts) {
        assertThatThrownBy(() -> SquadTable.read(TestSpark.session(), source))
                .isInstanceOf(UserError.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    private static List<Example> examples(Dataset<Row> table) {
        return table.orderBy("example_index").collectAsList().stream()
                .map(ExampleRow::toExample)
                .toList();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
