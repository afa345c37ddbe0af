package io.sparkqa.torch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns a Python file into the source that libtorch's importer reads. The importer knows neither a file's constants nor its
 * classes by their simple names, so both are replaced in the text: a constant ({@code NAME = value} above the first class)
 * by its value, and a class by its qualified name. Everything above the first class is left out; its imports serve editors.
 */
final class TorchSource {
    private static final Pattern CLASS = Pattern.compile("(?m)^class (\\w+)\\(");
    private static final Pattern CONSTANT = Pattern.compile("(?m)^([A-Z][A-Z0-9_]*) = (.+?)(?:  #.*)?$");
    private static final Pattern NAME = Pattern.compile("(?<![\\w.]|^class )[A-Za-z]\\w*", Pattern.MULTILINE);

    private TorchSource() {}

    /**
     * Returns the source.
     *
     * @param python the file's text
     * @param constants values that replace those in the file
     * @throws IllegalArgumentException if the file has no constant of a given name
     */
    static String of(String python, Map<String, ?> constants) {
        Matcher firstClass = CLASS.matcher(python);
        if (!firstClass.find()) {
            throw new IllegalArgumentException("the program has no class");
        }
        Map<String, String> replacements = new LinkedHashMap<>();
        CONSTANT.matcher(python.substring(0, firstClass.start()))
                .results()
                .forEach(constant -> replacements.put(constant.group(1), constant.group(2)));
        constants.forEach((name, value) -> {
            if (replacements.replace(name, literal(value)) == null) {
                throw new IllegalArgumentException("the program has no constant " + name);
            }
        });
        CLASS.matcher(python)
                .results()
                .forEach(found -> replacements.put(found.group(1), "__torch__." + found.group(1)));
        return NAME.matcher(python.substring(firstClass.start()))
                .replaceAll(name -> Matcher.quoteReplacement(replacement(name, replacements)));
    }

    private static String replacement(MatchResult name, Map<String, String> replacements) {
        return replacements.getOrDefault(name.group(), name.group());
    }

    private static String literal(Object value) {
        if (value instanceof Boolean truth) {
            return truth ? "True" : "False";
        }
        return value.toString();
    }
}
