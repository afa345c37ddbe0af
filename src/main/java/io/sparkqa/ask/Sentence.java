package io.sparkqa.ask;

import io.sparkqa.decode.Prediction.Candidate;
import java.text.BreakIterator;
import java.util.Locale;

/**
 * The sentence that holds an answer, in three parts.
 *
 * @param before what stands in front of the answer
 * @param answer the answer itself
 * @param after what stands behind it
 */
record Sentence(String before, String answer, String after) {
    /** Returns the sentence around a span of a text; it takes several if the span reaches from one to another. */
    static Sentence around(Candidate span, String text) {
        int from = text.offsetByCodePoints(0, span.start());
        int to = text.offsetByCodePoints(from, span.end() - span.start());
        BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ENGLISH);
        sentences.setText(text);
        int begin = sentences.isBoundary(from) ? from : sentences.preceding(from);
        int end = sentences.following(Math.max(from, to - 1));
        return new Sentence(text.substring(begin, from), text.substring(from, to), text.substring(to, end));
    }
}
