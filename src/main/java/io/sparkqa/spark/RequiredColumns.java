package io.sparkqa.spark;

import io.sparkqa.config.Printable;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
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
            require(
                    stage,
                    table,
                    column.name(),
                    type -> DataType.equalsIgnoreNullability(type, column.dataType()),
                    "%s; the table must have %s".formatted(column.dataType().sql(), required.toDDL()));
        }
    }

    /**
     * Checks a column.
     *
     * @param type of the column, in words for the message
     * @throws IllegalArgumentException naming the stage and the column if it is missing, there twice or of another type
     */
    static void require(String stage, StructType table, String column, Predicate<DataType> fits, String type) {
        if (Collections.frequency(List.of(table.fieldNames()), column) > 1) {
            throw new IllegalArgumentException(
                    "%s: column %s is there more than once; drop or rename the others".formatted(stage, column));
        }
        DataType found = List.of(table.fieldNames()).contains(column)
                ? table.apply(column).dataType()
                : null;
        if (found == null || !fits.test(found)) {
            throw new IllegalArgumentException("%s: column %s %s; it must be %s"
                    .formatted(stage, column, found == null ? "is missing" : "is " + Printable.of(found.sql()), type));
        }
    }
}
