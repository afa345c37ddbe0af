package io.sparkqa.run;

import static org.apache.spark.sql.functions.lit;

import io.sparkqa.files.FileUri;
import io.sparkqa.spark.ParquetTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The complete tables of a run as views of a Spark session. Each has a column {@code stale}, which says whether its inputs
 * have changed since it was made.
 */
final class RunTables {
    /** What a run may have. */
    static final List<String> NAMES = List.of(
            "examples", "windows", "train_log", "answers", "scores", "metrics", "metrics_by_kind", "thresholds");

    private final RunFolder folder;
    private final CompletedOutputs completed;
    private final StaleOutputs stale;

    RunTables(RunFolder folder) {
        this.folder = folder;
        this.completed = new CompletedOutputs(folder);
        this.stale = new StaleOutputs(folder);
    }

    /** Returns a table, one of {@link #NAMES}; empty if nothing of it is complete. */
    Optional<Dataset<Row>> table(SparkSession spark, String name) {
        return switch (name) {
            case "examples" -> split(name, path -> ParquetTable.read(spark, path), folder::examples);
            case "windows" -> split(
                    name, path -> spark.read().format("arrow").load(FileUri.toRead(path)), folder::windows);
            case "answers" -> split(name, path -> ParquetTable.read(spark, path), folder::answers);
            case "scores" -> split(name, path -> ParquetTable.read(spark, path), folder::scores);
            case "metrics" -> json(spark, folder::metrics);
            case "metrics_by_kind" -> json(spark, folder::metricsByKind);
            case "thresholds" -> json(spark, folder::thresholds);
            case "train_log" -> trainLog(spark);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private Optional<Dataset<Row>> trainLog(SparkSession spark) {
        return completed.contains(folder.trainLog())
                ? Optional.of(spark.read()
                        .json(FileUri.toRead(folder.trainLog()))
                        .withColumn("stale", lit(isStale(folder.trainLog()))))
                : Optional.empty();
    }

    /** Reads a table with a folder per split. */
    private Optional<Dataset<Row>> split(
            String table, Function<Path, Dataset<Row>> read, Function<String, Path> place) {
        List<Dataset<Row>> parts = new ArrayList<>();
        for (String split : folder.splitsIn(table)) {
            if (completed.contains(place.apply(split))) {
                parts.add(read.apply(place.apply(split))
                        .withColumn("split", lit(split))
                        .withColumn("stale", lit(isStale(place.apply(split)))));
            }
        }
        return union(parts);
    }

    /** Reads a table with a JSON file per split that has answers. */
    private Optional<Dataset<Row>> json(SparkSession spark, Function<String, Path> place) {
        List<Dataset<Row>> parts = new ArrayList<>();
        for (String split : folder.splitsIn("answers")) {
            if (completed.contains(place.apply(split))) {
                parts.add(spark.read()
                        .option("multiLine", true)
                        .json(FileUri.toRead(place.apply(split)))
                        .withColumn("split", lit(split))
                        .withColumn("stale", lit(isStale(place.apply(split)))));
            }
        }
        return union(parts);
    }

    private boolean isStale(Path output) {
        return stale.why(output).isPresent();
    }

    private static Optional<Dataset<Row>> union(List<Dataset<Row>> parts) {
        return parts.stream().reduce((a, b) -> a.unionByName(b, true));
    }

    /** Returns, in a sentence, why a table is not there. */
    String whyAbsent(String name) {
        String file = name.replace('_', '-');
        return "%s has no table %s yet; run jobs/%s.sh with this configuration first"
                .formatted(
                        folder.root(),
                        name,
                        Stream.of(file, file + ".json", file + ".jsonl")
                                .flatMap(output -> RunFolder.maker(output).stream())
                                .findFirst()
                                .orElseThrow());
    }
}
