package io.sparkqa.spark;

import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.config.Experiment.Duplicates;
import io.sparkqa.decode.Calibration;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;

/**
 * A fine-tuned RoBERTa as a stage of Spark ML. {@link #transform} turns a table of windows into a table of each window's
 * highest logits, {@link #answers} turns the tables of examples and of windows into a table of answers. Each executor opens the
 * model folder once, so all executors must have it at the same path.
 */
public final class RobertaQuestionAnsweringModel extends Model<RobertaQuestionAnsweringModel>
        implements DefaultParamsWritable {
    private static final long serialVersionUID = 1L;

    private static final String NAME = "RobertaQuestionAnsweringModel";

    private final String uid;
    private final Param<String> modelFolder;
    private final Param<String> dtype;
    private final Param<String> device;
    private final IntParam batchTokens;
    private final IntParam nBest;
    private final Param<String> duplicates;
    private final IntParam maxAnswerLength;
    private final DoubleParam nullThreshold;

    /** Creates a stage with default parameters. The model folder has no default and must be set. */
    public RobertaQuestionAnsweringModel() {
        this(Identifiable$.MODULE$.randomUID("robertaQuestionAnswering"));
    }

    /** Creates a stage with a given uid, as Spark ML does to load a saved one. */
    public RobertaQuestionAnsweringModel(String uid) {
        this.uid = uid;
        modelFolder = new Param<>(this, "modelFolder", "HuggingFace folder of the fine-tuned model");
        dtype = new Param<>(
                this,
                "dtype",
                "arithmetic of the matrix products: auto, float32 or bfloat16",
                ParamValidators.inArray(new String[] {"auto", "float32", "bfloat16"}));
        device = new Param<>(this, "device", "auto (the task's GPU if it has one), cpu or cuda:N");
        batchTokens = new IntParam(
                this, "batchTokens", "tokens, padding included, of one forward pass", ParamValidators.gtEq(1));
        nBest = new IntParam(
                this,
                "nBest",
                "candidate answers listed for a question, and start and end tokens considered in a window",
                ParamValidators.gtEq(1));
        duplicates = new Param<>(
                this,
                "duplicates",
                "a candidate found several times, as in overlapping windows: merge lists it once with its best score, keep lists it each time",
                ParamValidators.inArray(new String[] {"merge", "keep"}));
        maxAnswerLength = new IntParam(this, "maxAnswerLength", "longest answer in tokens", ParamValidators.gtEq(1));
        nullThreshold = new DoubleParam(
                this,
                "nullThreshold",
                "a question is unanswered if its null score exceeds its best span's score by more than this; if unset, the threshold in the model folder's spark_qa.json, else 0");
        setDefault(dtype, "auto");
        setDefault(device, "auto");
        setDefault(batchTokens, 8192);
        setDefault(nBest, 20);
        setDefault(duplicates, "merge");
        setDefault(maxAnswerLength, 30);
        setDefault(nullThreshold, 0.0);
    }

    /** Reads a saved stage. It holds the path of the model folder, not the model. */
    public static RobertaQuestionAnsweringModel load(String path) {
        return read().load(path);
    }

    /** Returns the reader that Spark ML uses to load a pipeline with this stage. */
    public static MLReader<RobertaQuestionAnsweringModel> read() {
        return new DefaultParamsReader<>();
    }

    /** Turns the table of windows into a table of each window's highest logits. */
    @Override
    public Dataset<Row> transform(Dataset<?> windows) {
        return transform(windows, windows.sparkSession().sparkContext().longAccumulator("windows"));
    }

    /**
     * Does the same as {@link #transform(Dataset)} and counts the windows.
     *
     * @param done counts the windows as the tasks process them
     */
    public Dataset<Row> transform(Dataset<?> windows, LongAccumulator done) {
        SharedModel model = source();
        transformSchema(windows.schema(), true);
        return TopLogitsTable.of(windows.toDF(), model, decoder(), done);
    }

    /**
     * Turns the tables of examples and of their windows into the table of answers, in no particular order.
     *
     * @param done counts the windows as the tasks decode them
     */
    public Dataset<Row> answers(Dataset<Row> examples, Dataset<Row> windows, LongAccumulator done) {
        return AnswersTable.of(examples, transform(windows, done), decoder(), threshold());
    }

    /**
     * Adds a column of answers to a table. The rows, their order and the other columns stay the same. The rows may be a
     * stream.
     *
     * @param question name of the column of questions, of type string
     * @param context name of the column of texts, of type string
     * @param output name of the new column: a struct of text, probability, null odds, start, end and n best
     * @param maxLength longest window in tokens; shorter if the network has fewer positions
     * @param stride context tokens that neighbouring windows share
     * @throws IllegalArgumentException if a column is missing or of another type, or if {@code output} exists
     */
    public Dataset<Row> answer(
            Dataset<Row> table, String question, String context, String output, int maxLength, int stride) {
        StructType required =
                new StructType().add(question, DataTypes.StringType).add(context, DataTypes.StringType);
        RequiredColumns.check(NAME, table.schema(), required);
        if (List.of(table.schema().fieldNames()).contains(output)) {
            throw new IllegalArgumentException(
                    "%s: the table already has a column %s; choose another name for the column of answers"
                            .formatted(NAME, output));
        }
        Path folder = folder();
        int longest = RobertaConfig.read(folder.resolve("config.json")).longestWindow();
        AnswerColumn column = new AnswerColumn(
                question,
                context,
                source(),
                JavaSparkContext.fromSparkContext(table.sparkSession().sparkContext())
                        .broadcast(SharedTokenizer.read(folder)),
                Math.min(maxLength, longest),
                stride,
                decoder(),
                threshold());
        return column.addTo(table, output);
    }

    private Path folder() {
        if (!isDefined(modelFolder)) {
            throw new IllegalArgumentException(
                    NAME + ": the parameter modelFolder is not set; set it to the folder of a fine-tuned model");
        }
        return Path.of($(modelFolder));
    }

    /** Returns the model, after checking that it is trained, so that an error appears before tasks start. */
    private SharedModel source() {
        ModelFolder.read(folder(), 0).requireTrained(folder());
        return new SharedModel(folder().toString(), Dtype.valueOf(upper($(dtype))), $(device), (int) $(batchTokens));
    }

    private SpanDecoder decoder() {
        return new SpanDecoder((int) $(nBest), (int) $(maxAnswerLength), Duplicates.valueOf(upper($(duplicates))));
    }

    private double threshold() {
        return isSet(nullThreshold)
                ? (double) $(nullThreshold)
                : Calibration.thresholdIn(folder()).orElse((double) $(nullThreshold));
    }

    private static String upper(String value) {
        return value.toUpperCase(Locale.ROOT);
    }

    @Override
    public StructType transformSchema(StructType schema) {
        RequiredColumns.check(NAME, schema, WindowRow.UNLABELLED);
        if (isDefined(modelFolder)) {
            WindowMetadata.check(NAME, schema, folder());
        }
        return TopLogitsTable.SCHEMA;
    }

    @Override
    public RobertaQuestionAnsweringModel copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    @Override
    public String uid() {
        return uid;
    }

    /** HuggingFace folder of the fine-tuned model. */
    public Param<String> modelFolder() {
        return modelFolder;
    }

    public RobertaQuestionAnsweringModel setModelFolder(String value) {
        set(modelFolder, value);
        return this;
    }

    /** Arithmetic of the matrix products. */
    public Param<String> dtype() {
        return dtype;
    }

    public RobertaQuestionAnsweringModel setDtype(String value) {
        set(dtype, value);
        return this;
    }

    /** Device on which the network computes. */
    public Param<String> device() {
        return device;
    }

    public RobertaQuestionAnsweringModel setDevice(String value) {
        set(device, value);
        return this;
    }

    /** Tokens, padding included, of one forward pass. */
    public IntParam batchTokens() {
        return batchTokens;
    }

    public RobertaQuestionAnsweringModel setBatchTokens(int value) {
        set(batchTokens, value);
        return this;
    }

    /** Candidate answers listed for a question, and start and end tokens considered in a window. */
    public IntParam nBest() {
        return nBest;
    }

    public RobertaQuestionAnsweringModel setNBest(int value) {
        set(nBest, value);
        return this;
    }

    /** Whether a candidate that is found several times is listed once or each time. */
    public Param<String> duplicates() {
        return duplicates;
    }

    public RobertaQuestionAnsweringModel setDuplicates(String value) {
        set(duplicates, value);
        return this;
    }

    /** Longest answer in tokens. */
    public IntParam maxAnswerLength() {
        return maxAnswerLength;
    }

    public RobertaQuestionAnsweringModel setMaxAnswerLength(int value) {
        set(maxAnswerLength, value);
        return this;
    }

    /** Null odds above which a question is unanswered. */
    public DoubleParam nullThreshold() {
        return nullThreshold;
    }

    public RobertaQuestionAnsweringModel setNullThreshold(double value) {
        set(nullThreshold, value);
        return this;
    }
}
