package io.sparkqa.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.squad.Example;
import io.sparkqa.window.ReferenceFeatures.About;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Compares all tokens, windows and labels with those that an independent program computed. */
@Tag("reference")
class FeaturesReferenceTest {
    private interface Comparison {
        void with(About reference, PairTokenizer tokenizer) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> everyWindowIsTheReferences() throws IOException {
        return forEach(ReferenceFeatures.windows(), FeaturesReferenceTest::compareWindows);
    }

    @TestFactory
    Stream<DynamicTest> everyContextHasTheReferencesTokensAndOffsets() throws IOException {
        return forEach(ReferenceFeatures.contexts(), FeaturesReferenceTest::compareContexts);
    }

    @TestFactory
    Stream<DynamicTest> countsAndDigestsAreTheReferences() throws IOException {
        return forEach(ReferenceFeatures.summaries(), FeaturesReferenceTest::compareSummary);
    }

    @Test
    void aFolderWithVocabularyAndMergesOnlyGivesTheTokenizerOfTokenizerJson(@TempDir Path folder) throws IOException {
        assumeTrue(Files.isDirectory(ReferenceFeatures.tokenizer()), "no reference tokenizer");
        assumeTrue(ReferenceFeatures.squad("adversarial").isPresent(), "no adversarial questions");
        for (String file : List.of("vocab.json", "merges.txt")) {
            Files.copy(ReferenceFeatures.tokenizer().resolve(file), folder.resolve(file));
        }
        try (PairTokenizer built = PairTokenizer.open(folder);
                PairTokenizer given = PairTokenizer.open(ReferenceFeatures.tokenizer())) {
            assertThat(built.vocabularySize()).isEqualTo(given.vocabularySize()).isEqualTo(50265);
            assertThat(built.special()).usingRecursiveComparison().isEqualTo(given.special());
            assertThat(built.pad()).isEqualTo(given.pad()).isEqualTo(1);
            for (Example example : ReferenceFeatures.examples(
                    ReferenceFeatures.squad("adversarial").orElseThrow())) {
                assertThat(built.encode(example.context()))
                        .usingRecursiveComparison()
                        .isEqualTo(given.encode(example.context()));
            }
        }
    }

    private static Stream<DynamicTest> forEach(List<About> references, Comparison comparison) {
        if (references.isEmpty()) {
            return Stream.of(dynamicTest("no references here", () -> assumeTrue(false, "no references here")));
        }
        return references.stream()
                .map(reference -> dynamicTest(
                        reference
                                + (reference.maxLength() > 0
                                        ? " " + reference.maxLength() + "-" + reference.stride()
                                        : ""),
                        () -> {
                            try (PairTokenizer tokenizer = PairTokenizer.open(ReferenceFeatures.tokenizer())) {
                                comparison.with(reference, tokenizer);
                            }
                        }));
    }

    private static void compareWindows(About reference, PairTokenizer tokenizer) throws IOException {
        List<Example> examples = reference.examples();
        Iterator<Window> ours =
                windows(reference, examples, tokenizer, new HashMap<>()).iterator();
        SoftAssertions softly = new SoftAssertions();
        try (Stream<JsonNode> lines = reference.lines()) {
            lines.forEach(line -> {
                Window window = ours.next();
                String name = window.exampleId() + "/" + window.window();
                softly.assertThat(name).isEqualTo(line.get("example_id").asText() + "/" + line.get("window"));
                softly.assertThat(window.inputIds()).as(name).isEqualTo(ints(line.get("input_ids")));
                softly.assertThat(window.contextFirst())
                        .as(name)
                        .isEqualTo(line.get("context_first").asInt());
                softly.assertThat(window.contextLast())
                        .as(name)
                        .isEqualTo(line.get("context_last").asInt());
                String kind = line.has("start_position_in_context") ? "_in_context" : "";
                int start = line.get("start_position" + kind).asInt();
                int end = line.get("end_position" + kind).asInt();
                softly.assertThat(List.of(window.startPosition(), window.endPosition()))
                        .as(name + (start > end ? ": our label covers all tokens of the character" : ""))
                        .isEqualTo(List.of(Math.min(start, end), Math.max(start, end)));
            });
        }
        assertThat(ours.hasNext()).isFalse();
        softly.assertAll();
    }

