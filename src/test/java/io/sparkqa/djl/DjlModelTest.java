package io.sparkqa.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.modality.nlp.qa.QAInput;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.WrongUse;
import io.sparkqa.decode.Calibration;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.QuestionAnswerer;
import io.sparkqa.model.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model folder that DJL loads, with an untrained network. */
class DjlModelTest {
    private static final String SHORT = "The mill stood by the river.";

    /** A text of several windows. */
    private static final String LONG = IntStream.range(0, 40)
            .mapToObj(i -> "House %s belongs to the miller. ".formatted(i))
            .reduce("", String::concat);

    private static final List<QAInput> QUESTIONS = List.of(
            new QAInput("Who ran the mill?", LONG),
            new QAInput("Where?", SHORT),
            new QAInput(" ", SHORT),
            new QAInput("Where?", ""));

    @TempDir
    static Path folder;

    private static Path model;
    private static List<Prediction> expected;

    @BeforeAll
    static void aFolderAndWhatItAnswers() throws IOException {
        model = TinyModel.write(folder.resolve("model"));
        Experiment experiment = ExperimentReader.of(Map.of(
                "run.dir",
                folder.toString(),
                "model.from",
                model.toString(),
                "features.max_length",
                String.valueOf(TinyModel.LONGEST_WINDOW),
                "features.stride",
                "16",
                "train.device",
                "cpu",
                "decode.n_best",
                "7"));
        ServingProperties.write(model, experiment);
        try (QuestionAnswerer answerer = QuestionAnswerer.open(model, QuestionAnswerer.Settings.of(experiment))) {
            expected = answerer.answer(QUESTIONS.stream()
                    .map(input -> new QuestionAnswerer.Question(input.getQuestion(), input.getParagraph()))
                    .toList());
        }
    }

    private static <I, O> Criteria.Builder<I, O> criteria(Class<I> input, Class<O> output) {
        return Criteria.builder().setTypes(input, output).optModelPath(model).optDevice(Device.cpu());
    }

    private static Criteria.Builder<QAInput, String> answers() {
        return criteria(QAInput.class, String.class).optTranslatorFactory(new AnswerTranslatorFactory());
    }

    @Test
    void predictionsAreThoseOfTheQuestionAnswererInContextsOfManyWindowsToo() throws Exception {
        try (ZooModel<QAInput, Prediction> zoo = criteria(QAInput.class, Prediction.class)
                        .optTranslatorFactory(new AnswerTranslatorFactory())
                        .build()
                        .loadModel();
                Predictor<QAInput, Prediction> predictor = zoo.newPredictor()) {
            assertThat(zoo.getNDManager().getEngine().getEngineName()).isEqualTo("PyTorch");
            assertThat(predictor.batchPredict(QUESTIONS)).isEqualTo(expected);
            assertThat(predictor.predict(QUESTIONS.get(0))).isEqualTo(expected.get(0));
            assertThat(predictor.predict(QUESTIONS.get(2))).isEqualTo(Prediction.NONE);
        }
        assertThat(LONG).contains(expected.get(0).text());
        assertThat(expected.get(0).nBest()).hasSize(8).anyMatch(candidate -> candidate.start() > 500);
    }

    @Test
    void anAnswerIsEmptyIfItsNullOddsExceedTheFoldersThresholdOrAGivenOne() throws Exception {
        double odds = expected.get(0).nullOdds();
        assertThat(answer(answers())).isEqualTo(expected.get(0).at(0));
        assertThat(answer(answers().optArgument("decode.null_threshold", odds + 1)))
                .isEqualTo(expected.get(0).text())
                .isNotEmpty();
        Path calibration = model.resolve(Calibration.FILE);
        try {
            Files.write(calibration, new Calibration(odds - 1, "model", "dev", 1, 50).toJson());
            assertThat(answer(answers())).isEmpty();
            Files.write(calibration, new Calibration(odds + 1, "model", "dev", 1, 50).toJson());
            assertThat(answer(answers())).isEqualTo(expected.get(0).text());
        } finally {
            Files.deleteIfExists(calibration);
        }
    }

    private static String answer(Criteria.Builder<QAInput, String> criteria) throws Exception {
        try (ZooModel<QAInput, String> zoo = criteria.build().loadModel();
                Predictor<QAInput, String> predictor = zoo.newPredictor()) {
            return predictor.predict(QUESTIONS.get(0));
        }
    }

    /** DJL Serving loads a folder by these types and names no factory. */
    @Test
    void theFolderAloneTellsDjlServingHowToAnswer() throws Exception {
        try (ZooModel<Input, Output> zoo =
                        criteria(Input.class, Output.class).build().loadModel();
                Predictor<Input, Output> predictor = zoo.newPredictor()) {
            Input one = new Input();
            one.add("question", "Where?");
            one.add("context", SHORT);
            assertThat(predictor.predict(one).getData().getAsString())
                    .contains("\"answer\":\"%s\"".formatted(expected.get(1).at(0)));
        }
    }

    @Test
    void theBlockAloneGivesLogitsOfWindowsWithPadding() throws Exception {
        try (ZooModel<NDList, NDList> zoo =
                        criteria(NDList.class, NDList.class).build().loadModel();
                Predictor<NDList, NDList> predictor = zoo.newPredictor();
                NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDArray ids = manager.create(new long[][] {{0, 5, 2, 2, 9, 2}, {0, 7, 2, 2, 2, 1}});
            NDArray mask = manager.create(new long[][] {{1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 0}});
            NDList logits = predictor.predict(new NDList(ids, mask));
            assertThat(logits.get(0).getShape()).isEqualTo(ids.getShape());
            assertThat(logits.get(1).toFloatArray()[11]).isEqualTo(SpanBlock.PADDING);
            assertThat(logits.get(0).toFloatArray()).doesNotContain(0, SpanBlock.PADDING - 1);
        }
    }

    @Test
    void predictorsOfSeveralThreadsAnswerAlike() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try (ZooModel<QAInput, String> zoo = answers().build().loadModel()) {
            Callable<List<String>> work = () -> {
                try (Predictor<QAInput, String> predictor = zoo.newPredictor()) {
                    return Stream.generate(() -> QUESTIONS.get(0))
                            .limit(5)
                            .map(question -> predict(predictor, question))
                            .toList();
                }
            };
            for (Future<List<String>> answers : threads.invokeAll(List.of(work, work, work))) {
                assertThat(answers.get()).containsOnly(expected.get(0).at(0));
            }
        } finally {
            threads.shutdown();
        }
    }

    private static String predict(Predictor<QAInput, String> predictor, QAInput question) {
        try {
            return predictor.predict(question);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aWrongSettingIsRefusedByItsName() {
        assertThatThrownBy(() ->
                        answers().optArgument("features.strid", 16).build().loadModel())
                .isInstanceOf(WrongUse.class)
                .hasMessageContaining("features.strid");
    }
}
