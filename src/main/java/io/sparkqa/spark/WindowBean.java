package io.sparkqa.spark;

import io.sparkqa.window.Window;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A {@link Window} as the Java bean that Spark encodes without boxing each token. */
public final class WindowBean {
    static final Encoder<WindowBean> ENCODER = Encoders.bean(WindowBean.class);

    private final Window window;

    WindowBean(Window window) {
        this.window = window;
    }

    /** Beans as the table that is stored: columns in the order and with the names of {@link Window}, in snake_case. */
    static Dataset<Row> table(Dataset<WindowBean> beans) {
        return beans.select(components()
                .map(name -> functions.col(name).as(snakeCase(name)))
                .toArray(Column[]::new));
    }

    /** The schema of that table. */
    static StructType schema() {
        return new StructType(components()
                .map(name -> ENCODER.schema().apply(name))
                .map(field ->
                        new StructField(snakeCase(field.name()), field.dataType(), field.nullable(), field.metadata()))
                .toArray(StructField[]::new));
    }

    private static Stream<String> components() {
        return Stream.of(Window.class.getRecordComponents()).map(RecordComponent::getName);
    }

    private static String snakeCase(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    public long getExampleIndex() {
        return window.exampleIndex();
    }

    public String getExampleId() {
        return window.exampleId();
    }

    public int getWindow() {
        return window.window();
    }

    public int[] getInputIds() {
        return window.inputIds();
    }

    public int getContextFirst() {
        return window.contextFirst();
    }

    public int getContextLast() {
        return window.contextLast();
    }

    public int getStartPosition() {
        return window.startPosition();
    }

    public int getEndPosition() {
        return window.endPosition();
    }

    public int[] getOffsetStarts() {
        return window.offsetStarts();
    }

    public int[] getOffsetEnds() {
        return window.offsetEnds();
    }
}
