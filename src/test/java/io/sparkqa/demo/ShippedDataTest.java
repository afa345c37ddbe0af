package io.sparkqa.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigResolveOptions;
import io.sparkqa.window.PairTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The questions that come with the project are sound and varied, and dev has other topics than train. */
class ShippedDataTest {
    private static final int SPECIAL_TOKENS = 4;

    private static List<Question> train;
    private static List<Question> dev;
    private static List<Question> handwritten;

    /** A question with its context, and with its answer or, if it has none, the plausible wrong one. */
    private record Question(
            String id, String title, String context, String text, boolean impossible, List<Marked> marked) {
        List<String> words() {
            return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^\\p{L}]+"))
                    .filter(word -> !word.isEmpty())
                    .toList();
        }
    }

    /** A span of the context as the file has it. */
    private record Marked(String text, int start) {
        int words() {
            return text.split(" ").length;
        }
    }

    @BeforeAll
    static void theFiles() throws IOException {
        train = read("train");
        dev = read("dev");
        handwritten = read("handwritten");
    }

    private static List<Question> read(String name) throws IOException {
        List<Question> questions = new ArrayList<>();
        JsonNode file =
                new ObjectMapper().readTree(Path.of("data", name + ".json").toFile());
        for (JsonNode article : file.get("data")) {
            for (JsonNode paragraph : article.get("paragraphs")) {
                for (JsonNode qa : paragraph.get("qas")) {
                    List<Marked> marked = new ArrayList<>();
                    for (JsonNode span :
                            qa.path(qa.get("is_impossible").asBoolean() ? "plausible_answers" : "answers")) {
                        marked.add(new Marked(
                                span.get("text").asText(),
                                span.get("answer_start").asInt()));
                    }
                    questions.add(new Question(
                            qa.get("id").asText(),
                            article.get("title").asText(),
                            paragraph.get("context").asText(),
                            qa.get("question").asText(),
                            qa.get("is_impossible").asBoolean(),
                            marked));
                }
            }
        }
        return questions;
    }

    private static Stream<Question> all() {
        return Stream.of(train, dev, handwritten).flatMap(Collection::stream);
    }

    private static Stream<List<Question>> written() {
        return Stream.of(train, dev);
    }

    private static <T> Set<T> each(List<Question> questions, Function<Question, T> property) {
        return questions.stream().map(property).collect(Collectors.toSet());
    }

    private static double share(List<Question> questions, Predicate<Question> kind) {
        return (double) questions.stream().filter(kind).count() / questions.size();
    }

    @Test
    void theDataHasEnoughParagraphsAndQuestions() {
        assertThat(each(train, Question::context)).hasSizeGreaterThanOrEqualTo(300);
        assertThat(train).hasSizeGreaterThanOrEqualTo(2_000);
        assertThat(each(dev, Question::context)).hasSizeGreaterThanOrEqualTo(60);
        assertThat(dev).hasSizeGreaterThanOrEqualTo(400);
        assertThat(handwritten).hasSizeGreaterThanOrEqualTo(100);
    }

    @Test
    void everyAnswerAndEveryTemptingWrongOneIsAWholeWordAtItsOffset() {
        all().forEach(question -> question.marked().forEach(marked -> {
            String context = question.context();
            int start = context.offsetByCodePoints(0, marked.start());
            assertThat(context.substring(start)).as(question.id()).startsWith(marked.text());
            int end = start + marked.text().length();
            assertThat(start == 0 || !Character.isLetterOrDigit(context.charAt(start - 1)))
                    .as(question.id())
                    .isTrue();
            assertThat(end == context.length() || !Character.isLetterOrDigit(context.charAt(end)))
                    .as(question.id())
                    .isTrue();
        }));
    }

    @Test
    void anAnswerHasOneToTwelveWordsAndEveryQuestionWithoutOneATemptingWrongOne() {
        written().flatMap(List::stream).forEach(question -> assertThat(question.marked())
                .as(question.id())
                .singleElement()
                .satisfies(marked -> assertThat(marked.words()).isBetween(1, 12)));
    }

    @Test
    void idsEndWithTheKind() {
        all().forEach(question ->
                assertThat(question.id()).endsWith(question.impossible() ? "-unanswerable" : "-answerable"));
    }

    @Test
    void noQuestionParagraphOrIdComesTwice() {
        assertThat(all().map(Question::id)).doesNotHaveDuplicates();
        assertThat(all().map(question -> String.join(" ", question.words()))).doesNotHaveDuplicates();
        // the questions of a paragraph follow one another
        Set<String> seen = new HashSet<>();
        String last = "";
        for (Question question : all().toList()) {
            assertThat(question.context().equals(last) || seen.add(question.context()))
                    .as(question.context())
                    .isTrue();
            last = question.context();
        }
    }

    @Test
    void noTopicIsInTrainAndInDev() {
        Set<String> topics = each(train, question -> question.title().toLowerCase(Locale.ROOT));
        assertThat(each(dev, question -> question.title().toLowerCase(Locale.ROOT)))
                .hasSizeGreaterThanOrEqualTo(40)
                .doesNotContainAnyElementsOf(topics);
        assertThat(topics).hasSizeGreaterThanOrEqualTo(200);
    }

    @Test
    void thirtyFiveToFiftyPercentHaveNoAnswer() {
        written().forEach(questions -> assertThat(share(questions, Question::impossible))
                .isBetween(0.35, 0.5));
    }

    @Test
    void questionsAndAnswersAreOfAllLengths() {
        written().forEach(questions -> {
            List<Question> answerable = questions.stream()
                    .filter(question -> !question.impossible())
                    .toList();
            Function<Question, Integer> length =
                    question -> question.marked().get(0).words();
            assertThat(share(answerable, question -> length.apply(question) == 1))
                    .isBetween(0.2, 0.4);
            assertThat(share(answerable, question -> length.apply(question) >= 4))
                    .isGreaterThan(0.25);
            assertThat(share(answerable, question -> length.apply(question) >= 8))
                    .isGreaterThan(0.04);
            assertThat(share(questions, question -> question.words().size() <= 7))
                    .isGreaterThan(0.15);
            assertThat(share(questions, question -> question.words().size() >= 12))
                    .isGreaterThan(0.08);
            double withAnswer = meanLength(answerable);
            double withoutAnswer =
                    meanLength(questions.stream().filter(Question::impossible).toList());
            assertThat(withoutAnswer).isCloseTo(withAnswer, Offset.offset(1.0));
        });
    }

    private static double meanLength(List<Question> questions) {
        return questions.stream()
                .mapToInt(question -> question.words().size())
                .average()
                .orElseThrow();
    }

    @Test
    void questionsAreAskedInManyWays() {
        Map<String, Double> least = Map.of(
                "what", 0.2, "which", 0.08, "who", 0.04, "when", 0.02, "where", 0.03, "why", 0.04, "how", 0.15, "whose",
                0.005, "whom", 0.01);
        written().forEach(questions -> {
            least.forEach((word, share) -> assertThat(
                            share(questions, question -> question.words().contains(word)))
                    .as(word)
                    .isGreaterThan(share));
            Map<String, Long> openings = questions.stream()
                    .collect(Collectors.groupingBy(
                            question -> String.join(" ", question.words().subList(0, 3)), Collectors.counting()));
            openings.forEach((opening, count) ->
                    assertThat((double) count / questions.size()).as(opening).isLessThan(0.05));
        });
    }

    @Test
    void noWordBetraysThatAQuestionHasNoAnswer() {
        written().forEach(questions -> {
            Map<String, long[]> counts = counts(questions);
            counts.forEach((word, count) -> {
                if (count[0] + count[1] >= 30) {
                    assertThat((double) count[1] / (count[0] + count[1]))
                            .as(word)
                            .isBetween(0.15, 0.7);
                }
            });
        });
        // 0.5 is chance, 1 would be certainty
        assertThat(accuracyByWordsAlone(train, dev)).isLessThan(0.65);
        assertThat(accuracyByWordsAlone(dev, train)).isLessThan(0.65);
    }

    /** Returns for each word how many questions with an answer, and how many without one, contain it. */
    private static Map<String, long[]> counts(List<Question> questions) {
        Map<String, long[]> counts = new HashMap<>();
        for (Question question : questions) {
            for (String word : new HashSet<>(question.words())) {
                counts.computeIfAbsent(word, x -> new long[2])[question.impossible() ? 1 : 0]++;
            }
        }
        return counts;
    }

    /** Returns the share that naive Bayes over one file's words gets right in another, as the mean over both kinds. */
    private static double accuracyByWordsAlone(List<Question> known, List<Question> asked) {
        Map<String, long[]> counts = counts(known);
        double impossible = share(known, Question::impossible) * known.size();
        double possible = known.size() - impossible;
        Predicate<Question> seemsImpossible = question -> question.words().stream()
                        .distinct()
                        .map(counts::get)
                        .filter(count -> count != null && count[0] + count[1] >= 5)
                        .mapToDouble(count ->
                                Math.log((count[1] + 1) / (impossible + 2)) - Math.log((count[0] + 1) / (possible + 2)))
                        .sum()
                > 0;
        Map<Boolean, List<Question>> kinds = asked.stream().collect(Collectors.groupingBy(Question::impossible));
        return (share(kinds.get(true), seemsImpossible) + 1 - share(kinds.get(false), seemsImpossible)) / 2;
    }

    @Test
    void everyQuestionAndItsParagraphFitOneWindowOfTheDemo() {
        int longest = ConfigFactory.parseFile(Path.of("conf/demo.conf").toFile())
                .resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true))
                .getInt("features.max_length");
        try (PairTokenizer tokenizer = PairTokenizer.open(Path.of("target/start-model"))) {
            Map<String, Integer> contexts = new HashMap<>();
            all().forEach(question -> {
                int context = contexts.computeIfAbsent(
                        question.context(), text -> tokenizer.encode(text).size());
                int length = tokenizer.encode(question.text()).size() + context + SPECIAL_TOKENS;
                assertThat(length).as(question.id()).isLessThanOrEqualTo(longest);
            });
        }
    }
}
