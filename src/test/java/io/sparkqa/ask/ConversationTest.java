package io.sparkqa.ask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.config.Experiment.Duplicates;
import io.sparkqa.config.TokenBudget;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.QuestionAnswerer;
import io.sparkqa.decode.QuestionAnswerer.Question;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.model.TinyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationTest {
    private static final double ALWAYS = 1e9;
    private static final String TEXT = "The mill stood by the river. Anna Lund ran it until 1890! Then it burned down.";

    @TempDir
    static Path folder;

    private static QuestionAnswerer model;

    @BeforeAll
    static void open() throws IOException {
        QuestionAnswerer.Settings settings = new QuestionAnswerer.Settings(
                384, 16, new SpanDecoder(5, 10, Duplicates.MERGE), TokenBudget.of(512), Dtype.FLOAT32, "cpu");
        model = QuestionAnswerer.open(TinyModel.write(folder.resolve("model")), settings);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void manyQuestionsGetTheAnswersThatEachGetsAlone() {
        String longText = IntStream.range(0, 60)
                .mapToObj(i -> "Part " + i + " tells of boat " + i * 7 + ".")
                .collect(Collectors.joining(" "));
        List<Question> questions = List.of(
                new Question("Who ran the mill?", TEXT),
                new Question("Which boat?", longText),
                new Question("When did it burn?", TEXT));

        List<Prediction> together = model.answer(questions);

        assertThat(together).hasSize(3);
        for (int i = 0; i < questions.size(); i++) {
            Prediction alone =
                    model.answer(questions.get(i).question(), questions.get(i).context());
            assertThat(together.get(i).text()).isEqualTo(alone.text());
            assertThat(together.get(i).nullOdds()).isCloseTo(alone.nullOdds(), within(1e-4f));
            assertThat(together.get(i).nBest())
                    .extracting(Prediction.Candidate::start)
                    .isEqualTo(alone.nBest().stream()
                            .map(Prediction.Candidate::start)
                            .toList());
        }
    }

    @Test
    void blankMissingAndTooLongQuestionsHaveNoAnswer() {
        String tooLong = "why ".repeat(TinyModel.LONGEST_WINDOW);

        assertThat(model.answer(List.of(
                        new Question(null, TEXT),
                        new Question("Who?", null),
                        new Question(" ", TEXT),
                        new Question("Who?", ""),
                        new Question(tooLong, TEXT))))
                .containsOnly(Prediction.NONE);
    }

    @Test
    void anAnswerIsMarkedInItsSentence() {
        Prediction.Candidate span = new Prediction.Candidate("Anna Lund", 0, 0, 1, 29, 38);

        assertThat(Sentence.around(span, TEXT)).isEqualTo(new Sentence("", "Anna Lund", " ran it until 1890! "));
    }

    @Test
    void offsetsCountCodePoints() {
        Prediction.Candidate span = new Prediction.Candidate("Two", 0, 0, 1, 7, 10);

        assertThat(Sentence.around(span, "One 🙂. Two three.")).isEqualTo(new Sentence("", "Two", " three."));
    }

    @Test
    void aQuestionIsAnsweredWithTheTextAndItsMeasures() {
        Conversation conversation =
                new Conversation(model::answer, List.of(Document.typed(TEXT)), ALWAYS, 3, false, false);

        List<String> lines = conversation.reply("Who ran the mill?");

        assertThat(lines.get(0)).containsPattern("\\(probability 0\\.\\d\\d, null odds -?\\d+\\.\\d\\d\\)");
        assertThat(lines.get(1)).contains("[").contains("]");
        assertThat(lines).hasSize(4);
    }

    @Test
    void anAnswerCanBeStoppedBetweenTwoWindowsAndTheNextOneIsGiven() {
        List<String> seen = new ArrayList<>();
        Answerer answerer = questions -> model.answer(questions, (windows, all) -> {
            seen.add(windows + " of " + all);
            if (seen.size() == 2) {
                throw new UserError("stopped");
            }
        });
        String text = "The mill by the river stood empty. ".repeat(40);
        Conversation conversation = new Conversation(answerer, List.of(Document.typed(text)), ALWAYS, 1, false, false);

        assertThat(conversation.reply("Who ran the mill?")).containsExactly("stopped");
        assertThat(seen).hasSize(2).last().asString().startsWith("2 of ");
        assertThat(conversation.reply("Who ran the mill?").get(0)).contains("null odds");
        assertThat(seen).last().asString().matches("(\\d+) of \\1");
    }

    @Test
    void withoutAnAnswerTheBestGuessIsShown() {
        Conversation conversation =
                new Conversation(model::answer, List.of(Document.typed(TEXT)), ALWAYS, 1, false, false);

        assertThat(conversation.reply(":threshold -1000000")).isEmpty();
        List<String> lines = conversation.reply("Who ran the mill?");

        assertThat(lines.get(0)).startsWith("no answer");
        assertThat(lines.get(1)).startsWith("best guess: ");
    }

    @Test
    void theLikeliestDocumentOfAFolderAnswers() throws IOException {
        Path texts = Files.createDirectories(folder.resolve("texts"));
        Files.writeString(texts.resolve("a.txt"), TEXT);
        Files.writeString(texts.resolve("b.md"), "Nobody knows who built the tower on the hill.");
        Files.writeString(texts.resolve("c.bin"), "\u0000");
        Conversation conversation = new Conversation(model::answer, List.of(), ALWAYS, 2, true, false);

        assertThat(conversation.reply("Who?").get(0)).startsWith("there is no text yet");
        assertThat(conversation.reply(":context " + texts).get(0)).startsWith("2 texts");
        JsonNode reply = new ObjectMapper().readTree(conversation.reply("Who?").get(0));

        JsonNode ranked = reply.get("n_best");
        assertThat(ranked).hasSize(2);
        assertThat(reply.get("document")).isEqualTo(ranked.get(0).get("document"));
        assertThat(ranked.get(0).get("null_odds").asDouble())
                .isLessThanOrEqualTo(ranked.get(1).get("null_odds").asDouble());
        assertThat(reply.get("answer").asText())
                .isEqualTo(ranked.get(0).get("text").asText());
    }

    @Test
    void controlCharactersOfTheTextNeverReachTheTerminal() {
        String hostile = "\u001b]0;owned\u0007 The \u001b[31mred\r mill \u009b31m stood\u202e there.";
        Conversation conversation =
                new Conversation(model::answer, List.of(Document.typed(hostile)), ALWAYS, 5, false, false);

        assertThat(String.join("\n", conversation.reply("What?")))
                .doesNotContainPattern("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\x{202e}]");
    }

    @Test
    void aLongSentenceIsCutBetweenCharactersAndJoinedLettersStayJoined() {
        String family = "👩\u200d👧";
        String text = ("🙂" + family + " ").repeat(150) + "Anna Lund";
        Conversation conversation =
                new Conversation(model::answer, List.of(Document.typed(text)), ALWAYS, 1, false, false);

        String lines = String.join("\n", conversation.reply("Who?"));

        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(lines)).isTrue();
        assertThat(lines).contains("…").contains(family).doesNotContain("?");
    }

    @Test
    void aMistakeIsReportedAndTheConversationContinues() {
        Conversation conversation =
                new Conversation(model::answer, List.of(Document.typed(TEXT)), ALWAYS, 1, false, false);

        assertThat(conversation.reply(":contxt x")).containsExactly(":contxt: no such command; :help shows them");
        assertThat(conversation.reply(":top many")).containsExactly(":top needs a number, not \"many\"");
        assertThat(conversation.reply(":context nowhere.txt").get(0))
                .startsWith("nowhere.txt: the text file does not exist");
        assertThat(conversation.reply(":context ./no such file").get(0))
                .startsWith("./no such file: the text file does not exist");
        assertThat(conversation.reply("Who?")).isNotEmpty();
        assertThat(Conversation.ends(" :quit ")).isTrue();
    }

    @Test
    void aFileThatIsNotTextIsRefused() throws IOException {
        Path file = Files.write(folder.resolve("latin1.txt"), new byte[] {'a', (byte) 0xe9, 'b'});

        assertThatThrownBy(() -> Document.read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("latin1.txt: is not text in UTF-8");
    }
}
