package io.sparkqa.window;

/**
 * Finds the context tokens of an answer, as HuggingFace's {@code prepare_train_features} does, with two corrections: the
 * search stops at the window's last context token, and the label of a single character of several tokens (an emoji, for
 * example) covers all of them, whereas the original's span ends before it starts.
 */
final class SpanLabeler {
    /** Tokens {@code first} to {@code last}, both included, counted from the context's first token. */
    record Span(int first, int last) {}

    private SpanLabeler() {}

    /**
     * Returns the answer's span among the context tokens {@code from} (included) to {@code to} (excluded), or null if they
     * don't contain the whole answer.
     *
     * @param start index of the answer's first code point
     * @param end index after the answer's last code point
     */
    static Span label(Tokens context, int from, int to, int start, int end) {
        if (from == to || context.starts()[from] > start || context.ends()[to - 1] < end) {
            return null;
        }
        int first = from;
        while (first + 1 < to && context.starts()[first + 1] <= start) {
            first++;
        }
        int last = to - 1;
        while (last > from && context.ends()[last - 1] >= end) {
            last--;
        }
        return new Span(Math.min(first, last), Math.max(first, last));
    }
}
