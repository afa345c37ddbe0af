package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.TestSpark;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The demo on a standalone cluster of two one-core workers, whole and with losses. Each test goes on from the one before. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
    private static final Path DEMO = Script.PROJECT.resolve("conf/demo.conf");

    @TempDir
    static Path folder;

    private static Cluster cluster;

    @BeforeAll
    static void aCluster() throws Exception {
        cluster = new Cluster(folder.resolve("cluster"), 2, "");
    }

    @AfterAll
    static void endCluster() {
        cluster.close();
    }

    private static String[] arguments(String run, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of(DEMO.toString(), "run.dir=" + folder.resolve(run), "train.max_steps=2"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private static Script onCluster(String script, String run, String... more) throws Exception {
        List<String> all = new ArrayList<>(List.of(more));
        all.addAll(List.of("--master", cluster.url()));
        return Script.run(folder, cluster.environment(), script, arguments(run, all.toArray(String[]::new)));
    }

    @Test
    @Order(1)
    void theWholePipelineMakesTheSameRowsOnAClusterAsInOneProcess() throws Exception {
        Script here = Script.run(
                folder, Map.of("OMP_NUM_THREADS", "1"), "pipeline.sh", arguments("here", "--master", "local[2]"));
        assertThat(here.code()).as(here.err()).isZero();
        Script there = onCluster("pipeline.sh", "there");
        assertThat(there.code()).as(there.err()).isZero();
        assertThat(there.err()).doesNotContain("WARN", "ERROR", "Exception");

        for (String split : List.of("train", "dev", "handwritten")) {
            assertThat(windows("there", split)).isEqualTo(windows("here", split));
        }
        for (String split : List.of("dev", "handwritten")) {
            assertThat(answers("there", split)).isEqualTo(answers("here", split));
        }
        assertThat(folder.resolve("there/metrics.json")).hasSameTextualContentAs(folder.resolve("here/metrics.json"));
        assertThat(cluster.modelsRead()).as("once an executor").hasSize(2);
    }

    private static List<Row> answers(String run, String split) {
        return TestSpark.session()
                .read()
                .parquet(folder.resolve(run + "/answers/" + split).toString())
                .orderBy("example_index")
                .collectAsList();
    }

    private static List<String> windows(String run, String split) {
        List<String> rows = new ArrayList<>();
        try (WindowTable table = WindowTable.open(folder.resolve(run + "/windows/" + split))) {
            for (int i = 0; i < table.size(); i++) {
                Window window = table.get(i);
                rows.add("%d %s %d %s %d-%d %d-%d %s %s"
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
                                Arrays.toString(window.offsetEnds())));
            }
        }
        return rows;
    }
}
