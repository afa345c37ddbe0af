package io.sparkqa.demo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words that patterns draw from. A pattern is text with slots: {@code {food}} is a value of the pool of that name
 * (a pattern itself), {@code {Thing}} the same with a capital, {@code {12..60}} a whole number between the two, both
 * included, {@code {first}} a first name and {@code {name}} a proper name that does not exist; the latter two only from
 * among the split's own.
 *
 * @param pools values by name of the pool
 */
record Lexicon(Map<String, List<String>> pools, Split split) {
    private static final Pattern SLOT = Pattern.compile("\\{(?:(\\d+)\\.\\.(\\d+)|([A-Za-z-]+))}");
    /** The pool of first names, shared out between the splits as proper names are. */
    static final String FIRST_NAMES = "first";

    /** The share of this lexicon that a split may use. */
    Lexicon of(Split part) {
        Map<String, List<String>> share = new LinkedHashMap<>(pools);
        share.computeIfPresent(
                FIRST_NAMES, (pool, names) -> names.stream().filter(part::owns).toList());
        return new Lexicon(share, part);
    }

    /** The pattern with every slot filled by chance. */
    String fill(String pattern, RandomGenerator random) {
        Matcher slot = SLOT.matcher(pattern);
        StringBuilder text = new StringBuilder();
        while (slot.find()) {
            slot.appendReplacement(text, Matcher.quoteReplacement(value(slot, random)));
        }
        return slot.appendTail(text).toString();
    }

    /** The pattern's fixed text, with the slots taken out. */
    static String fixedText(String pattern) {
        return SLOT.matcher(pattern).replaceAll("");
    }

    /** Text with a capital at its start. */
    static String capitalised(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    private String value(Matcher slot, RandomGenerator random) {
        if (slot.group(1) != null) {
            int from = Integer.parseInt(slot.group(1));
            return Integer.toString(random.nextInt(from, Integer.parseInt(slot.group(2)) + 1));
        }
        String pool = slot.group(3);
        if (Character.isUpperCase(pool.charAt(0))) {
            return capitalised(fill("{" + Character.toLowerCase(pool.charAt(0)) + pool.substring(1) + "}", random));
        }
        if (pool.equals("name")) {
            return properName(random);
        }
        return fill(pick(pool, random), random);
    }

    private String properName(RandomGenerator random) {
        String name;
        do {
            name = InventedWord.draw(random);
        } while (!split.owns(name));
        return name;
    }

    /** A value of the pool, slots and all. */
    String pick(String pool, RandomGenerator random) {
        List<String> values = pools.get(pool);
        if (values == null) {
            throw new IllegalArgumentException(
                    "no filler is named " + pool + "; there are " + new TreeMap<>(pools).keySet());
        }
        return values.get(random.nextInt(values.size()));
    }
}
