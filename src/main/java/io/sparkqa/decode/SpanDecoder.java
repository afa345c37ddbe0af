package io.sparkqa.decode;

import io.sparkqa.config.UserError;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.window.Window;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the likeliest answers from logits, with the same numbers as HuggingFace's {@code postprocess_qa_predictions} for
 * SQuAD 2.0: scores are float32, equal scores are ordered by window, rank of start, rank of end. Thread-safe.
 *
 * <p>It works in two steps, because the windows of a question may be computed in different processes: {@link #spans}
 * reduces a window to its n best spans, {@link #predict} merges the windows of a question. The result is the same as from
 * all spans at once: a span that is not among the n best of its window is not among the n best of the question.
 */
public final class SpanDecoder implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final Comparator<Span> BEST_FIRST =
            Comparator.comparing(Span::score).reversed();

    private final int nBest;
    private final int maxAnswerLength;

    /**
     * Creates a decoder.
     *
     * @param nBest number of spans kept for a question, and of start and of end positions considered in a window
     * @param maxAnswerLength longest answer in tokens
     */
    public SpanDecoder(int nBest, int maxAnswerLength) {
        this.nBest = nBest;
        this.maxAnswerLength = maxAnswerLength;
    }

    /**
     * Returns the best spans of one window.
     *
     * @param startLogits float[length of the window]
     * @param endLogits float[length of the window]
     * @throws UserError if the logits are NaN
     */
    public WindowSpans spans(Window window, float[] startLogits, float[] endLogits) {
        Span nullSpan = new Span(0, 0, startLogits[0], endLogits[0]);
        if (Float.isNaN(nullSpan.score())) {
            throw new UserError(
                    "question %s, window %d: the model's logits are not numbers (NaN), probably because its training diverged; train again with a lower train.lr"
                            .formatted(window.exampleId(), window.window()));
        }
        List<Span> spans = new ArrayList<>();
        int[] ends = highest(endLogits);
        for (int start : highest(startLogits)) {
            for (int end : ends) {
                if (start >= window.contextFirst()
                        && end <= window.contextLast()
                        && end >= start
                        && end - start < maxAnswerLength) {
                    int from = window.offsetStarts()[start - window.contextFirst()];
                    int to = window.offsetEnds()[end - window.contextFirst()];
                    spans.add(new Span(from, to, startLogits[start], endLogits[end]));
                }
            }
        }
        spans.sort(BEST_FIRST);
        return new WindowSpans(window.window(), nullSpan, List.copyOf(first(spans)));
    }

    /** Returns the answer to a question from all of its windows, given in any order. */
    public Prediction predict(List<WindowSpans> windows, String context) {
        if (windows.isEmpty()) {
            return Prediction.NONE;
        }
        List<WindowSpans> inOrder = new ArrayList<>(windows);
        inOrder.sort(Comparator.comparingInt(WindowSpans::window));
        Span nullSpan = inOrder.stream()
                .map(WindowSpans::nullSpan)
                .min(Comparator.comparing(Span::score))
                .orElseThrow();
        List<Span> spans = new ArrayList<>();
        inOrder.forEach(window -> spans.addAll(window.spans()));
        spans.add(nullSpan);
        spans.sort(BEST_FIRST);
        List<Span> best = new ArrayList<>(first(spans));
        if (!best.contains(nullSpan)) {
            best.add(nullSpan);
        }
        return prediction(nullSpan, best, context);
    }

    private Prediction prediction(Span nullSpan, List<Span> best, String context) {
        int[] points = context.codePoints().toArray();
        List<String> texts = new ArrayList<>();
        best.forEach(span -> texts.add(text(points, span)));
        if (best.size() == 1 && texts.get(0).isEmpty()) {
            // postprocess_qa_predictions adds this candidate if there is no span; it can become the answer.
            best.add(0, new Span(0, 0, 0, 0));
            texts.add(0, "empty");
        }
        float[] probabilities = softmax(best);
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < best.size(); i++) {
            Span span = best.get(i);
            candidates.add(new Candidate(
                    texts.get(i), span.startLogit(), span.endLogit(), probabilities[i], span.start(), span.end()));
        }
        // If all texts are empty, postprocess_qa_predictions fails; here the first candidate is the answer.
        Candidate answer = candidates.stream()
                .filter(candidate -> !candidate.text().isEmpty())
                .findFirst()
                .orElse(candidates.get(0));
        float nullOdds = nullSpan.score() - answer.startLogit() - answer.endLogit();
        return new Prediction(answer.text(), nullOdds, List.copyOf(candidates));
    }

    private static String text(int[] points, Span span) {
        return span.start() < span.end() ? new String(points, span.start(), span.end() - span.start()) : "";
    }

    private static float[] softmax(List<Span> spans) {
        float highest = Collections.min(spans, BEST_FIRST).score();
        double[] powers = spans.stream()
                .mapToDouble(span -> Math.exp(span.score() - highest))
                .toArray();
        double sum = Arrays.stream(powers).sum();
        float[] probabilities = new float[powers.length];
        for (int i = 0; i < powers.length; i++) {
            probabilities[i] = (float) (powers[i] / sum);
        }
        return probabilities;
    }

    private List<Span> first(List<Span> spans) {
        return spans.subList(0, Math.min(nBest, spans.size()));
    }

    /** Returns the positions of the n highest logits, highest first; equal logits in the order of their positions. */
    private int[] highest(float[] logits) {
        int[] positions = new int[Math.min(nBest, logits.length)];
        int found = 0;
        for (int i = 0; i < logits.length; i++) {
            if (found == positions.length && logits[i] <= logits[positions[found - 1]]) {
                continue;
            }
            int rank = found < positions.length ? found++ : found - 1;
            while (rank > 0 && logits[positions[rank - 1]] < logits[i]) {
                positions[rank] = positions[rank - 1];
                rank--;
            }
            positions[rank] = i;
        }
        return positions;
    }
}
