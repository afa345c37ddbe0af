package io.sparkqa.arrow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.types.StructType;

/** Creates the writer of each Spark task. */
final class ArrowWriterFactory extends OutputWriterFactory {
    private static final long serialVersionUID = 1L;

    private final Map<String, String> metadata;

    ArrowWriterFactory(Map<String, String> metadata) {
        this.metadata = new HashMap<>(metadata);
    }

    @Override
    public String getFileExtension(TaskAttemptContext context) {
        return ".arrow";
    }

    @Override
    public OutputWriter newInstance(String path, StructType schema, TaskAttemptContext context) {
        try {
            return new ArrowWriter(path, new ArrowColumns(schema, metadata), context.getConfiguration());
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": " + e.getMessage(), e);
        }
    }
}
