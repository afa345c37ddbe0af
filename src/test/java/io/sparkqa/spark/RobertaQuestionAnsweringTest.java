package io.sparkqa.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.TestSpark;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Trees;
import io.sparkqa.model.Safetensors;
import io.sparkqa.model.TinyModel;
import io.sparkqa.window.TokenizerJson;
import io.sparkqa.window.TokenizerKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The estimator and its model in pipelines of Spark ML, with a network of a few thousand weights. */
class RobertaQuestionAnsweringTest {
    private static final SparkSession SPARK = TestSpark.session();

    @TempDir
    static Path models;

    private static String start;

    @TempDir
    Path folder;

    private RobertaQuestionAnswering estimator;

    @BeforeAll
    static void aModelToStartFrom() throws IOException {
        start = TinyModel.write(models.resolve("start")).toString();
    }

    @BeforeEach
    void anEstimator() {
        estimator = new RobertaQuestionAnswering()
                .setStartFolder(start)
                .setOutputFolder(folder.resolve("output").toString())
                .setMaxLength(48)
                .setStride(8)
                .setBatch(4)
                .setMaxSteps(3)
                .setLr(1e-2)
                .setDtype("float32")
                .setNullThreshold(1e9);
    }

    @Test
    void aSavedPipelineBringsItsTrainedModelAlong() throws IOException {
        String path = folder.resolve("saved").toString();
        PipelineModel fitted =
                new Pipeline().setStages(new PipelineStage[] {estimator}).fit(examples());
        List<Row> answered = fitted.transform(examples()).collectAsList();
        fitted.save(path);
        Trees.delete(folder.resolve("output"));

        PipelineModel loaded = PipelineModel.load(path);

        assertThat(loaded.transform(examples()).collectAsList()).isEqualTo(answered);
        assertThat(answered).hasSize(6).allSatisfy(row -> assertThat(
                        row.getStruct(4).getString(0))
                .isNotEmpty()
                .isEqualTo(row.getString(2)
                        .substring(row.getStruct(4).getInt(3), row.getStruct(4).getInt(4))));
    }

