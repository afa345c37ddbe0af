package io.sparkqa.arrow;

import io.sparkqa.config.UserError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.ArrowUtils;
import org.apache.spark.unsafe.Platform;

/** Collects Spark's rows in Arrow vectors until a record batch is full. Arrays are copied in bulk. */
final class ArrowColumns implements AutoCloseable {
    /** Most rows of a record batch. */
    private static final int MAX_ROWS = 8192;

    /** Bytes at which a record batch is full; far below the 2 GB that can be mapped. */
    private static final long MAX_BYTES = 16 << 20;

    private static final long VALUE_BYTES = Long.BYTES;

    /** Copies a row's value, which is not null, to position {@code index} of a vector and returns its size in bytes. */
    private interface Column {
        long set(int index, InternalRow row);
    }

    private final BufferAllocator allocator = new RootAllocator();
    private final VectorSchemaRoot root;
    private final List<Column> columns = new ArrayList<>();
    private int rows;
    private long bytes;

    ArrowColumns(StructType schema, Map<String, String> metadata) {
        Schema fields = ArrowUtils.toArrowSchema(schema, "UTC", true, false);
        this.root = VectorSchemaRoot.create(new Schema(fields.getFields(), metadata), allocator);
        for (int i = 0; i < schema.length(); i++) {
            columns.add(column(root.getVector(i), i, schema.apply(i)));
        }
        startBatch();
    }

    static boolean supports(DataType type) {
        if (type instanceof ArrayType) {
            DataType element = ((ArrayType) type).elementType();
            return element.equals(DataTypes.IntegerType) || element.equals(DataTypes.FloatType);
        }
        return List.of(
                        DataTypes.LongType,
                        DataTypes.IntegerType,
                        DataTypes.DoubleType,
                        DataTypes.FloatType,
                        DataTypes.BooleanType,
                        DataTypes.StringType)
                .contains(type);
    }

    VectorSchemaRoot root() {
        return root;
    }

    /** Returns the number of rows appended since {@link #startBatch}. */
    int rows() {
        return rows;
    }

    boolean isFull() {
        return rows >= MAX_ROWS || bytes >= MAX_BYTES;
    }

    void append(InternalRow row) {
        for (int i = 0; i < columns.size(); i++) {
            if (row.isNullAt(i)) {
                root.getVector(i).setNull(rows);
            } else {
                bytes += columns.get(i).set(rows, row);
            }
        }
        rows++;
    }

    void startBatch() {
        root.getFieldVectors().forEach(FieldVector::reset);
        rows = 0;
        bytes = 0;
    }

    /** Completes the vectors for writing. */
    void endBatch() {
        for (FieldVector vector : root.getFieldVectors()) {
            if (vector instanceof ListVector && rows > 0) {
                markValid((ListVector) vector);
            }
        }
        root.setRowCount(rows);
    }

    /** Marks all elements as not null, as {@link #refuseNull} has checked. */
    private static void markValid(ListVector list) {
        int elements = list.getOffsetBuffer().getInt((long) (list.getLastSet() + 1) * ListVector.OFFSET_WIDTH);
        list.getDataVector().getValidityBuffer().setOne(0L, (elements + 7L) / 8);
    }

    private static Column column(FieldVector vector, int ordinal, StructField field) {
        if (vector instanceof BigIntVector) {
            return (index, row) -> {
                ((BigIntVector) vector).setSafe(index, row.getLong(ordinal));
                return VALUE_BYTES;
            };
        }
        if (vector instanceof IntVector) {
            return (index, row) -> {
                ((IntVector) vector).setSafe(index, row.getInt(ordinal));
                return VALUE_BYTES;
            };
        }
        if (vector instanceof Float8Vector) {
            return (index, row) -> {
                ((Float8Vector) vector).setSafe(index, row.getDouble(ordinal));
                return VALUE_BYTES;
            };
        }
        if (vector instanceof Float4Vector) {
            return (index, row) -> {
                ((Float4Vector) vector).setSafe(index, row.getFloat(ordinal));
                return VALUE_BYTES;
            };
        }
        if (vector instanceof BitVector) {
            return (index, row) -> {
                ((BitVector) vector).setSafe(index, row.getBoolean(ordinal) ? 1 : 0);
                return VALUE_BYTES;
            };
        }
        if (vector instanceof VarCharVector) {
            return (index, row) -> {
                byte[] text = row.getUTF8String(ordinal).getBytes();
                ((VarCharVector) vector).setSafe(index, text);
                return VALUE_BYTES + text.length;
            };
        }
        ListVector list = (ListVector) vector;
        boolean floats = list.getDataVector() instanceof Float4Vector;
        boolean mayHoldNull = ((ArrayType) field.dataType()).containsNull();
        return (index, row) -> {
            ArrayData values = row.getArray(ordinal);
            if (mayHoldNull) {
                refuseNull(values, field.name());
            }
            return floats
                    ? copy(list, index, values.toFloatArray(), Platform.FLOAT_ARRAY_OFFSET, values.numElements())
                    : copy(list, index, values.toIntArray(), Platform.INT_ARRAY_OFFSET, values.numElements());
        };
    }

    private static void refuseNull(ArrayData values, String column) {
        for (int i = 0; i < values.numElements(); i++) {
            if (values.isNullAt(i)) {
                throw new UserError(
                        "column %s: an array contains null, which the format arrow can't store; filter or replace it first"
                                .formatted(column));
            }
        }
    }

    private static long copy(ListVector list, int index, Object array, int arrayOffset, int length) {
        long start = list.startNewValue(index);
        BaseFixedWidthVector elements = (BaseFixedWidthVector) list.getDataVector();
        while (elements.getValueCapacity() < start + length) {
            elements.reAlloc();
        }
        long bytes = (long) length * elements.getTypeWidth();
        long address = elements.getDataBuffer().memoryAddress() + start * elements.getTypeWidth();
        Platform.copyMemory(array, arrayOffset, null, address, bytes);
        list.endValue(index, length);
        return VALUE_BYTES + bytes;
    }

    @Override
    public void close() {
        root.close();
        allocator.close();
    }
}
