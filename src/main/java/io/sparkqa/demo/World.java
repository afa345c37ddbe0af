package io.sparkqa.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Types of entity that paragraphs are written about, and the words for it, read from JSON resources of this package:
 * {@code demo-world.json} or {@code start-world.json}, and {@code fillers.json}. The start world's types also have the
 * relations of {@code open-relations.json}, one for each word of a pool.
 */
record World(Lexicon lexicon, List<EntityType> types) {
    private static final Pattern SLOT = Pattern.compile("\\{([a-z]+)}");

    /** The world of the shipped questions. */
    static World demo() {
        return read("demo-world.json", List.of());
    }

    /** The world of the start model. */
    static World start() {
        JsonNode open = json("open-relations.json");
        List<Relation> everywhere = new ArrayList<>();
        for (JsonNode relation : open.get("relations")) {
            Matcher slot = SLOT.matcher(relation.get("relation").asText());
            if (!slot.find()) {
                throw new IllegalArgumentException("an open relation's name needs a {pool}: " + relation);
            }
            for (String word : texts(open.get("pools"), slot.group(1))) {
                relations(relation).forEach(r -> everywhere.add(with(r, slot.group(), word)));
            }
        }
        return read("start-world.json", everywhere);
    }

    private static World read(String resource, List<Relation> everywhere) {
        List<EntityType> types = new ArrayList<>();
        for (JsonNode type : json(resource).get("types")) {
            List<Relation> relations = new ArrayList<>();
            type.get("relations").forEach(r -> relations.addAll(relations(r)));
            relations.addAll(everywhere);
            types.add(new EntityType(
                    type.get("type").asText(),
                    texts(type, "names"),
                    type.get("noun").asText(),
                    relations));
        }
        Map<String, List<String>> pools = new LinkedHashMap<>();
        JsonNode fillers = json("fillers.json");
        fillers.fieldNames().forEachRemaining(pool -> pools.put(pool, texts(fillers, pool)));
        return new World(new Lexicon(pools, Split.TRAIN), types);
    }

    /** A relation and, if it has opposites, the contrary one; the first opposite is another phrase for the relation. */
    private static List<Relation> relations(JsonNode node) {
        String name = node.get("relation").asText();
        List<String> answers = node.has("choices")
                ? texts(node, "choices")
                : List.of("{" + node.get("answer").asText() + "}");
        List<String> statements = texts(node, "statements");
        List<String> questions = texts(node, "questions");
        List<String> held = List.of();
        if (!questions.isEmpty()) {
            held = questions.subList(questions.size() - 1, questions.size());
            questions = new ArrayList<>(questions.subList(0, questions.size() - 1));
        }
        JsonNode opposites = node.get("opposites");
        if (opposites == null) {
            return List.of(new Relation(name, name, answers, Optional.empty(), statements, questions, held));
        }
        JsonNode same = opposites.get(0);
        JsonNode other = opposites.get(1);
        statements.addAll(phrases(same, "statement"));
        questions.addAll(phrases(same, "question"));
        String contrary = "contrary of " + name;
        return List.of(
                new Relation(name, name, answers, Optional.of(contrary), statements, questions, held),
                new Relation(
                        contrary,
                        name,
                        answers,
                        Optional.of(name),
                        phrases(other, "statement"),
                        phrases(other, "question"),
                        List.of()));
    }

    private static List<String> phrases(JsonNode node, String key) {
        return node.has(key) ? List.of(node.get(key).asText()) : texts(node, key + "s");
    }

    private static Relation with(Relation open, String slot, String word) {
        return new Relation(
                open.name().replace(slot, word),
                open.family(),
                open.answers(),
                open.contrary().map(c -> c.replace(slot, word)),
                replaced(open.statements(), slot, word),
                replaced(open.questions(), slot, word),
                replaced(open.held(), slot, word));
    }

    private static List<String> replaced(List<String> phrases, String slot, String word) {
        return phrases.stream().map(phrase -> phrase.replace(slot, word)).toList();
    }

    private static List<String> texts(JsonNode node, String key) {
        List<String> texts = new ArrayList<>();
        node.path(key).forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static JsonNode json(String resource) {
        try (InputStream in = World.class.getResourceAsStream(resource)) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + resource + " beside the classes can't be read", e);
        }
    }
}
