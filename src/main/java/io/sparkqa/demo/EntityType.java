package io.sparkqa.demo;

import java.util.List;

/**
 * A type of entity: how its entities are named, and what can be said of them.
 *
 * @param type singular noun
 * @param names patterns of the names
 * @param noun what an entity is called again: {@code the ship}
 */
record EntityType(String type, List<String> names, String noun, List<Relation> relations) {

    /** The relation of that name. */
    Relation relation(String name) {
        return relations.stream()
                .filter(r -> r.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(type + " has no relation " + name));
    }

    /** The noun for several. */
    String plural() {
        return type.matches(".*[^aeiou]y") ? type.substring(0, type.length() - 1) + "ies" : type + "s";
    }
}
