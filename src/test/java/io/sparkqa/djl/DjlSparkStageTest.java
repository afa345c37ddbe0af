package io.sparkqa.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.spark.task.text.QuestionAnswerer;
import io.sparkqa.TestSpark;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.decode.Calibration;
import io.sparkqa.model.TinyModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model folder in DJL's own stage for Spark ML. Only the profile djl-spark compiles this class. */
class DjlSparkStageTest {
    private static final SparkSession SPARK = TestSpark.session();

    @TempDir
    Path folder;

    @Test
    void djlsOwnStageAnswersAQuestionAboutALongText() throws Exception {
        Path model = TinyModel.write(folder.resolve("model"));
        ServingProperties.write(
                model,
                ExperimentReader.ofModelFolder(
                        model, Map.of("features.max_length", "" + TinyModel.LONGEST_WINDOW, "features.stride", "16")));
        Files.write(model.resolve(Calibration.FILE), new Calibration(1e9, "model", "dev", 1, 50).toJson());
        QuestionAnswerer stage = new QuestionAnswerer();
        stage.setInputCols(new String[] {"question", "context"});
        stage.setOutputCol("answer");
        stage.setEngine("PyTorch");
        stage.setModelUrl(model.toUri().toString());
        stage.setTranslatorFactory(new AnswerTranslatorFactory());

        Row row = stage.answer(SPARK.sql(
                        "SELECT 'Who runs?' AS question, repeat('The ant runs to its house. ', 40) AS context"))
                .first();

        assertThat(row.getString(2)).isNotEmpty();
        assertThat(row.getString(1)).contains(row.getString(2));
    }
}
