package io.sparkqa.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Python file that defines a TorchScript module.
 *
 * @param className the module's class, as in {@code class Roberta(Module)}
 * @param python the file's text
 * @param constants values that replace those of the constants at the top of the file
 */
public record TorchFile(String className, String python, Map<String, ?> constants) {
    private static final Pattern METHOD = Pattern.compile("(?m)^    def (\\w+)\\(");
    private static final Pattern CALL = Pattern.compile("\\bself\\.(\\w+)\\(");

    /**
     * Reads a file among the resources.
     *
     * @param neighbour a class whose package contains the file
     */
    public static TorchFile resource(Class<?> neighbour, String file, String className, Map<String, ?> constants) {
        try (InputStream in = neighbour.getResourceAsStream(file)) {
            return new TorchFile(className, new String(in.readAllBytes(), StandardCharsets.UTF_8), constants);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Returns this file with one method and those that it calls, directly or not. A libtorch that lacks an operator of the
     * others loads it. Methods are those of the last class.
     */
    public TorchFile reducedTo(String method) {
        Matcher definition = METHOD.matcher(python);
        List<MatchResult> found = definition.results().toList();
        Map<String, String> methods = new LinkedHashMap<>();
        for (int i = 0; i < found.size(); i++) {
            int end = i + 1 < found.size() ? found.get(i + 1).start() : python.length();
            methods.put(found.get(i).group(1), python.substring(found.get(i).start(), end));
        }
        Set<String> called = new LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(method));
        while (!open.isEmpty()) {
            String name = open.pop();
            if (called.add(name)) {
                CALL.matcher(methods.get(name)).results().forEach(call -> open.push(call.group(1)));
            }
        }
        String kept = methods.entrySet().stream()
                .filter(entry -> called.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .collect(Collectors.joining());
        return new TorchFile(className, python.substring(0, found.get(0).start()) + kept, constants);
    }
}
