package io.sparkqa.decode;

/**
 * A stretch of a context that may be the answer.
 *
 * @param start code point at which it begins
 * @param end code point behind its last
 */
public record Span(int start, int end, float startLogit, float endLogit) {
    /** What spans are ranked by. */
    float score() {
        // Adding 0 turns -0 into 0: the two rank equally.
        return startLogit + endLogit + 0f;
    }
}
