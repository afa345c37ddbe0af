package io.sparkqa.window;

/**
 * What the network reads at once: {@code <s> question </s></s> part of the context </s>}, not padded.
 *
 * @param exampleIndex the {@link io.sparkqa.squad.Example}'s
 * @param window 0, 1, 2 … from the beginning of the context to its end
 * @param inputIds int[length]
 * @param contextFirst index in {@code inputIds} of the first context token
 * @param contextLast index in {@code inputIds} of the last context token; {@code contextFirst - 1} if the context is empty
 * @param startPosition index in {@code inputIds} of the first answer's first token; 0 if it is not in this window
 * @param endPosition index in {@code inputIds} of the first answer's last token; 0 if it is not in this window
 * @param offsetStarts for each context token the code point of the whole context at which it begins
 * @param offsetEnds for each context token the code point of the whole context behind its last
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares windows; the arrays are shared, not copied, for speed.
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
        int[] offsetEnds) {}
