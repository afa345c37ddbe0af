package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.TestSpark;
import io.sparkqa.config.UserError;
import io.sparkqa.squad.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SquadParquetTest {
    private static final String ROW =
            "'a' AS id, 'Ameise' AS title, 'The ant 😀.' AS context, 'What?' AS question, named_struct('text', array('ant'), 'answer_start', array(4)) AS answers";

    @TempDir
    private Path folder;

    private Path parquet(String name, String select) throws IOException {
        Path written = folder.resolve("written-" + name);
        TestSpark.session().sql("SELECT " + select).coalesce(1).write().parquet(written.toString());
        try (var files = Files.newDirectoryStream(written, "part-*.parquet")) {
            return Files.copy(files.iterator().next(), folder.resolve(name));
        }
    }

    private static List<Example> read(Path... files) {
        return SquadParquet.open(TestSpark.session(), List.of(files))
                .table()
                .orderBy("example_index")
                .collectAsList()
                .stream()
                .map(ExampleRow::toExample)
                .toList();
    }

    @Test
    void everyRowIsAnExampleNumberedOnThroughTheFiles() throws IOException {
        Path first = parquet("first.parquet", ROW);
        Path second = parquet(
                "second.parquet",
                "concat('b', id) AS id, 'T' AS title, 'C' AS context, 'Q' AS question, named_struct('text', CAST(array() AS array<string>), 'answer_start', CAST(array() AS array<bigint>)) AS answers FROM range(0, 3, 1, 1)");

        List<Example> examples = read(first, second);

        assertThat(examples).extracting(Example::exampleIndex).containsExactly(0L, 1L, 2L, 3L);
        assertThat(examples).extracting(Example::id).containsExactly("a", "b0", "b1", "b2");
        assertThat(examples.get(0))
                .isEqualTo(new Example(
                        0, "a", "Ameise", "The ant 😀.", "What?", List.of(new Example.Answer("ant", 4)), false));
        assertThat(examples.get(1)).isEqualTo(new Example(1, "b0", "T", "C", "Q", List.of(), true));
    }

    @Test
    void answersMayBeAListOfPairsAndTheTitleMayBeAbsent() throws IOException {
        Path file = parquet(
                "pairs.parquet",
                ROW.replace("'Ameise' AS title, ", "")
                        .replace(
                                "named_struct('text', array('ant'), 'answer_start', array(4))",
                                "array(named_struct('text', 'ant', 'answer_start', 4))"));

        assertThat(read(file))
                .containsExactly(
                        new Example(0, "a", "", "The ant 😀.", "What?", List.of(new Example.Answer("ant", 4)), false));
    }

    @Test
    void idsMayBeNumbersAndAnswersMayBeUnknownOrEmpty() throws IOException {
        Path unlabelled = parquet("unlabelled.parquet", "4711 AS id, 'C' AS context, 'Q' AS question");
        Path some = parquet(
                "some.parquet",
                ROW.replace("'a' AS id", "id")
                                .replace(
                                        "named_struct('text', array('ant'), 'answer_start', array(4)) AS answers",
                                        "if(id = 1, named_struct('text', array(''), 'answer_start', array(-1)), NULL) AS answers, id = 1 AS is_impossible")
                        + " FROM range(0, 2, 1, 1)");

        List<Example> examples = read(unlabelled, some);

        assertThat(examples).extracting(Example::id).containsExactly("4711", "0", "1");
        assertThat(examples).extracting(Example::labelled).containsExactly(false, false, true);
        assertThat(examples.get(2))
                .extracting(Example::answers, Example::impossible)
                .containsExactly(List.of(), true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "array('ant') | array('ant', 'x') | its answers have 2 texts and 1 starts",
                "array(4) | array(CAST(NULL AS INT)) | its answers have 1 texts and 1 starts, or a null in one of these",
                "'The ant 😀.' | CAST(NULL AS STRING) | context is null",
                "array('ant') | CAST(NULL AS array<string>) | answers.text is null"
            })
    void aRowThatDoesNotHaveSquadsFormIsNamed(String right, String wrong, String reason) throws IOException {
        Path file = parquet("broken.parquet", ROW.replace(right, wrong));

        assertThatThrownBy(() -> read(file)).satisfies(e -> assertThat(ExceptionUtils.getThrowableList(e))
                .filteredOn(cause -> cause instanceof UserError)
                .singleElement()
                .satisfies(cause -> assertThat(cause).hasMessageContaining("broken.parquet: row 0 (id a): " + reason)));
    }

    @Test
    void otherColumnsAreNamedWithThoseThatAreExpected() throws IOException {
        Path file = parquet("other.parquet", "1 AS id, 'x' AS passage");

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(
                        "other.parquet: its columns are struct<id:int,passage:string>, but SQuAD's are id,");
    }

    @Test
    void aFileThatIsNotParquetIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("no.parquet"), "{\"data\": []}");

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file + ": can't be read as Parquet; if it is damaged");
    }

    @Test
    void aSetWithoutQuestionsIsRefused() throws IOException {
        Path file = parquet("empty.parquet", ROW + " LIMIT 0");

        assertThatThrownBy(() -> read(file)).isInstanceOf(UserError.class).hasMessageContaining("has no questions");
    }
}
