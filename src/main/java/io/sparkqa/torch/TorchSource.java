package io.sparkqa.torch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Turns Python files into the source that libtorch's importer reads. The importer knows neither a file's constants nor
 * classes by their simple names, so both are replaced in the text: a constant ({@code NAME = value} above the first class)
 * by its value, and a class by its qualified name. Everything above the first class is left out; its imports serve editors.
 */
final class TorchSource {
    private static final Pattern CLASS = Pattern.compile("(?m)^class (\\w+)\\(");
    private static final Pattern CONSTANT = Pattern.compile("(?m)^([A-Z][A-Z0-9_]*) = (.+?)(?:  #.*)?$");
    private static final Pattern NAME = Pattern.compile("(?<![\\w.]|^class )[A-Za-z]\\w*", Pattern.MULTILINE);

    private TorchSource() {}

    /**
     * Returns the source of a module and of the modules that it holds.
     *
     * @throws IllegalArgumentException if a file has no class, or no constant of a given name
     */
    static String of(TorchFile main, List<TorchFile> parts) {
        List<TorchFile> all = new ArrayList<>(parts);
        all.add(main);
        Map<String, String> classes = new LinkedHashMap<>();
        for (TorchFile file : all) {
            CLASS.matcher(file.python())
                    .results()
                    .forEach(found -> classes.put(found.group(1), "__torch__." + found.group(1)));
        }
        return all.stream().map(file -> of(file, classes)).collect(Collectors.joining("\n"));
    }

    private static String of(TorchFile file, Map<String, String> classes) {
        String python = file.python();
        Matcher firstClass = CLASS.matcher(python);
        if (!firstClass.find()) {
            throw new IllegalArgumentException("the program has no class");
        }
        Map<String, String> replacements = new LinkedHashMap<>();
        CONSTANT.matcher(python.substring(0, firstClass.start()))
                .results()
                .forEach(constant -> replacements.put(constant.group(1), constant.group(2)));
        file.constants().forEach((name, value) -> {
            if (replacements.replace(name, literal(value)) == null) {
                throw new IllegalArgumentException("the program has no constant " + name);
            }
        });
        replacements.putAll(classes);
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
