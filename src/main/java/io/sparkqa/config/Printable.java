package io.sparkqa.config;

/** Makes text that comes from users' files fit to be quoted in a message. */
public final class Printable {
    private static final int LONGEST = 100;

    private Printable() {}

    /** Returns a text with control characters replaced by {@code ?}, cut off after 100 characters. */
    public static String of(String text) {
        String cut = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        return cut.replaceAll("[\\p{Cntrl}\\p{Cf}\u2028\u2029]", "?");
    }
}
