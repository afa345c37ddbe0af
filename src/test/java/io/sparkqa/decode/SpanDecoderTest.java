package io.sparkqa.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.Experiment.Duplicates;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.window.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class SpanDecoderTest {
    private static final int QUESTION = 4;
    private static final String CONTEXT = "abcdefghijkl";
    private static final SpanDecoder DECODER = new SpanDecoder(20, 30, Duplicates.MERGE);

    @Property
    void decodingTheLabelsLogitsGivesTheAnswerBack(
            @ForAll @StringLength(min = 1, max = 40) String context,
            @ForAll @IntRange(max = 39) int first,
            @ForAll @IntRange(max = 29) int length) {
        int tokens = context.codePointCount(0, context.length());
        int from = first % tokens;
        int to = Math.min(from + length, tokens - 1);
        Window window = window(0, 0, tokens);

        Prediction prediction = DECODER.predict(
                List.of(DECODER.top(
                        window, peak(window, window.contextFirst() + from), peak(window, window.contextFirst() + to))),
                context);

        assertThat(prediction.text())
                .isEqualTo(
                        context.substring(context.offsetByCodePoints(0, from), context.offsetByCodePoints(0, to + 1)));
        assertThat(prediction.at(0)).isEqualTo(prediction.text());
    }

    @Property
    void theOrderInWhichWindowsArriveDoesNotMatter(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int nBest) {
        SpanDecoder decoder = new SpanDecoder(nBest, 5, Duplicates.MERGE);
        List<TopLogits> windows = overlapping(decoder, seed);
        List<TopLogits> shuffled = new ArrayList<>(windows);
        Collections.shuffle(shuffled, new Random(seed));

        assertThat(decoder.predict(shuffled, CONTEXT)).isEqualTo(decoder.predict(windows, CONTEXT));
    }

    @Property
    void mergingDuplicatesChangesNeitherAnswersNorNullOdds(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int nBest) {
        SpanDecoder merging = new SpanDecoder(nBest, 5, Duplicates.MERGE);
        SpanDecoder keeping = new SpanDecoder(nBest, 5, Duplicates.KEEP);

        Prediction merged = merging.predict(overlapping(merging, seed), CONTEXT);
        Prediction kept = keeping.predict(overlapping(keeping, seed), CONTEXT);

        assertThat(merged.text()).isEqualTo(kept.text());
        assertThat(merged.nullOdds()).isEqualTo(kept.nullOdds());
        assertThat(merged.nBest()).hasSizeGreaterThanOrEqualTo(Math.min(nBest, 2));
        assertThat(merged.nBest().stream()
                        .filter(candidate -> candidate.start() < candidate.end())
                        .map(candidate -> List.of(candidate.start(), candidate.end())))
                .doesNotHaveDuplicates();
    }

    @Test
    void aSpanThatTwoWindowsHoldIsListedOnceWithItsBestScore() {
        Window first = window(0, 0, 6);
        Window second = window(1, 2, 6);
        SpanDecoder merging = new SpanDecoder(3, 5, Duplicates.MERGE);
        List<TopLogits> windows = List.of(
                merging.top(first, peak(first, QUESTION + 3), peak(first, QUESTION + 3)),
                merging.top(second, peak(second, QUESTION + 1), twice(peak(second, QUESTION + 1))));

        List<Candidate> merged = merging.predict(windows, CONTEXT).nBest();
        List<Candidate> kept =
                new SpanDecoder(3, 5, Duplicates.KEEP).predict(windows, CONTEXT).nBest();

        assertThat(kept).extracting(Candidate::text).startsWith("d", "d");
        assertThat(merged).extracting(Candidate::text).startsWith("d").doesNotHaveDuplicates();
        assertThat(merged.get(0).endLogit()).isEqualTo(20);
        assertThat(merged.get(0).start()).isEqualTo(3);
        assertThat(merged.get(0).end()).isEqualTo(4);
    }

    @Property
    void moreLogitsThanTheDecoderConsidersChangeNothing(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int nBest,
            @ForAll @IntRange(max = 5) int more,
            @ForAll Duplicates duplicates) {
        SpanDecoder decoder = new SpanDecoder(nBest, 5, duplicates);
        SpanDecoder wider = new SpanDecoder(nBest + more, 2, duplicates);

        assertThat(decoder.predict(overlapping(wider, seed), CONTEXT))
                .isEqualTo(decoder.predict(overlapping(decoder, seed), CONTEXT));
    }

    @Test
    void theThresholdItselfStillAnswers() {
        Prediction prediction = new Prediction("text", 1.5f, List.of());

        assertThat(prediction.at(1.5)).isEqualTo("text");
        assertThat(prediction.at(1.4)).isEmpty();
    }

    @Test
    void aQuestionWithoutWindowsHasNoAnswer() {
        assertThat(DECODER.predict(List.of(), "context")).isEqualTo(Prediction.NONE);
    }

    @Test
    void spansLongerThanAllowedAreNoAnswers() {
        Window window = window(0, 0, 8);
        SpanDecoder decoder = new SpanDecoder(1, 3, Duplicates.MERGE);

        TopLogits three = decoder.top(window, peak(window, QUESTION), peak(window, QUESTION + 2));
        TopLogits four = decoder.top(window, peak(window, QUESTION), peak(window, QUESTION + 3));

        assertThat(decoder.predict(List.of(three), CONTEXT).text()).isEqualTo("abc");
        assertThat(decoder.predict(List.of(four), CONTEXT).nBest())
                .as("what run_qa.py lists if there is no span")
                .extracting(Candidate::text)
                .containsExactly("empty", "");
    }

    @Test
    void theWordThatStandsForNoSpanCanBeLeftOut() {
        Window window = window(0, 0, 8);
        SpanDecoder decoder = new SpanDecoder(1, 3, Duplicates.MERGE);
        TopLogits four = decoder.top(window, peak(window, QUESTION), peak(window, QUESTION + 3));

        Prediction spans = decoder.predict(List.of(four), CONTEXT).ofSpans();

        assertThat(spans.at(1e9)).isEmpty();
        assertThat(spans.nBest()).extracting(Candidate::text).containsExactly("");
    }

    @Test
    void aLogitThatIsNoFiniteNumberIsAnErrorThatNamesTheQuestion() {
        Window window = window(0, 0, 3);
        float[] whole = new float[window.inputIds().length];
        for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] broken = whole.clone();
            broken[broken.length - 1] = value;

            assertThatThrownBy(() -> DECODER.top(window, whole, broken))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("question id, window 0");
        }
    }

    private static List<TopLogits> overlapping(SpanDecoder decoder, long seed) {
        return IntStream.range(0, 4)
                .mapToObj(number -> {
                    Window window = window(number, 2 * number, 6, new Random(seed).nextInt(8));
                    return decoder.top(window, coarse(window, seed), coarse(window, ~seed));
                })
                .toList();
    }

    private static Window window(int number, int firstCharacter, int tokens) {
        return window(number, firstCharacter, tokens, 0);
    }

    /** Returns a window whose context tokens have one character each, but the first {@code empty} have none. */
    private static Window window(int number, int firstCharacter, int tokens, int empty) {
        int[] starts = IntStream.range(firstCharacter, firstCharacter + tokens).toArray();
        int[] ends = Arrays.stream(starts)
                .map(start -> start - firstCharacter < empty ? start : start + 1)
                .toArray();
        int[] ids = new int[QUESTION + tokens + 1];
        return new Window(0, "id", number, ids, QUESTION, QUESTION + tokens - 1, 0, 0, starts, ends);
    }

    private static float[] twice(float[] logits) {
        float[] doubled = logits.clone();
        for (int i = 0; i < doubled.length; i++) {
            doubled[i] *= 2;
        }
        return doubled;
    }

    private static float[] peak(Window window, int position) {
        float[] logits = new float[window.inputIds().length];
        logits[position] = 10;
        return logits;
    }

    /** Returns logits with few distinct values, so that many sums tie. */
    private static float[] coarse(Window window, long seed) {
        Random random = new Random(seed + window.window());
        float[] logits = new float[window.inputIds().length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = random.nextInt(3);
        }
        return logits;
    }
}
