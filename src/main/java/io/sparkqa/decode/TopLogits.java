package io.sparkqa.decode;

import java.util.List;

/**
 * The highest logits of one window, which are all that decoding needs.
 *
 * @param window index of the window in its context: 0, 1, 2 …
 * @param nullSpan the span of {@code <s>}, which stands for "no answer in this window"
 * @param starts the highest start logits, highest first; equal ones in the order of their tokens
 * @param ends the highest end logits, in the same order
 */
public record TopLogits(int window, Span nullSpan, List<Token> starts, List<Token> ends) {
    /** The offset of a token that is not part of the context. */
    static final int OUTSIDE = -1;

    /**
     * A token at which an answer may start or end.
     *
     * @param index index of the token in the window
     * @param offset index of the token's first code point in the context, or after its last one if it is an end; -1 if the
     *     token is not part of the context
     */
    public record Token(int index, int offset, float logit) {
        boolean isInContext() {
            return offset != OUTSIDE;
        }
    }
}
