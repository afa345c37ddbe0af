package io.sparkqa.spark;

import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Checks the columns of a table on the driver, before tasks start. */
final class RequiredColumns {
    private RequiredColumns() {}

    /**
     * Checks that a table has all columns of a schema; their order and further columns don't matter.
     *
     * @throws IllegalArgumentException if a column is missing or of another type; the message names the stage and the column
     */
    static void check(String stage, StructType table, StructType required) {
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