    private static void compareContexts(About reference, PairTokenizer tokenizer) throws Exception {
        Set<String> contexts = reference.examples().stream()
                .map(Example::context)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Iterator<String> ours = contexts.iterator();
        try (Stream<JsonNode> lines = reference.lines()) {
            for (JsonNode line : (Iterable<JsonNode>) lines::iterator) {
                String context = ours.next();
                String sha256 = line.get("context_sha256").asText();
                assertThat(sha256(context)).isEqualTo(sha256);
                Tokens tokens = tokenizer.encode(context);
                assertThat(tokens.ids()).as(sha256).isEqualTo(ints(line.get("input_ids")));
                int[] offsets = IntStream.range(0, tokens.size())
                        .flatMap(i -> IntStream.of(tokens.starts()[i], tokens.ends()[i]))
                        .toArray();
                assertThat(offsets).as(sha256).isEqualTo(ints(line.get("offsets")));
            }
        }
        assertThat(ours.hasNext()).isFalse();
    }

    private static void compareSummary(About reference, PairTokenizer tokenizer) throws Exception {
        JsonNode expected = reference.json().get(reference.maxLength() + "-" + reference.stride());
        List<Example> examples = reference.examples();
        Map<String, Integer> tooLong = new HashMap<>();
        List<Window> windows = windows(reference, examples, tokenizer, tooLong);
        int afterEnd = 0;
        StringBuilder lines = new StringBuilder();
        for (Window window : windows) {
            int start = window.startPosition();
            int end = window.endPosition();
            if (end > 0 && isLiterallyReversed(window, examples.get((int) window.exampleIndex()))) {
                afterEnd++;
                start = window.endPosition();
                end = window.startPosition();
            }
            String ids =
                    IntStream.of(window.inputIds()).mapToObj(Integer::toString).collect(Collectors.joining(","));
            lines.append("%s\t%d\t%s\t%d\t%d\n".formatted(window.exampleId(), window.window(), ids, start, end));
        }
        long nulls =
                windows.stream().filter(window -> window.endPosition() == 0).count();
        Map<String, Object> counts = new HashMap<>();
        counts.put("examples", examples.size());
        counts.put("features", windows.size());
        counts.put("examples_with_features", examples.size() - tooLong.size());
        counts.put(
                "tokens",
                windows.stream().mapToInt(window -> window.inputIds().length).sum());
        counts.put("null_labels", nulls);
        counts.put("labelled_spans", windows.size() - nulls);
        counts.put("start_after_end", afterEnd);
        counts.put(
                "max_windows", windows.stream().mapToInt(Window::window).max().orElse(-1) + 1);
        counts.put(
                "error_too_short",
                tooLong.values().stream().filter(room -> room <= 0).count());
        counts.put(
                "error_stride",
                tooLong.values().stream().filter(room -> room > 0).count());
        counts.put("sha256_in_context", sha256(lines.toString()));
        Map<String, String> expectedCounts = new HashMap<>();
        Map<String, String> ourCounts = new HashMap<>();
        counts.forEach((name, count) -> {
            ourCounts.put(name, count.toString());
            expectedCounts.put(name, expected.get(name).asText());
        });
        assertThat(ourCounts).isEqualTo(expectedCounts);
    }

    /** Returns whether run_qa.py's two searches would put the end before the start: several tokens each cover the answer. */
    private static boolean isLiterallyReversed(Window window, Example example) {
        Example.Answer answer = example.answers().get(0);
        int end = answer.answerStart()
                + answer.text().codePointCount(0, answer.text().length());
        int[] indices = IntStream.range(0, window.offsetStarts().length).toArray();
        int last = IntStream.of(indices)
                .filter(i -> window.offsetStarts()[i] <= answer.answerStart())
                .max()
                .orElseThrow();
        int first = IntStream.of(indices)
                .filter(i -> window.offsetEnds()[i] >= end)
                .min()
                .orElseThrow();
        return last > first;
    }

    private static List<Window> windows(
            About reference, List<Example> examples, PairTokenizer tokenizer, Map<String, Integer> tooLong) {
        Windower windower = new Windower(tokenizer, reference.maxLength(), reference.stride());
        List<Window> windows = new ArrayList<>();
        for (Example example : examples) {
            try {
                windows.addAll(windower.windows(example));
            } catch (QuestionTooLong e) {
                tooLong.put(example.id(), e.room());
            }
        }
        return windows;
    }

    private static int[] ints(JsonNode array) {
        return new ObjectMapper().convertValue(array, int[].class);
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