    @Test
    void aPipelineOnAnotherFileSystemBringsItsModelAlongToo() throws IOException {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        SPARK.sparkContext()
                .hadoopConfiguration()
                .set("fs.viewfs.mounttable.models.link./saved", disk.toUri().toString());
        PipelineModel model = new Pipeline()
                .setStages(new PipelineStage[] {
                    new RobertaQuestionAnsweringModel()
                            .setModelFolder(start)
                            .setStride(8)
                            .setNullThreshold(1e9)
                })
                .fit(examples());
        List<Row> answered = model.transform(examples()).collectAsList();

        model.save("viewfs://models/saved/pipeline");
        PipelineModel loaded = PipelineModel.load("viewfs://models/saved/pipeline");
        loaded.save(folder.resolve("local").toString());

        assertThat(loaded.stages()[0].explainParams()).contains("current: viewfs://models/saved/pipeline/stages/0_");
        assertThat(loaded.transform(examples()).collectAsList()).isEqualTo(answered);
        Trees.delete(disk);
        assertThat(PipelineModel.load(folder.resolve("local").toString())
                        .transform(examples())
                        .collectAsList())
                .isEqualTo(answered);
        assertThatThrownBy(() -> loaded.transform(examples()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("/model: the model folder can't be copied to this machine");
    }

    @Test
    void aCopyOfAModelHasParamsOfItsOwnAndTheSameFolderAndParent() {
        RobertaQuestionAnsweringModel model =
                new RobertaQuestionAnsweringModel().setModelFolder("a/model").setParent(estimator);

        RobertaQuestionAnsweringModel copy = model.copy(new ParamMap().put(model.nBest(), 1));

        assertThat(copy.parent()).isSameAs(estimator);
        assertThat(copy.uid()).isEqualTo(model.uid());
        assertThat(copy.getOrDefault(copy.modelFolder())).isEqualTo("a/model");
        assertThat(copy.explainParam(copy.nBest())).contains("current: 1");
        assertThat(model.explainParam(model.nBest())).doesNotContain("current");
    }

    @Test
    void aStageSavedByPathHoldsNoCopy() throws IOException {
        String path = folder.resolve("saved").toString();
        new RobertaQuestionAnsweringModel()
                .setModelFolder("a/model")
                .setSavesFolder(false)
                .setNBest(7)
                .save(path);

        RobertaQuestionAnsweringModel loaded = RobertaQuestionAnsweringModel.load(path);

        assertThat(loaded.explainParam(loaded.modelFolder())).contains("a/model");
        assertThat(loaded.explainParam(loaded.nBest())).contains("current: 7");
        assertThat(folder.resolve("saved/model")).doesNotExist();
    }

    @Test
    void aLoadedStageIsNotSavedOverItsOwnFolder() throws IOException {
        String path = folder.resolve("saved").toString();
        new RobertaQuestionAnsweringModel().setModelFolder(start).save(path);
        RobertaQuestionAnsweringModel loaded = RobertaQuestionAnsweringModel.load(path);

        assertThatThrownBy(() -> loaded.write().overwrite().save(path))
                .hasMessageContainingAll(path, "save it elsewhere");

        assertThat(folder.resolve("saved/model/model.safetensors")).exists();
    }

    @Test
    void aSavedEstimatorTrainsTheSameModelAgain() throws IOException {
        String path = folder.resolve("estimator").toString();
        new Pipeline().setStages(new PipelineStage[] {estimator}).save(path);

        RobertaQuestionAnswering loaded =
                (RobertaQuestionAnswering) Pipeline.load(path).getStages()[0];

        assertThat(loaded.explainParams()).isEqualTo(estimator.explainParams());
        assertThat(loaded.fit(examples()).transform(examples()).collectAsList())
                .isEqualTo(estimator.fit(examples()).transform(examples()).collectAsList());
    }

    @Test
    void eachFitHasAFolderOfItsOwnAndTheSameFitReturnsItsModel() throws IOException {
        RobertaQuestionAnsweringModel model = estimator.fit(examples());
        Path weights = Path.of(model.getOrDefault(model.modelFolder())).resolve("model.safetensors");
        Object written = Files.getLastModifiedTime(weights);

        RobertaQuestionAnsweringModel again = estimator.fit(examples());
        RobertaQuestionAnsweringModel other = estimator.fit(examples(), new ParamMap().put(estimator.lr(), 1e-3));

        assertThat(again.getOrDefault(again.modelFolder())).isEqualTo(model.getOrDefault(model.modelFolder()));
        assertThat(Files.getLastModifiedTime(weights)).isEqualTo(written);
        assertThat(other.getOrDefault(other.modelFolder())).isNotEqualTo(model.getOrDefault(model.modelFolder()));
        try (Stream<Path> left = Files.list(weights.getParent().getParent())) {
            assertThat(left).containsExactly(weights.getParent());
        }
    }

    @Test
    void aFitInRoundsTrainsReplicasOnTheExecutors() {
        RobertaQuestionAnsweringModel model =
                estimator.setReplicas(2).setRoundSteps(1).setMaxSteps(4).fit(examples());

        assertThat(model.transform(examples()).collectAsList()).hasSize(6);
        assertThat(model.parent()).isSameAs(estimator);
    }

    @ParameterizedTest
    @EnumSource
    void eachTokenizerOfTheFamilyTrainsAModelThatFindsItsAnswers(TokenizerKind kind) throws IOException {
        Path from = TinyModel.write(folder.resolve("start"), kind);
        if (kind == TokenizerKind.WORD_PIECE) {
            leaveOutThePrefix(from.resolve("model.safetensors"));
        }
        if (kind == TokenizerKind.BYTE_LEVEL) {
            // all that the first RoBERTa has beside its tokenizer
            Files.writeString(from.resolve("tokenizer_config.json"), "{\"model_max_length\": 512}");
            Files.writeString(from.resolve("merges.txt"), "#version: 0.2\n");
        }
        Dataset<Row> places = SPARK.sql(
                """
                SELECT question, context, IF(answer = '', array(),
                  array(named_struct('answer_start', instr(context, answer) - 1, 'text', answer))) AS answers
                FROM VALUES ('Where was the mill?', 'The mill was in Übersee, 1702.', 'Übersee'),
                  ('What live where?', '😀 Ants live where the mill was.', 'Ants'),
                  ('Who?', 'The ants, what else?', '') AS places(question, context, answer)
                """);

        RobertaQuestionAnsweringModel model = estimator
                .setStartFolder(from.toString())
                .setMaxSteps(80)
                .setBatch(3)
                .setDropout(0)
                .setNullThreshold(0)
                .fit(places);

        assertThat(model.transform(places)
                        .select("answer.text")
                        .as(Encoders.STRING())
                        .collectAsList())
                .containsExactly("Übersee", "Ants", "");
        Path written = Path.of(model.getOrDefault(model.modelFolder()));
        assertThat(TokenizerJson.read(written)).isEqualTo(TokenizerJson.read(from));
        JsonNode config =
                new ObjectMapper().readTree(written.resolve("config.json").toFile());
        assertThat(config.path("model_type").asText()).isEqualTo(kind.modelType());
        assertThat(config.path("architectures").path(0).asText()).endsWith("ForQuestionAnswering");
        assertThat(config.path("torch_dtype").asText()).isEqualTo("float32");
        JsonNode special = new ObjectMapper()
                .readTree(written.resolve("special_tokens_map.json").toFile());
        assertThat(special.path("cls_token").asText()).isEqualTo(kind == TokenizerKind.WORD_PIECE ? "[CLS]" : "<s>");
        assertThat(special.path("pad_token").asText()).isEqualTo(kind == TokenizerKind.WORD_PIECE ? "[PAD]" : "<pad>");
        if (kind == TokenizerKind.BYTE_LEVEL) {
            for (String file : List.of("tokenizer_config.json", "merges.txt")) {
                assertThat(written.resolve(file)).hasSameBinaryContentAs(from.resolve(file));
            }
        } else {
            JsonNode tokenizer = new ObjectMapper()
                    .readTree(written.resolve("tokenizer_config.json").toFile());
            assertThat(tokenizer.path("cls_token")).isEqualTo(special.path("cls_token"));
        }
        assertThat(Files.readString(written.resolve("model.safetensors"), StandardCharsets.ISO_8859_1)
                        .substring(Long.BYTES))
                .startsWith("{\"__metadata__\":{\"format\":\"pt\"}");
        assertThat(Files.readString(written.resolve("README.md")))
                .startsWith("---\nlicense: unknown\n")
                .contains("| train.max_steps | 80 |", "| the table | ");
    }

    private static void leaveOutThePrefix(Path file) throws IOException {
        Map<String, Safetensors.Tensor> bare = new LinkedHashMap<>();
        Safetensors.read(file).forEach((name, tensor) -> bare.put(name.replaceFirst("^roberta\\.", ""), tensor));
        Path copy = file.resolveSibling("bare");
        Safetensors.write(copy, bare);
        Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void theModelKeepsColumnsAndRowsAndAnswersWithTheEstimatorsParams() {
        Dataset<Row> renamed = examples()
                .withColumnRenamed("question", "ask.this")
                .withColumnRenamed("context", "passage")
                .withColumnRenamed("answers", "known");
        RobertaQuestionAnsweringModel model = estimator
                .setQuestionCol("ask.this")
                .setContextCol("passage")
                .setLabelCol("known")
                .setAnswerCol("found")
                .fit(renamed);
        Dataset<Row> asked = renamed.drop("known")
                .union(SPARK.sql("SELECT 7L, NULL, 'The ant runs.'"))
                .union(SPARK.sql("SELECT 8L, ' ', 'The ant runs.'"))
                .union(SPARK.sql("SELECT 9L, 'Who?', NULL"))
                .withMetadata("number", Metadata.fromJson("{\"ml_attr\": {\"name\": \"number\"}}"));

        Dataset<Row> answered = model.transform(asked);

        assertThat(answered.schema()).isEqualTo(model.transformSchema(asked.schema()));
        assertThat(answered.columns()).containsExactly("number", "ask.this", "passage", "found");
        assertThat(answered.drop("found").collectAsList()).isEqualTo(asked.collectAsList());
        assertThat(answered.where("number > 6").select("found.*").collectAsList())
                .hasSize(3)
                .allSatisfy(row -> {
                    assertThat(row.getString(0)).isEmpty();
                    assertThat(row.isNullAt(2)).isTrue();
                    assertThat(row.getList(5)).isEmpty();
                });
    }

    @Test
    void aWrongTableIsRefusedOnTheDriverByColumn() {
        StructType schema = examples().schema();
        StructType numbers = new StructType().add("question", "bigint").add("context", "string");

        assertThatThrownBy(() -> estimator.transformSchema(numbers)).hasMessageContainingAll("question", "BIGINT");
        assertThatThrownBy(() -> estimator.setLabelCol("gold").fit(examples())).hasMessageContaining("gold is missing");
        assertThatThrownBy(() -> estimator.setLabelCol("context").transformSchema(schema))
                .hasMessageContainingAll("context is STRING", "answer_start INT");
        assertThatThrownBy(() ->
                        estimator.setLabelCol("answers").setAnswerCol("number").transformSchema(schema))
                .hasMessageContainingAll("already has a column number", "answerCol");
        assertThatThrownBy(() ->
                        new RobertaQuestionAnsweringModel().transform(examples().withColumnRenamed("answers", "a")))
                .hasMessageContaining("parameter modelFolder is not set");
        assertThatThrownBy(() -> new RobertaQuestionAnswering().fit(examples()))
                .hasMessageContaining("parameter startFolder is not set");
    }

    @Test
    void aModelThatCanNotAnswerIsRefusedOnTheDriver() throws IOException {
        Dataset<Row> table = examples().drop("answers");
        Path other = TinyModel.write(folder.resolve("other"));
        int tokens = new ObjectMapper()
                .readTree(other.resolve("vocab.json").toFile())
                .size();
        Files.writeString(other.resolve("added_tokens.json"), "{\"<dev>\": %d}".formatted(tokens));
        RobertaQuestionAnsweringModel model = new RobertaQuestionAnsweringModel().setModelFolder(other.toString());

        assertThatThrownBy(() -> model.transform(table))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("but the network has embeddings for " + tokens);
        assertThatThrownBy(() -> estimator.setStartFolder(other.toString()).fit(examples()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("but the network has embeddings for " + tokens);
        assertThatThrownBy(() -> new RobertaQuestionAnsweringModel()
                        .setModelFolder(folder.resolve("nowhere").toString())
                        .transform(table))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("nowhere");
        assertThatThrownBy(() -> new RobertaQuestionAnsweringModel()
                        .setModelFolder(start)
                        .setMaxLength(64)
                        .setStride(64)
                        .transform(table))
                .hasMessageContaining("stride, 64, must be less than maxLength, 64");
        assertThatThrownBy(() -> model.transform(table.withColumnRenamed("number", "question")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("column question is there more than once");
    }

    @Test
    void rowsThatCanNotTrainAreRefusedAndNamed() {
        assertThatThrownBy(() ->
                        estimator.fit(examples().withColumn("context", functions.expr("nullif(context, context)"))))
                .isInstanceOf(UserError.class)
                .hasMessageContainingAll("column context", "null in 6 rows");
        assertThatThrownBy(() -> estimator.fit(examples().where("false"))).hasMessageContaining("no rows");
        Dataset<Row> misplaced = examples().withColumn("context", functions.expr("concat('!', context)"));
        assertThatThrownBy(() -> estimator.fit(misplaced)).hasMessageContainingAll("Who runs", "setMismatch(\"skip\")");
        assertThat(estimator.setMismatch("skip").fit(misplaced)).isNotNull();
    }

    @Test
    void paramsHaveTheSettingsMeaningDefaultAndBounds() {
        RobertaQuestionAnswering defaults = new RobertaQuestionAnswering();

        assertThat(defaults.explainParam(defaults.warmup()))
                .isEqualTo(
                        "warmup: share of the steps in which the learning rate rises (a number from 0 to 1) (default: 0.1)");
        assertThatThrownBy(() -> defaults.setWarmup(2)).hasMessageContaining("warmup");
        assertThatThrownBy(() -> defaults.setDtype("int8")).hasMessageContaining("dtype");
        assertThatThrownBy(() -> new RobertaQuestionAnsweringModel().setNBest(0))
                .hasMessageContaining("nBest");
        assertThatThrownBy(() -> defaults.setDevice("gpu"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the parameter device can't be gpu; it takes auto or cpu or cuda or cuda:N");
        assertThatThrownBy(() -> defaults.setLr(Double.NaN)).hasMessageContaining("lr can't be NaN");
        assertThatThrownBy(() -> defaults.setNullThreshold(Double.POSITIVE_INFINITY))
                .hasMessage("the parameter nullThreshold can't be Infinity; it takes a finite number");
        for (Param<?> param : defaults.params()) {
            assertThatThrownBy(() -> new ParamMap().put(param, null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(param.name() + " can't be null");
        }
        assertThatThrownBy(() -> new RobertaQuestionAnsweringModel().setModelFolder(null))
                .hasMessageContaining("modelFolder can't be null");
        RobertaQuestionAnswering copy = defaults.copy(new ParamMap().put(defaults.batch(), 3));
        assertThat(copy.explainParam(copy.batch())).contains("current: 3");
        assertThat(defaults.explainParam(defaults.batch())).doesNotContain("current");
    }

    private static Dataset<Row> examples() {
        return SPARK.sql(
                """
                SELECT id AS number, concat('Who runs ', id, '?') AS question,
                  concat('The ant runs. It runs ', id, ' miles.') AS context,
                  IF(id % 3 = 0, array(), array(named_struct('answer_start', 4L, 'text', 'ant'))) AS answers
                FROM range(0, 6, 1, 2)
                """);
    }
}
