package io.sparkqa.spark;

import com.google.common.collect.AbstractIterator;
import com.google.common.collect.Iterators;
import com.google.common.collect.PeekingIterator;
import io.sparkqa.decode.Span;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.decode.WindowSpans;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowColumns;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.TaskCompletionListener;

/** A table of the best spans of each window, made where the windows are: logits never leave the task. */
final class SpansTable {
    /**
     * Examples whose windows are decoded together, so the unit that tasks consist of. It is cut into batches by itself,
     * hence which task has it, on which cluster, changes nothing, not the last bit of a logit.
     */
    private static final int BLOCK = 512;

    /** Enough tasks for those who are done first to go on, and for little to be lost with an executor. */
    private static final int TASKS_PER_CORE = 4;

    private static final StructType SPAN = new StructType()
            .add("start", DataTypes.IntegerType)
            .add("end", DataTypes.IntegerType)
            .add("start_logit", DataTypes.FloatType)
            .add("end_logit", DataTypes.FloatType);

    /** Null span and n best spans a window; positions are code points of the context. */
    static final StructType SCHEMA = new StructType()
            .add(WindowColumns.EXAMPLE_INDEX, DataTypes.LongType)
            .add(WindowColumns.WINDOW, DataTypes.IntegerType)
            .add("nothing", SPAN)
            .add("spans", DataTypes.createArrayType(SPAN));

    private SpansTable() {}

    /**
     * Reads the windows' logits.
     *
     * @param done counts windows
     */
    static Dataset<Row> of(Dataset<Row> windows, LogitsSource source, SpanDecoder decoder, LongAccumulator done) {
        int tasks = Math.max(
                windows.rdd().getNumPartitions(),
                TASKS_PER_CORE * windows.sparkSession().sparkContext().defaultParallelism());
        return windows.select(
                        WindowColumns.EXAMPLE_INDEX,
                        WindowColumns.EXAMPLE_ID,
                        WindowColumns.WINDOW,
                        WindowColumns.INPUT_IDS,
                        WindowColumns.CONTEXT_FIRST,
                        WindowColumns.CONTEXT_LAST,
                        WindowColumns.OFFSET_STARTS,
                        WindowColumns.OFFSET_ENDS)
                .repartitionByRange(
                        tasks,
                        functions.floor(
                                functions.col(WindowColumns.EXAMPLE_INDEX).divide(BLOCK)))
                .sortWithinPartitions(WindowColumns.EXAMPLE_INDEX, WindowColumns.WINDOW)
                .mapPartitions(
                        (MapPartitionsFunction<Row, Row>) rows -> decode(rows, source, decoder, done),
                        Encoders.row(SCHEMA));
    }

    private static Iterator<Row> decode(
            Iterator<Row> rows, LogitsSource source, SpanDecoder decoder, LongAccumulator done) {
        if (!rows.hasNext()) {
            return rows;
        }
        WindowLogits logits = source.open();
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> logits.close());
        return Iterators.concat(Iterators.transform(blocks(rows), block -> {
            List<Row> spans = new ArrayList<>();
            logits.run(block, (window, start, end) -> {
                spans.add(row(window.exampleIndex(), decoder.spans(window, start, end)));
                done.add(1);
            });
            return spans.iterator();
        }));
    }

    private static Iterator<List<Window>> blocks(Iterator<Row> rows) {
        PeekingIterator<Row> ahead = Iterators.peekingIterator(rows);
        return new AbstractIterator<>() {
            @Override
            protected List<Window> computeNext() {
                if (!ahead.hasNext()) {
                    return endOfData();
                }
                long block = ahead.peek().getLong(0) / BLOCK;
                List<Window> windows = new ArrayList<>();
                while (ahead.hasNext() && ahead.peek().getLong(0) / BLOCK == block) {
                    windows.add(window(ahead.next()));
                }
                return windows;
            }
        };
    }

    private static Window window(Row row) {
        return new Window(
                row.getLong(0),
                row.getString(1),
                row.getInt(2),
                ints(row, 3),
                row.getInt(4),
                row.getInt(5),
                0,
                0,
                ints(row, 6),
                ints(row, 7));
    }

    private static int[] ints(Row row, int column) {
        return row.<Integer>getList(column).stream().mapToInt(Integer::intValue).toArray();
    }

    private static Row row(long exampleIndex, WindowSpans window) {
        return RowFactory.create(
                exampleIndex,
                window.window(),
                row(window.nothing()),
                window.spans().stream().map(SpansTable::row).toArray(Row[]::new));
    }

    private static Row row(Span span) {
        return RowFactory.create(span.start(), span.end(), span.startLogit(), span.endLogit());
    }

    /** A row of {@link #SCHEMA}. */
    static WindowSpans spans(Row row) {
        return new WindowSpans(
                row.getInt(1),
                span(row.getStruct(2)),
                row.<Row>getList(3).stream().map(SpansTable::span).toList());
    }

    private static Span span(Row row) {
        return new Span(row.getInt(0), row.getInt(1), row.getFloat(2), row.getFloat(3));
    }
}
