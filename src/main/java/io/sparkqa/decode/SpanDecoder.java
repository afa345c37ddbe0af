package io.sparkqa.decode;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.Experiment.Duplicates;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.decode.TopLogits.Token;
import io.sparkqa.window.Window;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the likeliest answers from logits, with the same numbers as HuggingFace's {@code postprocess_qa_predictions} for
 * SQuAD 2.0: scores are float32, equal scores are ordered by window, rank of start, rank of end. Thread-safe.
 *
 * <p>Decoding has two steps: {@link #top} reduces a window to its highest logits, and {@link #predict} finds the answer to a
 * question in the highest logits of all its windows. So the windows of a question may be computed in different processes,
 * and their logits can be stored and decoded again with other settings.
 */
public final class SpanDecoder implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final Comparator<Span> BEST_FIRST =
            Comparator.comparing(Span::score).reversed();

    private final int nBest;
    private final int maxAnswerLength;
    private final Duplicates duplicates;

    /**
     * Creates a decoder.
     *
     * @param nBest number of candidates listed for a question, and of start and of end tokens considered in a window
     * @param maxAnswerLength longest answer in tokens
     * @param duplicates whether a span that occurs several times, as in overlapping windows, is listed once or each time;
     *     does not change answers and null odds
     */
    public SpanDecoder(int nBest, int maxAnswerLength, Duplicates duplicates) {
        this.nBest = nBest;
        this.maxAnswerLength = maxAnswerLength;
        this.duplicates = duplicates;
    }

    /** Returns a decoder with an experiment's settings. */
    public static SpanDecoder of(Experiment.Decode settings) {
        return new SpanDecoder(settings.nBest(), settings.maxAnswerLength(), settings.duplicates());
    }

    /**
     * Returns the highest logits of one window: as many of its start and of its end logits as this decoder considers.
     *
     * @param startLogits float[length of the window]
     * @param endLogits float[length of the window]
     * @throws UserError if a logit is NaN or infinite
     */
    public TopLogits top(Window window, float[] startLogits, float[] endLogits) {
        Span nullSpan = new Span(0, 0, startLogits[0], endLogits[0]);
        if (!areFinite(startLogits) || !areFinite(endLogits)) {
            throw new UserError(
                    "question %s, window %s: the model's logits are not finite numbers (NaN or infinite), probably because its training diverged; train again with a lower train.lr"
                            .formatted(Printable.of(window.exampleId()), window.window()));
        }
        return new TopLogits(
                window.window(),
                nullSpan,
                tokens(window, startLogits, window.offsetStarts()),
                tokens(window, endLogits, window.offsetEnds()));
    }

    private static boolean areFinite(float[] logits) {
        for (float logit : logits) {
            if (!Float.isFinite(logit)) {
                return false;
            }
        }
        return true;
    }

    private List<Token> tokens(Window window, float[] logits, int[] offsets) {
        List<Token> tokens = new ArrayList<>();
        for (int index : highest(logits)) {
            boolean inContext = index >= window.contextFirst() && index <= window.contextLast();
            int offset = inContext ? offsets[index - window.contextFirst()] : TopLogits.OUTSIDE;
            tokens.add(new Token(index, offset, logits[index]));
        }
        return tokens;
    }

    /**
     * Returns the answer to a question from all of its windows, given in any order.
     *
     * @param windows each with at least as many logits as this decoder considers
     */
    public Prediction predict(List<TopLogits> windows, String context) {
        if (windows.isEmpty()) {
            return Prediction.NONE;
        }
        List<TopLogits> inOrder = new ArrayList<>(windows);
        inOrder.sort(Comparator.comparingInt(TopLogits::window));
        Span nullSpan = inOrder.stream()
                .map(TopLogits::nullSpan)
                .min(Comparator.comparing(Span::score))
                .orElseThrow();
        List<Span> ranked = new ArrayList<>();
        inOrder.forEach(window -> addSpans(window, ranked));
        ranked.add(nullSpan);
        ranked.sort(BEST_FIRST);
        int[] points = context.codePoints().toArray();
        List<Candidate> all = candidates(ranked, nullSpan, points);
        List<Candidate> listed =
                duplicates == Duplicates.KEEP ? all : candidates(withoutDuplicates(ranked, nullSpan), nullSpan, points);
        return prediction(nullSpan, all, listed);
    }

    private void addSpans(TopLogits window, List<Span> spans) {
        for (Token start : first(window.starts())) {
            for (Token end : first(window.ends())) {
                if (start.isInContext()
                        && end.isInContext()
                        && end.index() >= start.index()
                        && end.index() - start.index() < maxAnswerLength) {
                    spans.add(new Span(start.offset(), end.offset(), start.logit(), end.logit()));
                }
            }
        }
    }

    /** Keeps the best of the spans with the same place in the context. The null span has no place. */
    private static List<Span> withoutDuplicates(List<Span> ranked, Span nullSpan) {
        Set<List<Integer>> places = new HashSet<>();
        return ranked.stream()
                .filter(span -> span.equals(nullSpan) || places.add(List.of(span.start(), span.end())))
                .toList();
    }

    private List<Candidate> candidates(List<Span> ranked, Span nullSpan, int[] points) {
        List<Span> best = new ArrayList<>(first(ranked));
        if (!best.contains(nullSpan)) {
            best.add(nullSpan);
        }
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
        return candidates;
    }

    private static Prediction prediction(Span nullSpan, List<Candidate> all, List<Candidate> listed) {
        // If all texts are empty, postprocess_qa_predictions fails; here the first candidate is the answer.
        Candidate answer = all.stream()
                .filter(candidate -> !candidate.text().isEmpty())
                .findFirst()
                .orElse(all.get(0));
        float nullOdds = nullSpan.score() - answer.startLogit() - answer.endLogit();
        return new Prediction(answer.text(), nullOdds, List.copyOf(listed));
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

    private <T> List<T> first(List<T> list) {
        return list.subList(0, Math.min(nBest, list.size()));
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
