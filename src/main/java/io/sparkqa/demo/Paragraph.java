package io.sparkqa.demo;

import java.util.List;
import java.util.Optional;

/** A paragraph and what it states. */
record Paragraph(String text, EntityType type, List<Entity> entities, List<Fact> facts) {

    /**
     * A relation that the paragraph states of an entity.
     *
     * @param answer as the paragraph spells it
     * @param start of the answer in the paragraph, in code points
     */
    record Fact(Entity entity, Relation relation, String answer, int start) {}

    /** The fact of that relation and entity, if stated. */
    Optional<Fact> fact(Entity entity, String relation) {
        return facts.stream()
                .filter(f -> f.entity().equals(entity) && f.relation().name().equals(relation))
                .findFirst();
    }
}
