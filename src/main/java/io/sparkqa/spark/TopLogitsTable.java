package io.sparkqa.spark;

import com.google.common.collect.AbstractIterator;
import com.google.common.collect.Iterators;
import com.google.common.collect.PeekingIterator;
import io.sparkqa.config.Experiment;
import io.sparkqa.decode.Span;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.TopLogits;
import io.sparkqa.decode.TopLogits.Token;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowColumns;
import java.nio.file.Path;
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
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.TaskCompletionListener;

/** Builds a table of the highest logits of each window. All others stay within the task that computes them. */
public final class TopLogitsTable {
    /**
     * Number of examples whose windows are decoded together. A task decodes one or more such blocks. A batch never spans two
     * blocks, so the logits don't depend on how blocks are distributed over tasks and machines.
     */
    private static final int BLOCK = 512;

    /** Tasks per core: several, so that fast executors take more tasks and little work is lost with an executor. */
    private static final int TASKS_PER_CORE = 4;

    private static final String NULL_START_LOGIT = "null_start_logit";
    private static final String NULL_END_LOGIT = "null_end_logit";
    private static final String STARTS = "starts";
    private static final String ENDS = "ends";
    private static final String TOKEN = "token";
    private static final String OFFSET = "offset";
    private static final String LOGIT = "logit";

    private static final DataType TOKENS = DataTypes.createArrayType(new StructType()
            .add(TOKEN, DataTypes.IntegerType)
            .add(OFFSET, DataTypes.IntegerType)
            .add(LOGIT, DataTypes.FloatType));

    /** The columns: one row per window, with the components of {@link TopLogits}. */
    public static final StructType SCHEMA = new StructType()
            .add(WindowColumns.EXAMPLE_INDEX, DataTypes.LongType)
            .add(WindowColumns.EXAMPLE_ID, DataTypes.StringType)
            .add(WindowColumns.WINDOW, DataTypes.IntegerType)
            .add(NULL_START_LOGIT, DataTypes.FloatType)
            .add(NULL_END_LOGIT, DataTypes.FloatType)
            .add(STARTS, TOKENS)
            .add(ENDS, TOKENS);

    private TopLogitsTable() {}

    /**
     * Returns the highest logits of each window that a fine-tuned model computes; each executor opens its folder once.
     *
     * @param kept start logits and end logits of a window that are kept
     * @param done counts the windows as the tasks process them
     * @throws IllegalArgumentException if the table is none of windows, or they don't fit the model
     */
    public static Dataset<Row> of(
            Dataset<Row> windows, Path modelFolder, Experiment settings, int kept, LongAccumulator done) {
        RequiredColumns.check("TopLogitsTable", windows.schema(), WindowRow.UNLABELLED);
        WindowMetadata.check("TopLogitsTable", windows.schema(), modelFolder);
        ModelFolder.read(modelFolder, 0).requireTrained(modelFolder);
        Experiment.Decode decode = settings.decode();
        return of(
                windows,
                SharedModel.of(settings, modelFolder),
                new SpanDecoder(kept, decode.maxAnswerLength(), decode.duplicates()),
                done);
    }

    /**
     * Returns the highest logits of each window, as many as the decoder considers.
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
        // Spark calls the listener that was added last first
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> logits.close());
        WindowLogits.Stream<Block> computed = logits.stream(blocks(rows, decoder, done));
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> computed.close());
        return Iterators.concat(Iterators.transform(computed, block -> block.top.iterator()));
    }

    /** The windows of neighbouring examples, and the rows of those that are computed. */
    private record Block(List<Window> windows, List<Row> top, SpanDecoder decoder, LongAccumulator done)
            implements WindowLogits.Block {
        @Override
        public void accept(Window window, float[] startLogits, float[] endLogits) {
            top.add(row(window, decoder.top(window, startLogits, endLogits)));
            done.add(1);
        }
    }

    private static Iterator<Block> blocks(Iterator<Row> rows, SpanDecoder decoder, LongAccumulator done) {
        PeekingIterator<Row> ahead = Iterators.peekingIterator(rows);
        return new AbstractIterator<>() {
            @Override
            protected Block computeNext() {
                if (!ahead.hasNext()) {
                    return endOfData();
                }
                long block = block(ahead.peek());
                List<Window> windows = new ArrayList<>();
                while (ahead.hasNext() && block(ahead.peek()) == block) {
                    windows.add(WindowRow.toUnlabelled(ahead.next()));
                }
                return new Block(windows, new ArrayList<>(), decoder, done);
            }
        };
    }

    private static long block(Row window) {
        // a missing index is refused when the window is read
        Long index = window.getAs(WindowColumns.EXAMPLE_INDEX);
        return index == null ? 0 : Math.floorDiv(index, BLOCK);
    }

    private static Row row(Window window, TopLogits logits) {
        return RowFactory.create(
                window.exampleIndex(),
                window.exampleId(),
                logits.window(),
                logits.nullSpan().startLogit(),
                logits.nullSpan().endLogit(),
                rows(logits.starts()),
                rows(logits.ends()));
    }

    private static Row[] rows(List<Token> tokens) {
        return tokens.stream()
                .map(token -> RowFactory.create(token.index(), token.offset(), token.logit()))
                .toArray(Row[]::new);
    }

    /** Returns the logits in a row of {@link #SCHEMA}. */
    static TopLogits toTopLogits(Row row) {
        return new TopLogits(
                row.<Integer>getAs(WindowColumns.WINDOW),
                new Span(0, 0, row.<Float>getAs(NULL_START_LOGIT), row.<Float>getAs(NULL_END_LOGIT)),
                tokens(row, STARTS),
                tokens(row, ENDS));
    }

    private static List<Token> tokens(Row row, String column) {
        return row.<Row>getList(row.fieldIndex(column)).stream()
                .map(token ->
                        new Token(token.<Integer>getAs(TOKEN), token.<Integer>getAs(OFFSET), token.<Float>getAs(LOGIT)))
                .toList();
    }
}
