package org.example;

import ai.djl.modality.nlp.qa.QAInput;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.sparkqa.djl.AnswerTranslatorFactory;
import io.sparkqa.spark.AnswerExtensions;
import io.sparkqa.spark.RobertaQuestionAnsweringModel;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Answers a question by Spark ML, by Spark SQL and by DJL; arguments: model folder, question, context. */
public final class Answers {
    private Answers() {}

    public static void main(String[] arguments) throws Exception {
        String model = arguments[0];
        String question = arguments[1];
        String context = arguments[2];
        try (SparkSession spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", false)
                .config("spark.sql.extensions", AnswerExtensions.class.getName())
                .config("spark.sparkqa.modelFolder", model)
                .getOrCreate()) {
            Dataset<Row> table = spark.createDataFrame(
                    List.of(RowFactory.create(question, context)),
                    new StructType().add("question", "string").add("context", "string"));
            Row answered = new RobertaQuestionAnsweringModel()
                    .setModelFolder(model)
                    .transform(table)
                    .select("answer.text")
                    .first();
            System.out.println("Spark ML: " + answered.getString(0));
            table.createOrReplaceTempView("questions");
            System.out.println("Spark SQL: "
                    + spark.sql("SELECT answer(question, context).text FROM questions").first().getString(0));
        }
        try (ZooModel<QAInput, String> zoo = Criteria.builder()
                .setTypes(QAInput.class, String.class)
                .optModelPath(Path.of(model))
                .optTranslatorFactory(new AnswerTranslatorFactory())
                .build()
                .loadModel()) {
            System.out.println("DJL: " + zoo.newPredictor().predict(new QAInput(question, context)));
        }
    }
}
