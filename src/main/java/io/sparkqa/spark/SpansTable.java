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
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.TaskCompletionListener;

/** Builds a table of the best spans of each window. The logits stay within the task that computes them. */
final class SpansTable {
    /**
     * Number of examples whose windows are decoded together; a task decodes one or more such blocks. Batches don't cross the
     * borders of blocks, so the logits don't depend on how blocks are distributed over tasks and machines.
     */
    private static final int BLOCK = 512;

    /** More tasks than cores, so that fast executors take more of them and little is lost with an executor. */
    private static final int TASKS_PER_CORE = 4;

    private static final String START = "start";
    private static final String END = "end";
    private static final String START_LOGIT = "start_logit";
    private static final String END_LOGIT = "end_logit";
    private static final String NULL_SPAN = "null_span";
    private static final String SPANS = "spans";

    private static final StructType SPAN = new StructType()
            .add(START, DataTypes.IntegerType)
            .add(END, DataTypes.IntegerType)
            .add(START_LOGIT, DataTypes.FloatType)
            .add(END_LOGIT, DataTypes.FloatType);

    /** One row for each window: its null span and its n best spans; positions are code points of the context, ends exclusive. */
    static final StructType SCHEMA = new StructType()
            .add(WindowColumns.EXAMPLE_INDEX, DataTypes.LongType)
            .add(WindowColumns.WINDOW, DataTypes.IntegerType)
            .add(NULL_SPAN, SPAN)
            .add(SPANS, DataTypes.createArrayType(SPAN));

    private SpansTable() {}

    /**
     * Returns the best spans of each window.
     *
     * @param done counts the windows
     */
    static Dataset<Row> of(Dataset<Row> windows, LogitsSource source, SpanDecoder decoder, LongAccumulator done) {
        int tasks = Math.max(
                windows.rdd().getNumPartitions(),
                TASKS_PER_CORE * windows.sparkSession().sparkContext().defaultParallelism());
        return windows.select(Stream.of(WindowRow.UNLABELLED.fieldNames())
                        .map(functions::col)
                        .toArray(Column[]::new))
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
                long block = block(ahead.peek());
                List<Window> windows = new ArrayList<>();
                while (ahead.hasNext() && block(ahead.peek()) == block) {
                    windows.add(WindowRow.toUnlabelled(ahead.next()));
                }
                return windows;
            }
        };
    }

    private static long block(Row window) {
        return window.<Long>getAs(WindowColumns.EXAMPLE_INDEX) / BLOCK;
    }

    private static Row row(long exampleIndex, WindowSpans window) {
        return RowFactory.create(
                exampleIndex,
                window.window(),
                row(window.nullSpan()),
                window.spans().stream().map(SpansTable::row).toArray(Row[]::new));
    }

    private static Row row(Span span) {
        return RowFactory.create(span.start(), span.end(), span.startLogit(), span.endLogit());
    }

    /** Returns the spans in a row of {@link #SCHEMA}. */
    static WindowSpans spans(Row row) {
        return new WindowSpans(
                row.<Integer>getAs(WindowColumns.WINDOW),
                span(row.getAs(NULL_SPAN)),
                row.<Row>getList(row.fieldIndex(SPANS)).stream()
                        .map(SpansTable::span)
                        .toList());
    }

    private static Span span(Row row) {
        return new Span(
                row.<Integer>getAs(START),
                row.<Integer>getAs(END),
                row.<Float>getAs(START_LOGIT),
                row.<Float>getAs(END_LOGIT));
    }
}
