package io.sparkqa.spark;

import io.sparkqa.config.UserError;
import io.sparkqa.squad.Example;
import io.sparkqa.squad.ParagraphReader;
import io.sparkqa.squad.ParagraphScan;
import io.sparkqa.squad.ParagraphSlice;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.util.TaskCompletionListener;

/**
 * SQuAD 1.1 and 2.0 JSON as a table, a row a question. The driver only looks where paragraphs stand; executors read and
 * parse them, each its share, so that no file is ever in memory as a whole.
 */
public final class SquadTable {
    /** Bytes of JSON that a task parses in much longer than it takes to start. */
    private static final long BYTES_PER_TASK = 4 << 20;

    /** Most records that an error names. */
    private static final int NAMED = 5;

    private SquadTable() {}

    /**
     * A data set's questions.
     *
     * @param table a row for each question, read when it is used
     * @param count the number of questions
     */
    public record Questions(Dataset<Row> table, long count) {}

    /**
     * Reads a SQuAD file, gzipped or not, or all such files of a folder in the order of their names.
     *
     * @throws UserError if a file is missing, not JSON or JSON of another shape, or if there are no questions
     */
    public static Dataset<Row> read(SparkSession spark, Path source) {
        return open(spark, source).table();
    }

    /** The same, with the number of questions, which the driver knows when it has seen where paragraphs stand. */
    public static Questions open(SparkSession spark, Path source) {
        List<Path> files = ParagraphScan.files(source);
        List<ParagraphSlice> slices = ParagraphScan.of(files);
        int cores = spark.sparkContext().defaultParallelism();
        long bytes = slices.stream().mapToLong(ParagraphSlice::length).sum();
        // Every task that reads a gzipped file decompresses all that lies before its share.
        boolean compressed = files.stream().anyMatch(ParagraphScan::isCompressed);
        long tasks = Math.max(cores, compressed ? files.size() : bytes / BYTES_PER_TASK);
        long count = slices.stream().mapToLong(ParagraphSlice::examples).sum();
        return new Questions(table(spark, slices, (int) Math.min(tasks, slices.size())), count);
    }

    /** The same table, read by a given number of tasks. */
    public static Dataset<Row> read(SparkSession spark, Path source, int tasks) {
        return table(spark, ParagraphScan.of(ParagraphScan.files(source)), tasks);
    }

    private static Dataset<Row> table(SparkSession spark, List<ParagraphSlice> slices, int tasks) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        return spark.createDataFrame(
                context.parallelize(slices, tasks).mapPartitions(SquadTable::rows), ExampleRow.SCHEMA);
    }

    private static Iterator<Row> rows(Iterator<ParagraphSlice> slices) {
        ParagraphReader reader = new ParagraphReader();
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> reader.close());
        Iterable<ParagraphSlice> once = () -> slices;
        return StreamSupport.stream(once.spliterator(), false)
                .flatMap(slice -> reader.read(slice).stream())
                .map(ExampleRow::of)
                .iterator();
    }

    /**
     * Checks that no two questions have the same id.
     *
     * @throws UserError with the number of ids that occur more than once, and the first few
     */
    public static void requireDistinctIds(Dataset<Row> examples, Path source) {
        Dataset<Row> repeated = examples.groupBy("id")
                .agg(
                        functions.count("id").as("times"),
                        functions.min("example_index").as("first"))
                .where("times > 1");
        List<Row> first = repeated.orderBy("first").takeAsList(NAMED);
        if (!first.isEmpty()) {
            throw new UserError(
                    "%s: question ids that occur more than once (%d): %s; predictions are stored by id, so give each question its own"
                            .formatted(source, repeated.count(), list(first, row -> "%s (%d times)"
                                    .formatted(row.getString(0), row.getLong(1)))));
        }
    }

    /** Returns the examples whose answers all match the context at their offsets, or those where one does not. */
    public static Dataset<Row> whereAnswersFit(Dataset<Row> examples, boolean fit) {
        return examples.filter((FilterFunction<Row>)
                row -> ExampleRow.toExample(row).misplacedAnswers().isEmpty() == fit);
    }

    /** Returns a sentence with the number of examples whose answers don't match the context, and the first few. */
    public static String misplacedInWords(Dataset<Row> misplaced, long count) {
        List<Row> first = misplaced.orderBy("example_index").takeAsList(NAMED);
        return "questions with an answer that is not in its context at its offset (%d): %s"
                .formatted(count, list(first, row -> misplacedInWords(ExampleRow.toExample(row))));
    }

    private static String misplacedInWords(Example example) {
        Example.Answer answer = example.misplacedAnswers().get(0);
        return "%s: \"%s\" at %d, where the context has \"%s\""
                .formatted(
                        example.id(),
                        answer.text(),
                        answer.answerStart(),
                        example.contextPart(answer.answerStart(), answer.answerEnd()));
    }

    private static String list(List<Row> rows, Function<Row, String> inWords) {
        return rows.stream().map(inWords).collect(Collectors.joining(", ")) + (rows.size() == NAMED ? " …" : "");
    }
}
