package io.sparkqa.arrow;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.io.Serializable;
import java.util.stream.Stream;
import org.apache.arrow.vector.FieldVector;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.vectorized.ColumnVectorUtils;
import org.apache.spark.sql.execution.vectorized.ConstantColumnVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.runtime.AbstractFunction1;

/** Reads the required columns of the record batches that begin in a task's part of a file. */
final class ArrowReader extends AbstractFunction1<PartitionedFile, Iterator<InternalRow>> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final StructType columns;
    private final StructType partitionColumns;
    private final boolean returnsBatches;
    private final SerializableConfiguration hadoop;

    ArrowReader(
            StructType columns, StructType partitionColumns, boolean returnsBatches, SerializableConfiguration hadoop) {
        this.columns = columns;
        this.partitionColumns = partitionColumns;
        this.returnsBatches = returnsBatches;
        this.hadoop = hadoop;
    }

    @Override
    @SuppressWarnings({"unchecked", "rawtypes"}) // Spark declares rows, but expects batches if it has requested them.
    public Iterator<InternalRow> apply(PartitionedFile part) {
        ArrowFile file = ArrowFile.open(part.toPath(), hadoop.value());
        TaskContext.get().addTaskCompletionListener(task -> {
            file.close();
            return null;
        });
        ColumnarBatch batch = new ColumnarBatch(vectors(file, part));
        Iterator<ColumnarBatch> batches = JavaConverters.asScalaIterator(file.batches().stream()
                .filter(block -> block.getOffset() >= part.start() && block.getOffset() < part.start() + part.length())
                .map(block -> {
                    file.load(block);
                    batch.setNumRows(file.root().getRowCount());
                    return batch;
                })
                .iterator());
        if (returnsBatches) {
            return (Iterator) batches;
        }
        UnsafeProjection rows = UnsafeProjection.create(new StructType(Stream.of(columns, partitionColumns)
                .flatMap(fields -> Stream.of(fields.fields()))
                .toArray(StructField[]::new)));
        return batches.flatMap(loaded -> JavaConverters.asScalaIterator(loaded.rowIterator()))
                .map(rows);
    }

    private ColumnVector[] vectors(ArrowFile file, PartitionedFile part) {
        ColumnVector[] vectors = new ColumnVector[columns.length() + partitionColumns.length()];
        for (int i = 0; i < columns.length(); i++) {
            vectors[i] = vector(file, columns.apply(i), part);
        }
        for (int i = 0; i < partitionColumns.length(); i++) {
            DataType type = partitionColumns.apply(i).dataType();
            ConstantColumnVector constant = new ConstantColumnVector(0, type);
            ColumnVectorUtils.populate(constant, part.partitionValues(), i);
            vectors[columns.length() + i] = constant;
        }
        return vectors;
    }

    private static ColumnVector vector(ArrowFile file, StructField column, PartitionedFile part) {
        FieldVector vector = file.root().getVector(column.name());
        if (vector == null) {
            throw new UserError("%s: has no column %s; its columns are %s"
                    .formatted(
                            part.toPath(),
                            column.name(),
                            Printable.of(file.root().getSchema().toString())));
        }
        DataType type = ArrowUtils.fromArrowField(vector.getField());
        if (!DataType.equalsIgnoreNullability(type, column.dataType())) {
            throw new UserError("%s: column %s is %s, but %s in the table's first file"
                    .formatted(
                            part.toPath(),
                            column.name(),
                            type.sql(),
                            column.dataType().sql()));
        }
        return new ArrowColumnVector(vector);
    }
}
