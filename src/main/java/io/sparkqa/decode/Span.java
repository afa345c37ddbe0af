package io.sparkqa.decode;

/**
 * A part of a context that may be the answer.
 *
 * @param start index of its first code point in the context
 * @param end index after its last code point
 */
public record Span(int start, int end, float startLogit, float endLogit) {
    /** Returns the sum of both logits, by which spans are ranked. */
    float score() {
        // Adding 0 turns -0 into 0, so that both rank equally.
        return startLogit + endLogit + 0f;
    }
}
