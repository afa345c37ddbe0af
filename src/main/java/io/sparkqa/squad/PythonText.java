package io.sparkqa.squad;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Python's {@code str.lower()}, {@code str.split()} and regular-expression word characters. SQuAD's metrics are defined
 * by a Python program and depend on Python's rules for upper case, white space and letters.
 */
public final class PythonText {
    private static final int CAPITAL_SIGMA = 'Σ';

    /** Punctuation inside words (apostrophes, full stops, colons and the like) that the rule for the sigma ignores. */
    private static final String IGNORED_SIGNS =
            "'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";

    private PythonText() {}

    /**
     * Converts to lower case by Unicode's full mapping, independent of the locale: İ becomes two code points, and a sigma
     * at the end of a word becomes ς. Java's own {@code toLowerCase} finds other ends of words for the sigma.
     */
    public static String lower(String text) {
        if (text.indexOf(CAPITAL_SIGMA) < 0) {
            return text.toLowerCase(Locale.ROOT);
        }
        int[] points = text.codePoints().toArray();
        StringBuilder lower = new StringBuilder(text.length());
        for (int i = 0; i < points.length; i++) {
            switch (points[i]) {
                case CAPITAL_SIGMA -> lower.append(endsWord(points, i) ? 'ς' : 'σ');
                case 'İ' -> lower.append("i\u0307");
                default -> lower.appendCodePoint(Character.toLowerCase(points[i]));
            }
        }
        return lower.toString();
    }

    /** Splits a text at white space, as {@code str.split()}. */
    public static List<String> split(String text) {
        List<String> runs = new ArrayList<>();
        int from = 0;
        // All of Python's white space lies in the basic multilingual plane, so no code point spans two chars.
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || isWhiteSpace(text.charAt(i))) {
                if (from < i) {
                    runs.add(text.substring(from, i));
                }
                from = i + 1;
            }
        }
        return runs;
    }

    /** Returns whether Python's {@code \\w} matches: letters, digits, other numbers and the underscore, but no marks. */
    public static boolean isWordCharacter(int c) {
        return switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER,
                    Character.DECIMAL_DIGIT_NUMBER,
                    Character.LETTER_NUMBER,
                    Character.OTHER_NUMBER -> true;
            default -> c == '_';
        };
    }

    /**
     * Returns whether a character is white space for {@code str.split()} and {@code str.strip()}, which include no-break
     * spaces and U+0085, unlike Java.
     */
    public static boolean isWhiteSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }

    private static boolean endsWord(int[] points, int sigma) {
        return nextToCased(points, sigma, -1) && !nextToCased(points, sigma, +1);
    }

    private static boolean nextToCased(int[] points, int from, int step) {
        int i = from + step;
        while (i >= 0 && i < points.length && isCaseIgnorable(points[i])) {
            i += step;
        }
        return i >= 0 && i < points.length && isCased(points[i]);
    }

    private static boolean isCased(int c) {
        return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
    }

    private static boolean isCaseIgnorable(int c) {
        return switch (Character.getType(c)) {
            case Character.NON_SPACING_MARK,
                    Character.ENCLOSING_MARK,
                    Character.FORMAT,
                    Character.MODIFIER_LETTER,
                    Character.MODIFIER_SYMBOL -> true;
            default -> IGNORED_SIGNS.indexOf(c) >= 0;
        };
    }
}
