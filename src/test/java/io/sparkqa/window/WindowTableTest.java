package io.sparkqa.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.sparkqa.TestSpark;
import io.sparkqa.config.UserError;
import io.sparkqa.spark.SquadTable;
import io.sparkqa.spark.SquadWindows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class WindowTableTest {
    @TempDir
    private Path folder;

    @Tag("reference")
    @TestFactory
    Stream<DynamicTest> windowsThroughSparkAndArrowAreTheSameForAnyNumberOfTasks() {
        record Case(String set, int maxLength, int stride, int tasks) {}
        return Stream.concat(
                        IntStream.of(1, 2, 7)
                                .boxed()
                                .flatMap(tasks -> Stream.of(
                                        new Case("adversarial", 384, 128, tasks),
                                        new Case("adversarial", 64, 16, tasks))),
                        Stream.of(new Case("dev", 384, 128, 7), new Case("train", 384, 128, 2)))
                .map(c -> dynamicTest(c.toString(), () -> compare(c.set(), c.maxLength(), c.stride(), c.tasks())));
    }

    private void compare(String set, int maxLength, int stride, int tasks) throws Exception {
        assumeTrue(ReferenceFeatures.squad(set).isPresent(), "no questions of " + set);
        assumeTrue(Files.isDirectory(ReferenceFeatures.tokenizer()), "no reference tokenizer");
        Path squad = ReferenceFeatures.squad(set).orElseThrow();
        Path table = folder.resolve(set + maxLength + "-" + tasks);
        SparkSession spark = TestSpark.session();

        new SquadWindows()
                .setTokenizer(ReferenceFeatures.tokenizer())
                .setMaxLength(maxLength)
                .setStride(stride)
                .setTooLong("skip")
                .transform(SquadTable.read(spark, squad, tasks))
                .write()
                .format("arrow")
                .save(table.toString());

        try (WindowTable windows = WindowTable.open(table);
                PairTokenizer tokenizer = PairTokenizer.open(ReferenceFeatures.tokenizer())) {
            List<Window> expected = new ArrayList<>();
            Windower windower = new Windower(tokenizer, maxLength, stride);
            for (var example : ReferenceFeatures.examples(squad)) {
                try {
                    expected.addAll(windower.windows(example));
                } catch (QuestionTooLong e) {
                    assertThat(maxLength).isLessThan(100);
                }
            }
            assertThat(windows.size()).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                assertThat(windows.length(i)).isEqualTo(expected.get(i).inputIds().length);
                assertThat(inWords(windows.get(i))).isEqualTo(inWords(expected.get(i)));
            }
        }
    }

    private static String inWords(Window window) {
        return "%d %s/%d %s %d-%d %d-%d %s %s"
                .formatted(
                        window.exampleIndex(),
                        window.exampleId(),
                        window.window(),
                        Arrays.toString(window.inputIds()),
                        window.contextFirst(),
                        window.contextLast(),
                        window.startPosition(),
                        window.endPosition(),
                        Arrays.toString(window.offsetStarts()),
                        Arrays.toString(window.offsetEnds()));
    }

    @Test
    void windowsInMemoryAreSortedByExampleAndWindow() {
        try (WindowTable table = WindowTable.of(List.of(window(2, 0), window(1, 1), window(1, 0)))) {
            assertThat(IntStream.range(0, table.size()).mapToObj(table::get))
                    .extracting(window -> window.exampleIndex() + "/" + window.window())
                    .containsExactly("1/0", "1/1", "2/0");
        }
    }

    @Test
    void aTableOfSomethingElseIsRefusedByName() {
        Path table = folder.resolve("numbers");
        TestSpark.session().range(3).write().format("arrow").save(table.toString());

        assertThatThrownBy(() -> WindowTable.open(table))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("not a table of windows: column example_index is missing");
    }

    @Test
    void aNonexistentFolderIsNamed() {
        assertThatThrownBy(() -> WindowTable.open(folder.resolve("none")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("none: no such folder of windows");
    }

    private static Window window(long example, int number) {
        return new Window(example, "id", number, new int[] {0, 2, 2, 2}, 3, 2, 0, 0, new int[0], new int[0]);
    }
}
