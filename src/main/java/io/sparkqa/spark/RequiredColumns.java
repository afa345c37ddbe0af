package io.sparkqa.spark;

import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Refuses a wrong table on the driver, before any task starts. */
public final class RequiredColumns {
    private RequiredColumns() {}

    /**
     * Makes sure that a table has all columns of a schema, in any order and beside others.
     *
     * @throws IllegalArgumentException naming the stage that wants it and the first column that is missing or of another
     *     type
     */
    public static void check(String stage, StructType table, StructType required) {
        for (StructField column : required.fields()) {
            DataType found = List.of(table.fieldNames()).contains(column.name())
                    ? table.apply(column.name()).dataType()
                    : null;
            if (found == null || !DataType.equalsIgnoreNullability(found, column.dataType())) {
                throw new IllegalArgumentException("%s: column %s %s; the table must have %s"
                        .formatted(
                                stage,
                                column.name(),
                                found == null ? "is missing" : "is " + found.sql(),
                                required.toDDL()));
            }
        }
    }
}
