package io.sparkqa.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells how long the values of a configuration file become by their substitutions before memory is taken for them: values
 * that double one another grow beyond any memory. A value's length is that of its own text and of all that it substitutes.
 */
final class SubstitutionGrowth {
    private static final int MOST_CHARACTERS = 10_000_000;
    private static final Pattern SUBSTITUTION = Pattern.compile("\\$\\{\\??([^}]*)}");

    /** By path, parts before their sections. */
    private final Map<String, Node> nodes = new TreeMap<>(Comparator.reverseOrder());

    private final List<Node> unresolved = new ArrayList<>();

    /** A value or a section. */
    private static final class Node {
        private final String text;
        private final List<Node> parts = new ArrayList<>();
        private long length;

        Node(String text) {
            this.text = text;
        }

        /** Returns whether the length has grown. */
        boolean grows() {
            long before = length;
            length = text.length();
            for (Node part : parts) {
                length = Math.min(length + part.length, MOST_CHARACTERS + 1L);
            }
            return length > before;
        }
    }

    private SubstitutionGrowth() {}

    /**
     * Checks the sum of the lengths of all values.
     *
     * @throws ConfigException if it is beyond 10,000,000 characters
     */
    static void check(ConfigObject root) {
        SubstitutionGrowth growth = new SubstitutionGrowth();
        Node all = growth.add("", root);
        growth.unresolved.forEach(growth::addSubstituted);
        // each round takes in the substitutions of one more level
        for (int round = 0; round <= growth.unresolved.size() && growth.oneRound(); round++) {
            if (all.length > MOST_CHARACTERS) {
                throw new ConfigException.Generic(
                        "its substitutions ${...} grow beyond 10,000,000 characters; write values out instead");
            }
        }
    }

    private boolean oneRound() {
        boolean grows = false;
        for (Node node : nodes.values()) {
            grows |= node.grows();
        }
        return grows;
    }

    private Node add(String path, ConfigValue value) {
        if (value instanceof ConfigObject section) {
            try {
                Node node = new Node("");
                section.forEach((name, part) ->
                        node.parts.add(add((path.isEmpty() ? "" : path + ".") + ConfigUtil.joinPath(name), part)));
                nodes.put(path, node);
                return node;
            } catch (ConfigException.NotResolved e) {
                // a section that a substitution is merged into is one text, as values are
            }
        }
        Node node = new Node(value.render(ConfigRenderOptions.concise()));
        nodes.put(path, node);
        if (node.text.contains("${")) {
            unresolved.add(node);
        }
        return node;
    }

    private void addSubstituted(Node node) {
        Matcher substitutions = SUBSTITUTION.matcher(node.text);
        while (substitutions.find()) {
            String path = substitutions.group(1).strip();
            while (!nodes.containsKey(path) && path.contains(".")) {
                path = path.substring(0, path.lastIndexOf('.'));
            }
            if (nodes.containsKey(path) && !path.isEmpty()) {
                node.parts.add(nodes.get(path));
            }
        }
    }
}
