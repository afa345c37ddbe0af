package io.sparkqa.arrow;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.util.SerializableConfiguration;
import scala.Function1;
import scala.Option;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Spark's data source {@code arrow}. Each task writes one IPC file under Spark's commit protocol; reading is columnar.
 * Columns may be of type long, int, double, float, boolean, string, array of int or array of float.
 *
 * <p>Writer options whose names begin with {@code metadata.} (lower case) are stored in the metadata of the files' schema.
 */
public final class ArrowFileFormat implements FileFormat, DataSourceRegister, Serializable {
    private static final long serialVersionUID = 1L;
    private static final String METADATA = "metadata.";

    @Override
    public String shortName() {
        return "arrow";
    }

    /** Returns the name that Spark's messages use. */
    @Override
    public String toString() {
        return "Arrow";
    }

    @Override
    public boolean supportDataType(DataType type) {
        return ArrowColumns.supports(type);
    }

    /** Returns the schema of the first file; empty if there is no file. */
    @Override
    public Option<StructType> inferSchema(
            SparkSession session, scala.collection.immutable.Map<String, String> options, Seq<FileStatus> files) {
        if (files.isEmpty()) {
            return Option.empty();
        }
        Configuration hadoop = session.sessionState().newHadoopConfWithOptions(options);
        try (ArrowFile first = ArrowFile.open(files.head().getPath(), hadoop)) {
            return Option.apply(ArrowUtils.fromArrowSchema(first.root().getSchema()));
        }
    }

    @Override
    public OutputWriterFactory prepareWrite(
            SparkSession session, Job job, scala.collection.immutable.Map<String, String> options, StructType schema) {
        HashMap<String, String> metadata = new HashMap<>();
        for (Map.Entry<String, String> option :
                JavaConverters.mapAsJavaMap(options).entrySet()) {
            if (option.getKey().startsWith(METADATA)) {
                metadata.put(option.getKey().substring(METADATA.length()), option.getValue());
            }
        }
        return new ArrowWriterFactory(metadata);
    }

    /** Returns true, since tasks share a large file by record batches. */
    @Override
    public boolean isSplitable(
            SparkSession session, scala.collection.immutable.Map<String, String> options, Path path) {
        return true;
    }

    @Override
    public boolean supportBatch(SparkSession session, StructType schema) {
        return true;
    }

    @Override
    public Function1<PartitionedFile, Iterator<InternalRow>> buildReaderWithPartitionValues(
            SparkSession session,
            StructType dataSchema,
            StructType partitionSchema,
            StructType requiredSchema,
            Seq<Filter> filters,
            scala.collection.immutable.Map<String, String> options,
            Configuration hadoop) {
        boolean returnsBatches =
                Boolean.parseBoolean(options.getOrElse(FileFormat.OPTION_RETURNING_BATCH(), () -> "false"));
        return new ArrowReader(requiredSchema, partitionSchema, returnsBatches, new SerializableConfiguration(hadoop));
    }
}
