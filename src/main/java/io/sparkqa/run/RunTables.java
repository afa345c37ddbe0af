package io.sparkqa.run;

import static org.apache.spark.sql.functions.lit;

import io.sparkqa.config.NearestName;
import io.sparkqa.files.FileUri;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The complete tables of a run as views of a Spark session. Each has a column {@code stale}, which says whether its inputs
 * have changed since it was made.
 */
public final class RunTables {
    private static final List<String> VIEWS = List.of(
            "examples", "windows", "train_log", "answers", "scores", "metrics", "metrics_by_kind", "thresholds");

    private final StageRun run;
    private final RunFolder folder;
    private final StaleOutputs stale;

    public RunTables(StageRun run) {
        this.run = run;
        this.folder = run.folder();
        this.stale = new StaleOutputs(folder);
    }

    /** Creates a view of each complete table. */
    public void register(SparkSession spark) {
        split(spark, "examples", "parquet", folder::examples);
        split(spark, "windows", "arrow", folder::windows);
        split(spark, "answers", "parquet", folder::answers);
        split(spark, "scores", "parquet", folder::scores);
        json(spark, "metrics", folder::metrics);
        json(spark, "metrics_by_kind", folder::metricsByKind);
        json(spark, "thresholds", folder::thresholds);
        if (run.isComplete(folder.trainLog())) {
            spark.read()
                    .json(FileUri.toRead(folder.trainLog()))
                    .withColumn("stale", lit(isStale(folder.trainLog())))
                    .createOrReplaceTempView("train_log");
        }
    }

    /** Registers a table that has one folder per split. */
    private void split(SparkSession spark, String view, String format, Function<String, Path> place) {
        List<Dataset<Row>> parts = new ArrayList<>();
        for (String split : folder.splitsIn(view)) {
            if (run.isComplete(place.apply(split))) {
                parts.add(spark.read()
                        .format(format)
                        .load(FileUri.toRead(place.apply(split)))
                        .withColumn("split", lit(split))
                        .withColumn("stale", lit(isStale(place.apply(split)))));
            }
        }
        union(view, parts);
    }

    /** Registers a table that has one JSON file per split with answers. */
    private void json(SparkSession spark, String view, Function<String, Path> place) {
        List<Dataset<Row>> parts = new ArrayList<>();
        for (String split : folder.splitsIn("answers")) {
            if (run.isComplete(place.apply(split))) {
                parts.add(spark.read()
                        .option("multiLine", true)
                        .json(FileUri.toRead(place.apply(split)))
                        .withColumn("split", lit(split))
                        .withColumn("stale", lit(isStale(place.apply(split)))));
            }
        }
        union(view, parts);
    }

    private boolean isStale(Path output) {
        return stale.why(output).isPresent();
    }

    private static void union(String view, List<Dataset<Row>> parts) {
        parts.stream().reduce((a, b) -> a.unionByName(b, true)).ifPresent(table -> table.createOrReplaceTempView(view));
    }

    /** Returns a sentence that says why there is no view with a name. */
    public String whyAbsent(String name) {
        if (VIEWS.contains(name)) {
            return "%s has no table %s yet; run jobs/%s.sh with this configuration first"
                    .formatted(
                            folder.root(),
                            name,
                            RunFolder.maker(name.replace('_', '-')).orElseThrow());
        }
        return "there is no table %s; %s"
                .formatted(
                        name,
                        NearestName.of(name, VIEWS)
                                .map(known -> "did you mean " + known + "?")
                                .orElse("a run has " + String.join(", ", VIEWS)));
    }
}
