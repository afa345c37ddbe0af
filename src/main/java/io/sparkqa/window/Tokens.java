package io.sparkqa.window;

/**
 * A text's tokens, without special ones around them.
 *
 * @param ids int[n]
 * @param starts int[n], code point of the text at which each token begins
 * @param ends int[n], code point of the text behind each token's last
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares tokens.
public record Tokens(int[] ids, int[] starts, int[] ends) {
    /** Number of tokens. */
    public int size() {
        return ids.length;
    }
}
