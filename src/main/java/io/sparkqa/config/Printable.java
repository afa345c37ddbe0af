package io.sparkqa.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes text from users' files safe to print at a terminal. */
public final class Printable {
    private static final int LONGEST_QUOTE = 100;
    private static final int LONGEST_LINE = 1000;
    private static final int LINE_END = 300;

    /** Control characters, those of bidirectional text and the like, and line separators; not joiners, which words contain. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}\\x{2028}\\x{2029}&&[^\\x{200C}\\x{200D}]]");

    private Printable() {}

    /** Returns a text to be quoted in a message: control characters replaced by {@code ?}, cut off after 100 characters. */
    public static String of(String text) {
        return plain(text.length() <= LONGEST_QUOTE ? text : head(text, LONGEST_QUOTE) + "…");
    }

    /**
     * Returns a whole message: control characters except line breaks replaced by {@code ?}, and lines of more than 1,000
     * characters without their middle.
     */
    public static String message(String text) {
        return text.lines().map(Printable::line).collect(Collectors.joining("\n"));
    }

    /** Returns the same JSON with escapes for all characters that control a terminal. */
    public static String json(String text) {
        return CONTROL.matcher(text).replaceAll(found -> Matcher.quoteReplacement(escaped(found.group())));
    }

    private static String escaped(String text) {
        return text.chars().mapToObj("\\u%04x"::formatted).collect(Collectors.joining());
    }

    private static String line(String text) {
        return plain(
                text.length() <= LONGEST_LINE
                        ? text
                        : head(text, LONGEST_LINE - LINE_END) + " … " + text.substring(text.length() - LINE_END));
    }

    /** Returns the first characters of a text without splitting a surrogate pair. */
    private static String head(String text, int length) {
        return text.substring(0, Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length);
    }

    /** Returns a text whose control characters, line breaks among them, are replaced by {@code ?}. */
    public static String plain(String text) {
        return CONTROL.matcher(text).replaceAll("?");
    }
}
