package io.sparkqa.window;

/**
 * Finds the context tokens that hold an answer, as HuggingFace's {@code prepare_train_features} does but for two
 * oversights there: the search does not run past the window's last context token, and an answer that is a single
 * character made of several tokens (an emoji, say) is all of them, not a span that ends before it starts.
 */
final class SpanLabeler {
    /** Tokens {@code first} to {@code last}, both included, counted from the context's first token. */
    record Span(int first, int last) {}

    private SpanLabeler() {}

    /**
     * The span among tokens {@code from} (included) to {@code to} (excluded) of the context; null if they don't hold the
     * whole answer.
     *
     * @param start code point at which the answer begins
     * @param end code point behind the answer's last
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
