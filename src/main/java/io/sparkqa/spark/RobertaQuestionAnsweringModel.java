package io.sparkqa.spark;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.decode.Calibration;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.model.ModelFolder;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A fine-tuned RoBERTa as a stage of Spark ML: adds a column of answers to any table that has a column of questions and one of
 * texts. Rows, their order and all other columns stay; a stream of rows works as well. Each executor opens the model folder
 * once: all executors have it at the same path, or it is on a file system of Hadoop, from which each copies it.
 */
public final class RobertaQuestionAnsweringModel extends Model<RobertaQuestionAnsweringModel>
        implements AnsweringParams<RobertaQuestionAnsweringModel>, MLWritable {
    private static final long serialVersionUID = 1L;

    private static final String NAME = "RobertaQuestionAnsweringModel";

    private final String uid;

    /** Creates a stage with default parameters. The model folder has no default and must be set. */
    public RobertaQuestionAnsweringModel() {
        this(Identifiable$.MODULE$.randomUID("robertaQuestionAnswering"));
    }

    /** Creates a stage with a given uid, as Spark ML does to load a saved one. */
    public RobertaQuestionAnsweringModel(String uid) {
        this.uid = uid;
        SettingParams.setDefaults(this);
        setDefault(savesFolder(), true);
    }

    /** Reads a saved stage. Its model folder is the copy that was saved with it, if there is one. */
    public static RobertaQuestionAnsweringModel load(String path) {
        return read().load(path);
    }

    /** Returns the reader that Spark ML uses to load a pipeline with this stage. */
    public static MLReader<RobertaQuestionAnsweringModel> read() {
        return new SavedModel.Reader();
    }

    @Override
    public MLWriter write() {
        return new SavedModel.Writer(this, (Boolean) getOrDefault(savesFolder()) ? folder() : null);
    }

    /**
     * Adds the column of answers to a table.
     *
     * @throws IllegalArgumentException naming a column that is missing, of another type, or there already, or a tokenizer with
     *     more tokens than the network
     * @throws io.sparkqa.config.UserError if the model folder can't be used
     */
    @Override
    public Dataset<Row> transform(Dataset<?> table) {
        transformSchema(table.schema(), true);
        AnswerColumn column = new AnswerColumn(
                getOrDefault(questionCol()), getOrDefault(contextCol()), answering(table.sparkSession()));
        return column.addTo(table.toDF(), getOrDefault(answerCol()));
    }

    /** Returns what tasks need to answer with this model; refuses one that was not trained before tasks start. */
    Answering answering(SparkSession spark) {
        Configuration files = spark.sparkContext().hadoopConfiguration();
        Path folder = LocalCopies.of(folder(), files);
        ModelFolder.read(folder, 0).requireTrained(folder);
        int longest = ModelFolder.config(folder).longestWindow();
        Experiment settings = ExperimentReader.of(SettingParams.settings(this));
        Experiment.Features features = settings.features();
        if (features.stride() >= features.maxLength()) {
            throw new IllegalArgumentException("%s: the parameter stride, %s, must be less than maxLength, %s"
                    .formatted(NAME, features.stride(), features.maxLength()));
        }
        SharedModel model = SharedModel.of(settings, folder);
        return new Answering(
                LocalCopies.isRemote(folder())
                        ? new FetchedModel(folder(), new SerializableConfiguration(files), model)
                        : model,
                JavaSparkContext.fromSparkContext(spark.sparkContext())
                        .broadcast(SharedTokenizer.ofModel(NAME, folder)),
                Math.min(features.maxLength(), longest),
                features.stride(),
                SpanDecoder.of(settings.decode()),
                threshold(folder));
    }

    private String folder() {
        if (!isDefined(modelFolder())) {
            throw new IllegalArgumentException(
                    NAME + ": the parameter modelFolder is not set; set it to the folder of a fine-tuned model");
        }
        return getOrDefault(modelFolder());
    }

    private double threshold(Path folder) {
        return isSet(nullThreshold())
                ? (Double) getOrDefault(nullThreshold())
                : Calibration.thresholdIn(folder).orElse(0.0);
    }

    /** @throws IllegalArgumentException naming a column that is missing, of another type, or there already */
    @Override
    public StructType transformSchema(StructType schema) {
        return AnswerColumn.addTo(NAME, schema, this);
    }

    @Override
    public RobertaQuestionAnsweringModel copy(ParamMap extra) {
        RobertaQuestionAnsweringModel copy = defaultCopy(extra);
        return copy.setParent(parent());
    }

    @Override
    public String uid() {
        return uid;
    }

    /** HuggingFace folder of the fine-tuned model: a path that all executors see, or a URI of Hadoop. */
    public Param<String> modelFolder() {
        return SettingParams.text(
                this,
                "modelFolder",
                "HuggingFace folder of the fine-tuned model: a path that all executors see, or a URI of Hadoop");
    }

    public RobertaQuestionAnsweringModel setModelFolder(String value) {
        return with(modelFolder(), value);
    }

    /** Whether a saved stage holds a copy of the model folder, or its path only. */
    public BooleanParam savesFolder() {
        return new BooleanParam(
                this, "savesFolder", "true: a saved stage holds a copy of the model folder; false: its path only");
    }

    public RobertaQuestionAnsweringModel setSavesFolder(boolean value) {
        return with(savesFolder(), value);
    }
}
