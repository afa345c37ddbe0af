package io.sparkqa.window;

/**
 * The tokens of a text, without special tokens around them.
 *
 * @param ids int[n]
 * @param starts int[n], index of each token's first code point in the text
 * @param ends int[n], index after each token's last code point in the text
 */
@SuppressWarnings("ArrayRecordComponent") // Tokens are never compared.
public record Tokens(int[] ids, int[] starts, int[] ends) {
    /** Returns the number of tokens. */
    public int size() {
        return ids.length;
    }
}
