package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparkqa.TestSpark;
import io.sparkqa.window.TinyTokenizer;
import io.sparkqa.window.TokenizerMark;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreprocessJobTest {
    private static final String RIGHT = "{\"text\": \"ant\", \"answer_start\": 4}";
    private static final String MISPLACED = "{\"text\": \"ant\", \"answer_start\": 5}";
    private static final String NETWORK =
            """
            {"model_type": "roberta", "hidden_act": "gelu", "vocab_size": %d, "hidden_size": 8, "num_hidden_layers": 1,
             "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": %d, "pad_token_id": %d}
            """;

    @TempDir
    private Path folder;

    private Path run;

    @BeforeEach
    void anExperiment() throws IOException {
        TestSpark.session();
        run = folder.resolve("run");
        TinyTokenizer.write(folder.resolve("tokenizer"));
        network(TinyTokenizer.VOCABULARY, 66, 1);
        question("train", "What?", RIGHT);
        question("dev", "Who?", "");
        Files.writeString(
                folder.resolve("a.conf"),
                """
                run.dir = "%1$s/run"
                data { train = "%1$s/train.json", dev = "%1$s/dev.json" }
                model { tokenizer = "%1$s/tokenizer", config = "%1$s/config.json" }
                features { max_length = 24, stride = 4 }
                """
                        .formatted(folder));
    }

    @Test
    void everySplitGetsItsExamplesAndItsWindows() throws IOException {
        question("mine", "Why?", RIGHT);

        StageOutput output = preprocess("data.more.mine=" + folder.resolve("mine.json"));

        assertThat(output.err()).isEmpty();
        assertThat(output.code()).isZero();
        assertThat(output.out()).contains("train: 2 questions in", "dev: 2 questions in", "mine: 2 questions in");
        for (String split : List.of("train", "dev", "mine")) {
            assertThat(TestSpark.session()
                            .read()
                            .parquet(run.resolve("examples/" + split).toString())
                            .count())
                    .isEqualTo(2);
            Path windows = run.resolve("windows/" + split);
            TokenizerMark.check(windows, folder.resolve("tokenizer"));
            try (WindowTable table = WindowTable.open(windows)) {
                assertThat(table.size()).isGreaterThan(2);
                assertThat(table.get(0).exampleId()).isEqualTo("q0");
            }
        }
    }

    @Test
    void theWindowsOpenFromSqlByTheirPath() {
        preprocess();

        assertThat(TestSpark.session()
                        .sql("SELECT count(DISTINCT example_id), max(size(input_ids)) FROM arrow.`%s`"
                                .formatted(run.resolve("windows/dev")))
                        .first()
                        .mkString(" "))
                .isEqualTo("2 24");
    }

    @Test
    void upToDateTablesAreNotMadeAgainButAnotherTokenizerChangesTheWindows() throws IOException {
        preprocess();
        assertThat(preprocess().out()).contains("up to date");

        Files.writeString(folder.resolve("tokenizer/merges.txt"), "#version: 0.2\nt h\n");

        assertThat(preprocess().out()).contains("train: 2 questions");
    }

    @Test
    void aMisplacedAnswerIsAnErrorThatNamesIt() throws IOException {
        question("train", "What?", MISPLACED);

        refuses(
                preprocess(),
                "train.json: questions with an answer that is not in its context at its offset (1): "
                        + "q0: \"ant\" at 5, where the context has \"nt \"; correct the file",
                "features.mismatch = skip");
    }

    @Test
    void misplacedAnswersMayBeLeftOutOfTrainingOnly() throws IOException {
        question("train", "What?", MISPLACED);
        question("dev", "What?", MISPLACED);

        StageOutput output = preprocess("features.mismatch=skip");

        assertThat(output.out())
                .contains("train: 2 questions in", "1 left out because their answers are misplaced")
                .contains("dev: 2 questions in");
        assertThat(ids("train")).containsOnly("q1");
        assertThat(ids("dev")).contains("q0", "q1");
    }

    @Test
    void questionsWithoutAnswersAreReadButNotForTraining() throws IOException {
        String line = "{\"id\": %d, \"context\": \"the ant\", \"question\": \"Who?\"}\n";
        Path lines = Files.writeString(folder.resolve("mine.jsonl"), line.formatted(7) + line.formatted(8));

        assertThat(preprocess("data.dev=" + lines).out()).contains("dev: 2 questions in");
        assertThat(ids("dev")).containsOnly("7", "8");
        refuses(
                preprocess("data.train=" + lines),
                "mine.jsonl: questions without answers (2): 7, 8; training needs \"answers\"");
    }

    @Test
    void anEmptyAnswerOfAQuestionThatHasOneIsNamed() throws IOException {
        question("dev", "Who?", "{\"text\": \"\", \"answer_start\": 0}], \"is_impossible\": false, \"x\": [");

        refuses(preprocess(), "dev.json: questions with an empty answer that are not marked as impossible (1): q0;");
    }

    @Test
    void twoQuestionsWithOneIdAreNamed() throws IOException {
        Files.writeString(
                folder.resolve("dev.json"),
                Files.readString(folder.resolve("dev.json")).replace("\"q1\"", "\"q0\""));

        refuses(preprocess(), "dev.json: question ids that occur more than once (1): q0 (2 times)");
    }

    @Test
    void namesThatLookLikePatternsAreNames() throws IOException {
        Path odd = Files.createDirectories(folder.resolve("a[1] {b,c} d*"));
        Files.copy(folder.resolve("train.json"), odd.resolve("q?.json"));

        StageOutput output =
                preprocess("run.dir=" + odd.resolve("run"), "data.train=" + odd.resolve("q?.json"), "data.dev=");

        assertThat(output.code()).as(output.err()).isZero();
        assertThat(WindowTable.open(odd.resolve("run/windows/train")).size()).isPositive();
    }

    @Test
    void aQuestionTooLongIsAnErrorOrCounted() throws IOException {
        question("dev", "what is the name of the one that met the ant?", RIGHT);

        refuses(preprocess(), "question q0 (example 0) has", "features.too_long = skip");
        assertThat(preprocess("features.too_long=skip").out()).contains("1 too long for a window");
    }

    @Test
    void aMissingFileIsNamed() {
        refuses(preprocess("data.dev=" + folder.resolve("none.json")), "none.json: no such file or folder");
    }

    @Test
    void aFileThatIsNotJsonIsNamedWithThePlace() throws IOException {
        Files.writeString(folder.resolve("train.json"), "{\"data\":\n nonsense");

        refuses(preprocess(), "train.json: line 2, column", "not JSON");
    }

    @Test
    void anEmptyDataSetIsNamed() throws IOException {
        Files.writeString(folder.resolve("train.json"), "{\"data\": []}");

        refuses(preprocess(), "train.json: has no questions");
    }

    @Test
    void aTokenizerWithMoreTokensThanTheNetworkIsRefused() throws IOException {
        network(100, 66, 1);

        refuses(preprocess(), "config.json: the network has embeddings for 100 tokens, but the tokenizer");
    }

    @Test
    void aTokenizerWithAnotherPaddingIdIsRefused() throws IOException {
        network(TinyTokenizer.VOCABULARY, 66, 0);

        refuses(preprocess(), "config.json: the network's padding id is 0, but the tokenizer");
    }

    @Test
    void windowsLongerThanTheNetworksPositionsAreRefused() throws IOException {
        refuses(preprocess("features.max_length=65"), "features.max_length is 65, but", "has positions for 64 tokens");
    }

    @Test
    void withoutATokenizerNothingIsRead() {
        refuses(preprocess("model.tokenizer="), "no tokenizer is set; set model.from");
    }

    private StageOutput preprocess(String... settings) {
        List<String> commandLine =
                new ArrayList<>(List.of(folder.resolve("a.conf").toString()));
        commandLine.addAll(List.of(settings));
        return StageOutput.of(new PreprocessJob(), commandLine.toArray(String[]::new));
    }

    /** Asserts that there is one message, exit code 1 and no half-written output. */
    private void refuses(StageOutput output, String... parts) {
        assertThat(output.err()).contains(parts);
        assertThat(output.code()).isEqualTo(1);
        try (Stream<Path> made = Files.walk(run)) {
            assertThat(made.map(path -> path.getFileName().toString()))
                    .noneMatch(name -> name.contains("partial") || name.contains("_temporary"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> ids(String split) {
        try (WindowTable table = WindowTable.open(run.resolve("windows/" + split))) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < table.size(); i++) {
                ids.add(table.get(i).exampleId());
            }
            return ids;
        }
    }

    /** Writes a file with two questions, of which the first is given. */
    private void question(String split, String question, String answers) throws IOException {
        Files.writeString(
                folder.resolve(split + ".json"),
                """
                {"data": [{"title": "t", "paragraphs": [{"context": "the ant and the bee and the cow", "qas": [
                  {"id": "q0", "question": "%s", "answers": [%s]},
                  {"id": "q1", "question": "Who?", "answers": []}]}]}]}
                """
                        .formatted(question, answers));
    }

    private void network(int vocabulary, int positions, int pad) throws IOException {
        Files.writeString(folder.resolve("config.json"), NETWORK.formatted(vocabulary, positions, pad));
    }
}
