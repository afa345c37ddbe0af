package io.sparkqa.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedQuestionsTest {
    private static final int TRAIN_QUESTIONS = 6_000;

    @TempDir
    private static Path folder;

    private static List<Asked> train;
    private static List<Asked> dev;

    /** A question as a reader of the file sees it. */
    private record Asked(String context, JsonNode json) {
        private String text() {
            return json.get("question").asText();
        }

        private String id() {
            return json.get("id").asText();
        }

        private boolean impossible() {
            return json.get("is_impossible").asBoolean();
        }

        private Set<String> words() {
            return new HashSet<>(Arrays.asList(text().toLowerCase(Locale.ROOT).split("[^\\p{L}]+")));
        }
    }

    @BeforeAll
    static void generate() throws IOException {
        train = read(written("train.json", DemoData.Family.DEMO, 3, Split.TRAIN, TRAIN_QUESTIONS));
        dev = read(written("dev.json", DemoData.Family.DEMO, 3, Split.DEV, 1_000));
    }

    @Test
    void aFileHoldsAsManyQuestionsAsWereAskedForAndNoIdTwice() {
        assertThat(train).hasSize(TRAIN_QUESTIONS);
        assertThat(dev).hasSize(1_000);
        assertThat(Stream.concat(train.stream(), dev.stream()).map(Asked::id)).doesNotHaveDuplicates();
    }

    @Test
    void theSameSeedMakesTheSameFile() throws IOException {
        Path first = written("first.json", DemoData.Family.START, 2, Split.TRAIN, 300);
        Path second = written("second.json", DemoData.Family.START, 2, Split.TRAIN, 300);
        assertThat(first).hasSameBinaryContentAs(second);
    }

    @Test
    void everyAnswerStandsInItsContextAtItsOffset() {
        assertThat(train).allSatisfy(question -> {
            JsonNode answers = question.json().get(question.impossible() ? "plausible_answers" : "answers");
            for (JsonNode answer : answers) {
                String text = answer.get("text").asText();
                int start = question.context()
                        .offsetByCodePoints(0, answer.get("answer_start").asInt());
                assertThat(question.context().substring(start)).startsWith(text);
            }
        });
    }

    @Test
    void aThirdOfTheQuestionsHasNoAnswerAndEveryKindIsCommon() {
        assertThat(share(train, Asked::impossible)).isBetween(0.30, 0.37);
        for (String kind : List.of("swapped", "otherentity", "contrary")) {
            assertThat(share(train, q -> q.id().contains("-" + kind + "-"))).isGreaterThan(0.06);
        }
    }

    @Test
    void noWordOfAQuestionGivesAwayThatThereIsNoAnswer() {
        Map<String, List<Asked>> holders = new TreeMap<>();
        train.forEach(q -> q.words().forEach(word -> holders.computeIfAbsent(word, w -> new ArrayList<>())
                .add(q)));
        holders.values().removeIf(questions -> questions.size() < 20);
        assertThat(holders)
                .hasSizeGreaterThan(300)
                .allSatisfy((word, questions) ->
                        assertThat(share(questions, Asked::impossible)).as(word).isLessThan(0.65));
    }

    @Test
    void swappedQuestionsNameWhatTheContextNeverNamesAndTheOthersWhatItNames() {
        assertThat(dev).filteredOn(q -> q.id().contains("-swapped-")).allSatisfy(q -> assertThat(properNames(q.text()))
                .anySatisfy(name -> assertThat(q.context()).doesNotContain(name)));
        assertThat(dev).filteredOn(q -> q.id().contains("-otherentity-")).allSatisfy(q -> assertThat(
                        properNames(q.text()))
                .allSatisfy(name -> assertThat(q.context()).contains(name)));
    }

    @Test
    void devNamesNothingThatTrainNames() {
        Set<String> known = new HashSet<>();
        train.forEach(q -> {
            known.addAll(invented(q.context()));
            known.addAll(invented(q.text()));
        });
        assertThat(dev).allSatisfy(q -> assertThat(invented(q.text())).doesNotContainAnyElementsOf(known));
    }

    @Test
    void aShareOfDevIsAskedAsTrainNeverAsksInWordsThatTrainKnows() {
        assertThat(share(dev, q -> q.id().endsWith("-held"))).isBetween(0.10, 0.15);
        assertThat(train).noneMatch(q -> q.id().endsWith("-held"));
        Set<String> known = new HashSet<>();
        train.forEach(q -> {
            known.addAll(q.words());
            known.addAll(Arrays.asList(q.context().toLowerCase(Locale.ROOT).split("[^\\p{L}]+")));
        });
        Set<String> unknown = dev.stream()
                .filter(q -> q.id().endsWith("-held"))
                .flatMap(q -> Arrays.stream(q.text().split("[^\\p{L}]+")).skip(1))
                .filter(word -> !word.isEmpty() && Character.isLowerCase(word.charAt(0)))
                .filter(word -> !known.contains(word))
                .collect(Collectors.toSet());
        assertThat(unknown).isEmpty();
    }

    @Test
    void theStartWorldHasNoTypeAndNoPhraseOfTheDemo() {
        World demo = World.demo();
        World start = World.start();
        assertThat(start.types())
                .extracting(EntityType::type)
                .doesNotContainAnyElementsOf(
                        demo.types().stream().map(EntityType::type).toList());
        assertThat(phrases(start)).doesNotContainAnyElementsOf(phrases(demo));
        assertThat(start.types()).hasSizeGreaterThan(8);
    }

    @Test
    void theStartModelsStagesGrowFromCopyingToFullLength() throws IOException {
        double shorter = 0;
        for (int stage = 1; stage <= 3; stage++) {
            List<Asked> questions =
                    read(written("start-" + stage + ".json", DemoData.Family.START, stage, Split.TRAIN, 600));
            double length = questions.stream()
                    .mapToInt(q -> q.context().length())
                    .average()
                    .orElseThrow();
            assertThat(length).isGreaterThan(shorter);
            assertThat(share(questions, Asked::impossible)).isBetween(0.2, 0.4);
            shorter = length;
        }
    }

    private static Path written(String name, DemoData.Family family, int stage, Split split, int questions)
            throws IOException {
        Path file = folder.resolve(name);
        DemoData.write(family, stage, split, questions, 5, file);
        return file;
    }

    private static List<Asked> read(Path file) throws IOException {
        List<Asked> questions = new ArrayList<>();
        for (JsonNode article :
                new ObjectMapper().readTree(Files.readAllBytes(file)).get("data")) {
            for (JsonNode paragraph : article.get("paragraphs")) {
                String context = paragraph.get("context").asText();
                paragraph.get("qas").forEach(question -> questions.add(new Asked(context, question)));
            }
        }
        return questions;
    }

    private static double share(List<Asked> questions, Predicate<Asked> having) {
        return questions.stream().filter(having).count() / (double) questions.size();
    }

    /** Words with a capital behind the first word. */
    private static List<String> properNames(String question) {
        return Arrays.stream(question.split("[^\\p{L}]+"))
                .skip(1)
                .filter(word -> !word.isEmpty() && Character.isUpperCase(word.charAt(0)))
                .toList();
    }

    /** Capitalised words that no phrase of the world holds: first names and invented names. */
    private static Set<String> invented(String text) {
        return Arrays.stream(text.split("[^\\p{L}]+"))
                .filter(word -> !word.isEmpty() && Character.isUpperCase(word.charAt(0)))
                .filter(word -> !WORDS_OF_PHRASES.contains(word))
                .collect(Collectors.toSet());
    }

    private static final Set<String> WORDS_OF_PHRASES = Stream.concat(
                    Stream.concat(
                            World.demo().types().stream().flatMap(type -> type.names().stream()),
                            World.demo().lexicon().pools().entrySet().stream()
                                    .filter(pool -> !pool.getKey().equals(Lexicon.FIRST_NAMES))
                                    .flatMap(pool -> pool.getValue().stream())),
                    phrases(World.demo()).stream())
            .flatMap(pattern -> Arrays.stream(Lexicon.fixedText(pattern).split("[^\\p{L}]+")))
            .filter(word -> !word.isEmpty())
            .flatMap(word -> Stream.of(word, Lexicon.capitalised(word)))
            .collect(Collectors.toSet());

    private static Set<String> phrases(World world) {
        return world.types().stream()
                .flatMap(type -> type.relations().stream())
                .flatMap(relation -> Stream.of(relation.statements(), relation.questions(), relation.held())
                        .flatMap(List::stream))
                .collect(Collectors.toSet());
    }
}
