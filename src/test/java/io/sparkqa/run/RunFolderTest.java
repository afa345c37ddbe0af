package io.sparkqa.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    @TempDir
    Path root;

    @Test
    void fileNamesEndWithTheSplitExceptDevs() {
        RunFolder folder = new RunFolder(Path.of("run"));
        assertThat(folder.predictions("dev")).isEqualTo(Path.of("run/predictions.json"));
        assertThat(folder.metricsByKind("by-hand")).isEqualTo(Path.of("run/metrics-by-kind-by-hand.json"));
        assertThat(folder.windows("by-hand")).isEqualTo(Path.of("run/windows/by-hand"));
    }

    @Test
    void anUnfinishedTableIsNotASplit() throws IOException {
        Files.createDirectories(root.resolve("windows/train"));
        Files.createDirectories(root.resolve("windows/dev.partial"));
        assertThat(new RunFolder(root).splitsIn("windows")).containsExactly("train");
        assertThat(new RunFolder(root).splitsIn("answers")).isEmpty();
    }

    @Test
    void aPathOutsideIsNotInTheFolderHoweverItIsWritten() {
        RunFolder folder = new RunFolder(root.resolve("run"));
        assertThat(folder.relative(root.resolve("run/../run/model"))).contains("model");
        assertThat(folder.relative(root.resolve("run/../other"))).isEmpty();
        assertThat(folder.relative(root.resolve("run2"))).isEmpty();
    }

    @Test
    void everyPlaceNamesItsMaker() {
        assertThat(RunFolder.maker("windows/dev")).contains("preprocess");
        assertThat(RunFolder.maker("train-log.jsonl")).contains("train");
        assertThat(RunFolder.maker("nbest_predictions-x.json")).contains("decode");
        assertThat(RunFolder.maker("thresholds.json")).contains("evaluate");
        assertThat(RunFolder.maker("notes.txt")).isEmpty();
    }
}
