package io.sparkqa.window;

/**
 * One input of the network: question and part of the context with the tokenizer's special tokens around them, for RoBERTa
 * {@code <s> question </s></s> part of the context </s>}. It has no padding.
 *
 * @param exampleIndex index of the {@link io.sparkqa.squad.Example}
 * @param exampleId id of the example
 * @param window number of the window within its example, from 0
 * @param inputIds int[length]
 * @param contextFirst index in {@code inputIds} of the first context token
 * @param contextLast index in {@code inputIds} of the last context token; {@code contextFirst - 1} if the context is empty
 * @param startPosition index in {@code inputIds} of the first answer's first token; 0 if it is not in this window
 * @param endPosition index in {@code inputIds} of the first answer's last token; 0 if it is not in this window
 * @param offsetStarts for each context token, the index of its first code point in the whole context
 * @param offsetEnds for each context token, the index after its last code point in the whole context
 */
@SuppressWarnings("ArrayRecordComponent") // Windows are never compared; the arrays are shared for speed.
public record Window(
        long exampleIndex,
        String exampleId,
        int window,
        int[] inputIds,
        int contextFirst,
        int contextLast,
        int startPosition,
        int endPosition,
        int[] offsetStarts,
        int[] offsetEnds) {
    /** Whether the positions are inside the window, and each context token has its offsets. */
    public boolean isWhole() {
        return isWhole(
                inputIds.length,
                contextFirst,
                contextLast,
                startPosition,
                endPosition,
                offsetStarts.length,
                offsetEnds.length);
    }

    static boolean isWhole(int length, int first, int last, int start, int end, int starts, int ends) {
        int context = last - first + 1;
        return first >= 0
                && context >= 0
                && last < length
                && isPosition(start, length)
                && isPosition(end, length)
                && starts == context
                && ends == context;
    }

    private static boolean isPosition(int position, int length) {
        return position >= 0 && position < length;
    }
}
