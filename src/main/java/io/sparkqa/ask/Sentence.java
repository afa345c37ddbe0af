package io.sparkqa.ask;

import io.sparkqa.decode.Prediction.Candidate;
import java.text.BreakIterator;
import java.util.Locale;

/**
 * The sentence that holds an answer, in three parts.
 *
 * @param before text before the answer
 * @param answer text of the answer
 * @param after text after the answer
 */
record Sentence(String before, String answer, String after) {
    /** Returns the sentence around a span of a text, or several sentences if the span reaches across them. */
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
