package io.sparkqa.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkqa.config.UserError;
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
    private static final SpanDecoder DECODER = new SpanDecoder(20, 30);

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
                List.of(DECODER.spans(
                        window, peak(window, window.contextFirst() + from), peak(window, window.contextFirst() + to))),
                context);

        assertThat(prediction.text())
                .isEqualTo(
                        context.substring(context.offsetByCodePoints(0, from), context.offsetByCodePoints(0, to + 1)));
        assertThat(prediction.at(0)).isEqualTo(prediction.text());
    }

    @Property
    void theOrderInWhichWindowsArriveDoesNotMatter(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int nBest) {
        String context = "abcdefghijkl";
        SpanDecoder decoder = new SpanDecoder(nBest, 5);
        List<WindowSpans> windows = IntStream.range(0, 4)
                .mapToObj(number -> {
                    Window window = window(number, 2 * number, 6);
                    return decoder.spans(window, coarse(window, seed), coarse(window, ~seed));
                })
                .toList();
        List<WindowSpans> shuffled = new ArrayList<>(windows);
        Collections.shuffle(shuffled, new Random(seed));

        assertThat(decoder.predict(shuffled, context)).isEqualTo(decoder.predict(windows, context));
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
        SpanDecoder decoder = new SpanDecoder(1, 3);

        assertThat(decoder.spans(window, peak(window, QUESTION), peak(window, QUESTION + 2))
                        .spans())
                .hasSize(1);
        assertThat(decoder.spans(window, peak(window, QUESTION), peak(window, QUESTION + 3))
                        .spans())
                .isEmpty();
    }

    @Test
    void logitsThatAreNotNumbersAreAnErrorThatNamesTheQuestion() {
        Window window = window(0, 0, 3);
        float[] broken = new float[window.inputIds().length];
        Arrays.fill(broken, Float.NaN);

        assertThatThrownBy(() -> DECODER.spans(window, broken, broken))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("question id, window 0");
    }

    /** A window in which every context token is one character. */
    private static Window window(int number, int firstCharacter, int tokens) {
        int[] starts = IntStream.range(firstCharacter, firstCharacter + tokens).toArray();
        int[] ends = Arrays.stream(starts).map(start -> start + 1).toArray();
        int[] ids = new int[QUESTION + tokens + 1];
        return new Window(0, "id", number, ids, QUESTION, QUESTION + tokens - 1, 0, 0, starts, ends);
    }

    private static float[] peak(Window window, int position) {
        float[] logits = new float[window.inputIds().length];
        logits[position] = 10;
        return logits;
    }

    /** Few distinct values, so that many sums tie. */
    private static float[] coarse(Window window, long seed) {
        Random random = new Random(seed + window.window());
        float[] logits = new float[window.inputIds().length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = random.nextInt(3);
        }
        return logits;
    }
}
