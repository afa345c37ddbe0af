package io.sparkqa.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.squad.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Properties that hold for every text and every span. The alphabet makes tokens of many shapes likely. */
class WindowerProperties {
    private static final int TRIES = 300;

    /** The same inputs in every run. */
    private static final String SEED = "42";

    private static PairTokenizer tokenizer;

    @BeforeContainer
    static void openTokenizer() throws IOException {
        tokenizer = PairTokenizer.open(TinyTokenizer.write(Files.createTempDirectory("tokenizer")));
    }

    @AfterContainer
    static void closeTokenizer() {
        tokenizer.close();
    }

    /** Letters that merge, spaces of several kinds, combining marks, emoji with joiners, characters of one to four bytes. */
    @Provide
    Arbitrary<String> text() {
        return Arbitraries.frequencyOf(
                        Tuple.of(6, Arbitraries.of("the", "an", "a", "x", "th", "e", "7", "…")),
                        Tuple.of(4, Arbitraries.of(" ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u200b")),
                        Tuple.of(2, Arbitraries.of("é", "e\u0301", "ß", "\u0308", "漢", "\u05d0", "\u202e")),
                        Tuple.of(2, Arbitraries.of("😀", "👩\u200d👧", "👍🏽", "𝒳", "🇫🇷", " 😀")),
                        Tuple.of(1, Arbitraries.strings().ofMaxLength(2)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(60)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = TRIES, seed = SEED)
    void windowsCoverEveryContextTokenOverlapByTheStrideAndAreNoLongerThanAllowed(
            @ForAll("text") String context,
            @ForAll("text") String question,
            @ForAll @IntRange(min = 8, max = 80) int maxLength,
            @ForAll @IntRange(max = 20) int stride) {
        Tokens tokens = tokenizer.encode(context);

        List<Window> windows = windows(example(context, question, List.of()), maxLength, stride);

        int from = 0;
        for (Window window : windows) {
            int length = window.contextLast() - window.contextFirst() + 1;
            assertThat(window.inputIds()).hasSizeLessThanOrEqualTo(maxLength);
            assertThat(window.inputIds()[0]).isEqualTo(tokenizer.special().before()[0]);
            assertThat(window.inputIds()[window.inputIds().length - 1])
                    .isEqualTo(tokenizer.special().after()[0]);
            assertThat(Arrays.copyOfRange(window.inputIds(), window.contextFirst(), window.contextLast() + 1))
                    .isEqualTo(Arrays.copyOfRange(tokens.ids(), from, from + length));
            assertThat(window.offsetStarts()).isEqualTo(Arrays.copyOfRange(tokens.starts(), from, from + length));
            assertThat(window.offsetEnds()).isEqualTo(Arrays.copyOfRange(tokens.ends(), from, from + length));
            boolean last = window.window() == windows.size() - 1;
            assertThat(from + length == tokens.size()).isEqualTo(last);
            assertThat(last || window.inputIds().length == maxLength).isTrue();
            from += length - stride;
        }
    }

    @Property(tries = TRIES, seed = SEED)
    void aLabelsTokensAreTheFewestThatHoldTheAnswer(
            @ForAll("text") String context,
            @ForAll @DoubleRange(max = 1) double first,
            @ForAll @DoubleRange(max = 1) double last,
            @ForAll @IntRange(min = 16, max = 80) int maxLength,
            @ForAll @IntRange(max = 8) int stride) {
        Assume.that(!context.isEmpty());
        Example.Answer answer = answer(context, first, last);

        for (Window window : windows(example(context, "x", List.of(answer)), maxLength, stride)) {
            int tokens = window.offsetStarts().length;
            boolean isInside = window.offsetStarts()[0] <= answer.answerStart()
                    && window.offsetEnds()[tokens - 1] >= answer.answerEnd();
            assertThat(window.endPosition() > 0).isEqualTo(isInside);
            if (isInside) {
                int from = window.startPosition() - window.contextFirst();
                int to = window.endPosition() - window.contextFirst();
                assertThat(holds(window, from, to, answer)).isTrue();
                assertThat(from < to && holds(window, from + 1, to, answer) && !sameCharacter(window, from, from + 1))
                        .isFalse();
                assertThat(from < to && holds(window, from, to - 1, answer) && !sameCharacter(window, to - 1, to))
                        .isFalse();
            }
        }
    }

    @Property(tries = TRIES, seed = SEED)
    void aLabelMapsBackToTheVeryAnswerThatIsMadeOfWholeTokens(
            @ForAll("text") String context,
            @ForAll @DoubleRange(max = 1) double first,
            @ForAll @DoubleRange(max = 1) double last,
            @ForAll @IntRange(min = 16, max = 80) int maxLength,
            @ForAll @IntRange(max = 8) int stride) {
        Tokens tokens = tokenizer.encode(context);
        int[] visible = IntStream.range(0, tokens.size())
                .filter(i -> tokens.starts()[i] < tokens.ends()[i])
                .toArray();
        Assume.that(visible.length > 0);
        int from = visible[(int) (Math.min(first, last) * (visible.length - 1))];
        int to = visible[(int) (Math.max(first, last) * (visible.length - 1))];
        Example whole = example(context, "x", List.of());
        String text = whole.contextPart(tokens.starts()[from], tokens.ends()[to]);
        Example example = example(context, "x", List.of(new Example.Answer(text, tokens.starts()[from])));

        for (Window window : windows(example, maxLength, stride)) {
            if (window.endPosition() > 0) {
                String labelled = example.contextPart(
                        window.offsetStarts()[window.startPosition() - window.contextFirst()],
                        window.offsetEnds()[window.endPosition() - window.contextFirst()]);
                assertThat(labelled).isEqualTo(text);
            }
        }
    }

    @Property(tries = TRIES, seed = SEED)
    void aQuestionThatLeavesNoMoreRoomThanTheStrideIsRefused(
            @ForAll @IntRange(min = 8, max = 40) int maxLength, @ForAll @IntRange(max = 40) int stride) {
        int room = maxLength - 4 - 5;
        Example example = example("y".repeat(maxLength), "xxxxx", List.of());
        Windower windower = new Windower(tokenizer, maxLength, stride);

        if (room <= stride) {
            assertThatThrownBy(() -> windower.windows(example))
                    .isInstanceOf(QuestionTooLong.class)
                    .hasMessageContaining("question id (example 0) has 5 tokens")
                    .hasMessageContaining("features.too_long");
        } else {
            assertThat(windows(example, maxLength, stride)).hasSizeGreaterThan(1);
        }
    }

    private static boolean holds(Window window, int from, int to, Example.Answer answer) {
        return window.offsetStarts()[from] <= answer.answerStart() && window.offsetEnds()[to] >= answer.answerEnd();
    }

    private static boolean sameCharacter(Window window, int i, int j) {
        return window.offsetStarts()[i] == window.offsetStarts()[j] && window.offsetEnds()[i] == window.offsetEnds()[j];
    }

    private static Example.Answer answer(String context, double first, double last) {
        int length = context.codePointCount(0, context.length());
        int start = (int) (Math.min(first, last) * (length - 1));
        int end = (int) (Math.max(first, last) * (length - 1)) + 1;
        return new Example.Answer(example(context, "", List.of()).contextPart(start, end), start);
    }

    private static Example example(String context, String question, List<Example.Answer> answers) {
        return new Example(0, "id", "", context, question, answers, answers.isEmpty());
    }

    /** Returns no windows if the question is too long; another property tests that. */
    private static List<Window> windows(Example example, int maxLength, int stride) {
        try {
            return new Windower(tokenizer, maxLength, stride).windows(example);
        } catch (QuestionTooLong e) {
            return List.of();
        }
    }
}
