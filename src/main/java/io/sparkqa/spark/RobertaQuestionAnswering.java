package io.sparkqa.spark;

import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Fine-tunes a RoBERTa on a table of questions with known answers, as a stage of Spark ML. The network trains on the driver,
 * or, if {@link #replicas} is more than 1, in rounds of replicas on the executors.
 */
public final class RobertaQuestionAnswering extends Estimator<RobertaQuestionAnsweringModel>
        implements TrainingParams<RobertaQuestionAnswering>, DefaultParamsWritable {
    private static final long serialVersionUID = 1L;

    static final String NAME = "RobertaQuestionAnswering";

    private final String uid;

    /** Creates a stage with default parameters; start folder and output folder have none and must be set. */
    public RobertaQuestionAnswering() {
        this(Identifiable$.MODULE$.randomUID("robertaQuestionAnswering"));
    }

    /** Creates a stage with a given uid, as Spark ML does to load a saved one. */
    public RobertaQuestionAnswering(String uid) {
        this.uid = uid;
        SettingParams.setDefaults(this);
        setDefault(labelCol(), "answers");
    }

    /** Reads a saved stage. */
    public static RobertaQuestionAnswering load(String path) {
        return read().load(path);
    }

    /** Returns the reader that Spark ML uses to load a pipeline with this stage. */
    public static MLReader<RobertaQuestionAnswering> read() {
        return new DefaultParamsReader<>();
    }

    /**
     * Trains on the questions of a table. The output folder gets a folder with the model, named after what it was made from: a
     * fit that was interrupted continues from its newest checkpoint when it is called again, and a finished one returns its
     * model.
     *
     * @throws IllegalArgumentException naming a parameter that is not set, or a column that is missing or of another type
     * @throws io.sparkqa.config.UserError if the questions, the start model or the output folder can't be used
     */
    @Override
    public RobertaQuestionAnsweringModel fit(Dataset<?> table) {
        transformSchema(table.schema(), true);
        requireSet(startFolder());
        requireSet(outputFolder());
        String folder = new Fit(this).run(table.toDF()).toString();
        RobertaQuestionAnsweringModel model =
                copyValues(new RobertaQuestionAnsweringModel(uid).setParent(this), ParamMap.empty());
        return model.setModelFolder(folder);
    }

    private void requireSet(Param<String> param) {
        if (!isDefined(param)) {
            throw new IllegalArgumentException(
                    "%s: the parameter %s is not set; set it to a folder".formatted(NAME, param.name()));
        }
    }

    /** @throws IllegalArgumentException naming a column that is missing, of another type, or there already */
    @Override
    public StructType transformSchema(StructType schema) {
        StructType answered = AnswerColumn.addTo(NAME, schema, this);
        String label = getOrDefault(labelCol());
        RequiredColumns.require(
                NAME,
                schema,
                label,
                RobertaQuestionAnswering::holdsAnswers,
                "an array of structs with text STRING and answer_start INT");
        return answered;
    }

    private static boolean holdsAnswers(DataType type) {
        return type instanceof ArrayType array
                && array.elementType() instanceof StructType answer
                && answer.getFieldIndex("text")
                        .exists(i -> answer.fields()[(Integer) i].dataType().equals(DataTypes.StringType))
                && answer.getFieldIndex("answer_start").exists(i -> isWhole(answer.fields()[(Integer) i].dataType()));
    }

    private static boolean isWhole(DataType type) {
        return type.equals(DataTypes.IntegerType) || type.equals(DataTypes.LongType);
    }

    @Override
    public RobertaQuestionAnswering copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    @Override
    public String uid() {
        return uid;
    }
}
