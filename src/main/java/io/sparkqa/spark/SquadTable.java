package io.sparkqa.spark;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.squad.Example;
import io.sparkqa.squad.QuestionReader;
import io.sparkqa.squad.QuestionScan;
import io.sparkqa.squad.QuestionSlice;
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
 * Reads questions from JSON into a table with one row per question. The formats are SQuAD 1.1 and 2.0, run_qa.py's flat
 * JSON, JSON lines and MRQA. The driver only finds the places of the questions; each executor reads and parses a share of
 * them, so a file is never in memory as a whole.
 */
public final class SquadTable {
    /** Bytes of JSON per task, so many that a task runs much longer than it takes to start. */
    private static final long BYTES_PER_TASK = 4 << 20;

    /** Most records that an error names. */
    private static final int NAMED = 5;

    private SquadTable() {}

    /**
     * A data set's questions.
     *
     * @param table one row per question, read when it is used
     * @param count number of questions
     */
    public record Questions(Dataset<Row> table, long count) {}

    /**
     * Reads a file, gzipped or not, or all files of a folder, sorted by name.
     *
     * @throws UserError if a file is missing, is not JSON or has another shape, or if there are no questions
     */
    public static Dataset<Row> read(SparkSession spark, Path source) {
        return open(spark, source).table();
    }

    /** Does the same as {@link #read} and also returns the number of questions. */
    public static Questions open(SparkSession spark, Path source) {
        List<Path> files = QuestionScan.files(source);
        List<QuestionSlice> slices = QuestionScan.of(files);
        int cores = spark.sparkContext().defaultParallelism();
        long bytes = slices.stream().mapToLong(QuestionSlice::length).sum();
        // A task that reads part of a gzipped file decompresses everything before it.
        boolean compressed = files.stream().anyMatch(QuestionScan::isCompressed);
        long tasks = Math.max(cores, compressed ? files.size() : bytes / BYTES_PER_TASK);
        long count = slices.stream().mapToLong(QuestionSlice::examples).sum();
        return new Questions(table(spark, slices, (int) Math.min(tasks, slices.size())), count);
    }

    /** Reads the same table with a given number of tasks. */
    public static Dataset<Row> read(SparkSession spark, Path source, int tasks) {
        return table(spark, QuestionScan.of(QuestionScan.files(source)), tasks);
    }

    private static Dataset<Row> table(SparkSession spark, List<QuestionSlice> slices, int tasks) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        return spark.createDataFrame(
                context.parallelize(slices, tasks).mapPartitions(SquadTable::rows), ExampleRow.SCHEMA);
    }

    private static Iterator<Row> rows(Iterator<QuestionSlice> slices) {
        QuestionReader reader = new QuestionReader();
        TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> reader.close());
        Iterable<QuestionSlice> once = () -> slices;
        return StreamSupport.stream(once.spliterator(), false)
                .flatMap(slice -> reader.read(slice).stream())
                .map(ExampleRow::of)
                .iterator();
    }

    /**
     * Checks that no two questions have the same id.
     *
     * @throws UserError with the number of repeated ids and the first few of them
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
                    "%s: question ids that occur more than once (%s): %s; give each question its own id, since predictions are stored by id"
                            .formatted(source, repeated.count(), list(first, row -> "%s (%s times)"
                                    .formatted(Printable.of(row.getString(0)), row.getLong(1)))));
        }
    }

    /** Returns the error for questions that have an empty answer although they are not marked as impossible. */
    public static UserError emptyAnswers(Dataset<Row> examples, Path source) {
        Dataset<Row> empty = examples.where("exists(answers, answer -> answer.text = '')");
        List<Row> first = empty.orderBy("example_index").takeAsList(NAMED);
        return new UserError(
                "%s: questions with an empty answer that are not marked as impossible (%s): %s; correct the answers or set is_impossible to true"
                        .formatted(source, empty.count(), list(first, row -> Printable.of(row.getAs("id")))));
    }

    /** Returns the examples whose answers all match the context at their offsets, or those where one does not. */
    public static Dataset<Row> whereAnswersFit(Dataset<Row> examples, boolean fit) {
        return examples.filter((FilterFunction<Row>)
                row -> ExampleRow.toExample(row).misplacedAnswers().isEmpty() == fit);
    }

    /**
     * Checks that the answers of all questions are known, and returns the number of questions.
     *
     * @param purpose the feature that needs them, for the message
     * @throws UserError with the number of questions without answers, and the first few
     */
    public static long requireLabelled(Dataset<Row> examples, Path source, String purpose) {
        Row counts = examples.agg(functions.count(functions.lit(1)), functions.count("answers"))
                .first();
        long questions = counts.getLong(0);
        long unlabelled = questions - counts.getLong(1);
        if (unlabelled > 0) {
            List<Row> first =
                    examples.where("answers IS NULL").orderBy("example_index").takeAsList(NAMED);
            throw new UserError(
                    "%s: questions without answers (%s): %s; %s needs \"answers\" for every question, an empty list if the context has no answer"
                            .formatted(source, unlabelled, list(first, row -> Printable.of(row.getAs("id"))), purpose));
        }
        return questions;
    }

    /** Returns a sentence with the number of examples whose answers don't match the context and the first few of them. */
    public static String misplacedInWords(Dataset<Row> misplaced, long count) {
        List<Row> first = misplaced.orderBy("example_index").takeAsList(NAMED);
        return "questions with an answer that is not in its context at its offset (%s): %s"
                .formatted(count, list(first, row -> misplacedInWords(ExampleRow.toExample(row))));
    }

    private static String misplacedInWords(Example example) {
        Example.Answer answer = example.misplacedAnswers().get(0);
        return "%s: \"%s\" at %s, where the context has \"%s\""
                .formatted(
                        Printable.of(example.id()),
                        Printable.of(answer.text()),
                        answer.answerStart(),
                        Printable.of(example.contextPart(answer.answerStart(), answer.answerEnd())));
    }

    private static String list(List<Row> rows, Function<Row, String> inWords) {
        return rows.stream().map(inWords).collect(Collectors.joining(", ")) + (rows.size() == NAMED ? " …" : "");
    }
}
