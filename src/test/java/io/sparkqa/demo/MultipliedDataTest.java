package io.sparkqa.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.TestSpark;
import io.sparkqa.spark.ExampleRow;
import io.sparkqa.spark.SquadTable;
import io.sparkqa.squad.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultipliedDataTest {
    private static final Path SOURCE = Path.of("data/handwritten.json");
    private static final int QUESTIONS = 139;

    @TempDir
    private Path folder;

    @Test
    void copiesHaveTheirOwnIdsAndContextsAndTheAnswersInTheirPlaces() {
        List<Example> examples = multiplied("many.json", "--questions", "500");

        assertThat(examples).hasSize(500).extracting(Example::id).doesNotHaveDuplicates();
        assertThat(examples)
                .allSatisfy(example -> assertThat(example.misplacedAnswers()).isEmpty());
        Example first = examples.get(0);
        Example copy = examples.get(2 * QUESTIONS);
        assertThat(copy.id()).isEqualTo(first.id() + "-2");
        assertThat(copy.question()).isEqualTo(first.question());
        assertThat(copy.context()).startsWith(first.context()).isNotEqualTo(first.context());
    }

    @Test
    void theFirstCopyIsTheFileItself() {
        assertThat(multiplied("once.json", "--copies", "1")).isEqualTo(read(SOURCE));
    }

    @Test
    void filesGzippedOrNotHoldWhatOneFileHolds() throws IOException {
        List<Example> one = multiplied("one.json.gz", "--questions", "1000");

        assertThat(multiplied("plain", "--questions", "1000", "--files", "7")).isEqualTo(one);
        assertThat(multiplied("zipped", "--questions", "1000", "--files", "7", "--gzip"))
                .isEqualTo(one);
        try (var files = Files.list(folder.resolve("zipped"))) {
            assertThat(files).hasSize(7).allMatch(file -> file.toString().endsWith(".json.gz"));
        }
    }

    @Test
    void copiesOfTheWholeFileMayBeAskedForInstead() {
        assertThat(multiplied("thrice.json", "--copies", "3")).hasSize(3 * QUESTIONS);
    }

    private List<Example> multiplied(String name, String... options) {
        Path out = folder.resolve(name);
        String[] line = new String[options.length + 4];
        System.arraycopy(options, 0, line, 4, options.length);
        line[0] = "--from";
        line[1] = SOURCE.toString();
        line[2] = "--out";
        line[3] = out.toString();
        assertThat(MultipliedData.run(line)).isZero();
        return read(out);
    }

    private static List<Example> read(Path source) {
        return SquadTable.read(TestSpark.session(), source).orderBy("example_index").collectAsList().stream()
                .map(ExampleRow::toExample)
                .toList();
    }
}
