package io.sparkqa.spark;

import io.sparkqa.config.UserError;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowColumns;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoder;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoders;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoders.EncoderField;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;

/** Converts windows to rows of Spark and back. */
final class WindowRow {
    private static final AgnosticEncoder<?> LONG = AgnosticEncoders.PrimitiveLongEncoder$.MODULE$;
    private static final AgnosticEncoder<?> INT = AgnosticEncoders.PrimitiveIntEncoder$.MODULE$;
    private static final AgnosticEncoder<?> TEXT = AgnosticEncoders.StringEncoder$.MODULE$;
    private static final AgnosticEncoder<?> INTS =
            new AgnosticEncoders.ArrayEncoder<>(AgnosticEncoders.PrimitiveIntEncoder$.MODULE$, false);

    /** Writes windows as rows of {@link #SCHEMA}. It copies arrays in bulk, whereas Spark's row encoders box every number. */
    static final Encoder<Window> ENCODER = ExpressionEncoder.apply(new AgnosticEncoders.JavaBeanEncoder<>(
            ClassTag.apply(Window.class),
            JavaConverters.asScalaBuffer(List.of(
                            column(WindowColumns.EXAMPLE_INDEX, LONG, "exampleIndex"),
                            column(WindowColumns.EXAMPLE_ID, TEXT, "exampleId"),
                            column(WindowColumns.WINDOW, INT, "window"),
                            column(WindowColumns.INPUT_IDS, INTS, "inputIds"),
                            column(WindowColumns.CONTEXT_FIRST, INT, "contextFirst"),
                            column(WindowColumns.CONTEXT_LAST, INT, "contextLast"),
                            column(WindowColumns.START_POSITION, INT, "startPosition"),
                            column(WindowColumns.END_POSITION, INT, "endPosition"),
                            column(WindowColumns.OFFSET_STARTS, INTS, "offsetStarts"),
                            column(WindowColumns.OFFSET_ENDS, INTS, "offsetEnds")))
                    .toSeq()));

    /** The columns of a table of windows. */
    static final StructType SCHEMA = ENCODER.schema();

    /** The columns of a table of windows without labels. */
    static final StructType UNLABELLED = new StructType(Arrays.stream(SCHEMA.fields())
            .filter(column -> !Set.of(WindowColumns.START_POSITION, WindowColumns.END_POSITION)
                    .contains(column.name()))
            .toArray(StructField[]::new));

    private WindowRow() {}

    private static EncoderField column(String name, AgnosticEncoder<?> type, String component) {
        return new EncoderField(name, type, type.nullable(), Metadata.empty(), Option.apply(component), Option.empty());
    }

    /**
     * Returns the window of a row of {@link #UNLABELLED}, labelled as having no answer.
     *
     * @throws UserError if a value is null, or the positions and offsets do not belong to the window
     */
    static Window toUnlabelled(Row row) {
        for (String column : UNLABELLED.fieldNames()) {
            Object value = row.getAs(column);
            if (value == null || (value instanceof Seq<?> list && list.contains(null))) {
                throw refused(row, column + " is null or holds a null");
            }
        }
        Window window = new Window(
                row.<Long>getAs(WindowColumns.EXAMPLE_INDEX),
                row.getAs(WindowColumns.EXAMPLE_ID),
                row.<Integer>getAs(WindowColumns.WINDOW),
                ints(row, WindowColumns.INPUT_IDS),
                row.<Integer>getAs(WindowColumns.CONTEXT_FIRST),
                row.<Integer>getAs(WindowColumns.CONTEXT_LAST),
                0,
                0,
                ints(row, WindowColumns.OFFSET_STARTS),
                ints(row, WindowColumns.OFFSET_ENDS));
        if (!window.isWhole()) {
            throw refused(row, "its positions and offsets don't belong together");
        }
        return window;
    }

    private static UserError refused(Row row, String reason) {
        return new UserError(
                "window %s of example_index %s can't be used: %s; take the windows as SquadWindows makes them"
                        .formatted(row.getAs(WindowColumns.WINDOW), row.getAs(WindowColumns.EXAMPLE_INDEX), reason));
    }

    private static int[] ints(Row row, String column) {
        return row.<Integer>getList(row.fieldIndex(column)).stream()
                .mapToInt(Integer::intValue)
                .toArray();
    }
}
