package io.sparkqa.job;

import static org.apache.spark.sql.functions.lit;

import io.sparkqa.config.NearestName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The tables of a run as views of a Spark session; what the run has not made to the end is simply not among them. */
final class RunTables {
    /** Every view, and the stage that makes what it shows. */
    private static final Map<String, String> STAGES = new LinkedHashMap<>();

    static {
        STAGES.put("examples", "preprocess");
        STAGES.put("windows", "preprocess");
        STAGES.put("train_log", "train");
        STAGES.put("answers", "decode");
        STAGES.put("scores", "evaluate");
        STAGES.put("metrics", "evaluate");
        STAGES.put("metrics_by_kind", "evaluate");
    }

    private final StageRun run;
    private final RunFolder folder;

    RunTables(StageRun run) {
        this.run = run;
        this.folder = run.folder();
    }

    /** Makes a view of each table that is there. */
    void register(SparkSession spark) {
        split(spark, "examples", "parquet", folder::examples);
        split(spark, "windows", "arrow", folder::windows);
        split(spark, "answers", "parquet", folder::answers);
        split(spark, "scores", "parquet", folder::scores);
        json(spark, "metrics", folder::metrics);
        json(spark, "metrics_by_kind", folder::metricsByKind);
        if (run.isComplete(folder.trainLog())) {
            spark.read().json(RunFolder.uri(folder.trainLog())).createOrReplaceTempView("train_log");
        }
    }

    /** A folder a split. */
    private void split(SparkSession spark, String view, String format, Function<String, Path> place) {
        List<Dataset<Row>> parts = new ArrayList<>();
        for (String split : folder.splitsIn(view)) {
            if (run.isComplete(place.apply(split))) {
                parts.add(spark.read()
                        .format(format)
                        .load(RunFolder.uri(place.apply(split)))
                        .withColumn("split", lit(split)));
            }
        }
        union(view, parts);
    }

    /** A JSON file a split that has answers. */
    private void json(SparkSession spark, String view, Function<String, Path> place) {
        List<Dataset<Row>> parts = new ArrayList<>();
        for (String split : folder.splitsIn("answers")) {
            if (run.isComplete(place.apply(split))) {
                parts.add(spark.read()
                        .option("multiLine", true)
                        .json(RunFolder.uri(place.apply(split)))
                        .withColumn("split", lit(split)));
            }
        }
        union(view, parts);
    }

    private static void union(String view, List<Dataset<Row>> parts) {
        parts.stream().reduce((a, b) -> a.unionByName(b, true)).ifPresent(table -> table.createOrReplaceTempView(view));
    }

    /** Why there is no view of that name, in a sentence. */
    String whyAbsent(String name) {
        String stage = STAGES.get(name);
        if (stage != null) {
            return "%s has no table %s yet; run jobs/%s.sh with this configuration first"
                    .formatted(folder.root(), name, stage);
        }
        Optional<String> nearest = NearestName.of(name, STAGES.keySet());
        return "there is no table %s; %s"
                .formatted(
                        name,
                        nearest.map(known -> "did you mean " + known + "?")
                                .orElse("a run has " + String.join(", ", STAGES.keySet())));
    }
}
