package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.TestSpark;
import io.sparkqa.model.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The SQL function answer(question, context), in a session of its own, with a network of a few thousand weights. */
class AnswerExtensionsTest {
    private static final SparkSession OTHERS = TestSpark.session();
    private static final String QUESTIONS =
            """
            SELECT id, IF(id = 4, NULL, concat('Who runs ', id, '?')) AS question,
              concat('The ant runs ', id, ' miles.') AS context FROM range(0, 6, 1, 2)
            """;

    @TempDir
    static Path folder;

    private static String model;
    private static SparkSession spark;

    @BeforeAll
    static void aSessionWithTheExtension() throws IOException {
        model = TinyModel.write(folder.resolve("model")).toString();
        SparkSession.clearActiveSession();
        SparkSession.clearDefaultSession();
        spark = SparkSession.builder().withExtensions(new AnswerExtensions()).getOrCreate();
    }

    @AfterAll
    static void theSessionOfTheOtherTests() {
        SparkSession.setActiveSession(OTHERS);
        SparkSession.setDefaultSession(OTHERS);
    }

    @BeforeEach
    void settings() {
        spark.conf().set("spark.sparkqa.modelFolder", model);
        spark.sql("SET spark.sparkqa.dtype=float32");
        spark.sql("SET spark.sparkqa.nullThreshold=1e9");
        spark.sql("SET spark.sparkqa.stride=8");
        spark.sql(QUESTIONS).createOrReplaceTempView("questions");
    }

    @Test
    void aSelectListIsAnsweredInBatchesAsTransformAnswers() {
        Dataset<Row> answered = spark.sql("SELECT *, answer(question, context) AS answer FROM questions");

        assertThat(answered.queryExecution().optimizedPlan().toString()).contains("MapPartitions");
        assertThat(answered.collectAsList())
                .isEqualTo(expected().collectAsList())
                .hasSize(6);
        assertThat(answered.schema().fieldNames()).containsExactly("id", "question", "context", "answer");
    }

    @Test
    void callsMayStandAnywhereInAQuery() {
        List<Row> texts = expected().select("id", "answer.text").collectAsList();

        for (String query : List.of(
                "SELECT q.id, answer(q.question, q.context).text FROM questions q JOIN questions r ON q.id = r.id",
                "WITH c AS (SELECT id, answer(question, context) AS a FROM questions) SELECT id, a.text FROM c",
                "SELECT id, a.text FROM (SELECT id, answer(question, context) AS a FROM questions) WHERE id >= 0",
                "SELECT id, first(answer(question, context).text) FROM questions GROUP BY id",
                "SELECT id, (SELECT answer('x', 'y').text || '') IS NULL, upper(answer(question, context).text) FROM questions")) {
            List<Row> rows = spark.sql(query).orderBy("id").collectAsList();
            assertThat(rows)
                    .as(query)
                    .extracting(row -> row.getString(row.length() - 1).toLowerCase(Locale.ROOT))
                    .containsExactlyElementsOf(texts.stream()
                            .map(row -> row.getString(1).toLowerCase(Locale.ROOT))
                            .toList());
        }
        assertThat(spark.sql("SELECT id FROM questions WHERE answer(question, context).text = '' ORDER BY id")
                        .collectAsList())
                .extracting(row -> row.getLong(0))
                .containsExactlyElementsOf(texts.stream()
                        .filter(row -> row.getString(1).isEmpty())
                        .map(row -> row.getLong(0))
                        .toList());
    }

    @Test
    void rowsOfTheQueryItselfAreAnswered() {
        assertThat(spark.sql("SELECT c, answer(q, c).text FROM VALUES ('Who?', 'The ant.') AS t(q, c)")
                        .collectAsList())
                .hasSize(1)
                .allSatisfy(row -> assertThat(row.getString(0)).contains(row.getString(1)));
    }

    @Test
    void severalCallsAndColumnsOfOneNameAreToldApart() {
        Row row = spark.sql(
                        "SELECT context, context, answer(question, context) a, answer(context, question) b, answer(question, context) a FROM questions WHERE id = 1")
                .first();

        assertThat(row.getString(0)).isEqualTo(row.getString(1));
        assertThat(row.getStruct(2)).isEqualTo(row.getStruct(4));
        assertThat(row.getString(0)).contains(row.getStruct(2).getString(0));
        assertThat("Who runs 1?").contains(row.getStruct(3).getString(0));
    }

    @Test
    void aStreamIsAnsweredAsATableIs() throws Exception {
        String parts = folder.resolve("parts").toString();
        spark.table("questions").write().mode("overwrite").parquet(parts);
        Dataset<Row> arriving =
                spark.readStream().schema(spark.table("questions").schema()).parquet(parts);
        arriving.createOrReplaceTempView("arriving");

        List<Row> bySql = streamed(spark.sql("SELECT *, answer(question, context) AS answer FROM arriving"), "by_sql");
        List<Row> byModel = streamed(expected(arriving), "by_model");

        assertThat(bySql)
                .containsExactlyInAnyOrderElementsOf(expected().collectAsList())
                .containsExactlyInAnyOrderElementsOf(byModel);
    }

    private static List<Row> streamed(Dataset<Row> answered, String name) throws Exception {
        StreamingQuery query = answered.writeStream()
                .format("memory")
                .queryName(name)
                .trigger(Trigger.AvailableNow())
                .start();
        query.awaitTermination();
        return spark.table(name).collectAsList();
    }

    @Test
    void whatIsMissingOrWrongIsNamed() {
        String query = "SELECT answer(question, context) FROM questions";

        spark.conf().set("spark.sparkqa.nBest", "many");
        assertThatThrownBy(() -> spark.sql(query)).hasMessageContaining("spark.sparkqa.nBest = many can't be used");
        spark.conf().unset("spark.sparkqa.nBest");
        spark.conf().set("spark.sparkqa.nbest", "3");
        assertThatThrownBy(() -> spark.sql(query)).hasMessageContainingAll("no setting spark.sparkqa.nbest", "nBest");
        spark.conf().unset("spark.sparkqa.nbest");
        assertThatThrownBy(() -> spark.sql("SELECT answer(question) FROM questions"))
                .hasMessageContaining("a question and a context");
        spark.conf().unset("spark.sparkqa.modelFolder");
        assertThatThrownBy(() -> spark.sql(query)).hasMessageContaining("spark.sparkqa.modelFolder is not set");
    }

    private static Dataset<Row> expected() {
        return expected(spark.table("questions"));
    }

    private static Dataset<Row> expected(Dataset<Row> questions) {
        return new RobertaQuestionAnsweringModel()
                .setModelFolder(model)
                .setStride(8)
                .setDtype("float32")
                .setNullThreshold(1e9)
                .transform(questions);
    }
}
