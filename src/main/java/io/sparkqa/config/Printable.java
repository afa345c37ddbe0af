package io.sparkqa.config;

import java.util.stream.Collectors;

/** Makes text from users' files safe to print at a terminal. */
public final class Printable {
    private static final int LONGEST_QUOTE = 100;
    private static final int LONGEST_LINE = 1000;
    private static final int LINE_END = 300;

    private Printable() {}

    /** Returns a text to be quoted in a message: control characters replaced by {@code ?}, cut off after 100 characters. */
    public static String of(String text) {
        return clean(text.length() <= LONGEST_QUOTE ? text : head(text, LONGEST_QUOTE) + "…");
    }

    /**
     * Returns a whole message: control characters except line breaks replaced by {@code ?}, and lines of more than 1,000
     * characters without their middle.
     */
    public static String message(String text) {
        return text.lines().map(Printable::line).collect(Collectors.joining("\n"));
    }

    private static String line(String text) {
        return clean(
                text.length() <= LONGEST_LINE
                        ? text
                        : head(text, LONGEST_LINE - LINE_END) + " … " + text.substring(text.length() - LINE_END));
    }

    /** Returns the first characters of a text without splitting a surrogate pair. */
    private static String head(String text, int length) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }

    private static String clean(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cf}\u2028\u2029]", "?");
    }
}
