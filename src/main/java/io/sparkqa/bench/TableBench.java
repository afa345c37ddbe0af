package io.sparkqa.bench;

import io.sparkqa.files.FileUri;
import io.sparkqa.window.WindowColumns;
import io.sparkqa.window.WindowTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Times writing and reading a table of windows, in Arrow and in Parquet files. */
public final class TableBench {
    private TableBench() {}

    /**
     * Measures a table.
     *
     * @param windows table of windows, cached in memory while it is measured
     * @param scratch empty folder for the files
     */
    public static List<Figure> measure(Dataset<Row> windows, Path scratch) throws Exception {
        Dataset<Row> table = windows.cache();
        long rows = table.count();
        List<Figure> figures = new ArrayList<>();
        for (String format : List.of("arrow", "parquet")) {
            Path folder = scratch.resolve(format);
            double written = Stopwatch.median(
                    1, 3, () -> table.write().format(format).mode("overwrite").save(FileUri.of(folder)));
            double megabytes = size(folder) / 1e6;
            double read = Stopwatch.median(1, 3, () -> table.sparkSession()
                    .read()
                    .format(format)
                    .load(FileUri.toRead(folder))
                    .agg(functions.sum(functions.size(functions.col(WindowColumns.INPUT_IDS))))
                    .collect());
            figures.add(Figure.of("%s, %,d windows, write".formatted(format, rows), written, megabytes, "MB"));
            figures.add(Figure.of("%s, %,d windows, read by Spark".formatted(format, rows), read, megabytes, "MB"));
        }
        Path arrow = scratch.resolve("arrow");
        double mapped = Stopwatch.median(1, 3, () -> sumLengths(arrow));
        figures.add(Figure.of("arrow, %,d windows, mapped".formatted(rows), mapped, size(arrow) / 1e6, "MB"));
        table.unpersist();
        return figures;
    }

    private static long sumLengths(Path folder) {
        try (WindowTable windows = WindowTable.open(folder)) {
            long sum = 0;
            for (int i = 0; i < windows.size(); i++) {
                sum += windows.get(i).inputIds().length;
            }
            return sum;
        }
    }

    private static long size(Path folder) throws Exception {
        long sum = 0;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }
}
