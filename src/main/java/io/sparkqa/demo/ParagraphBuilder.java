package io.sparkqa.demo;

import io.sparkqa.demo.Paragraph.Fact;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Writes paragraphs about entities of one type. Their relations overlap, so that neither the entity nor the relation
 * alone finds an answer.
 */
final class ParagraphBuilder {
    private static final double BLOCKED = 0.6;
    private static final double TAKE_CONTRARY = 0.4;
    private static final String PERSON = "{first} {last}";

    private final Lexicon lexicon;
    private final Shape shape;
    private final Random random;

    ParagraphBuilder(Lexicon lexicon, Shape shape, Random random) {
        this.lexicon = lexicon;
        this.shape = shape;
        this.random = random;
    }

    /** What is to be said of an entity, with the value drawn for it. */
    private record Claim(Entity entity, Relation relation, String answer) {}

    /** A paragraph about entities of this type. */
    Paragraph about(EntityType type) {
        Paragraph paragraph;
        do {
            List<Claim> claims = claims(type);
            paragraph = write(type, claims);
        } while (paragraph.text().length() > shape.maxCharacters());
        return paragraph;
    }

    /** An entity of this type that cannot be taken for one of those given. */
    Entity entity(EntityType type, List<Entity> others) {
        Entity entity;
        do {
            String pattern = pick(type.names());
            entity = new Entity(lexicon.fill(pattern, random), pattern.equals(PERSON));
        } while (clashes(entity, others));
        return entity;
    }

    private static boolean clashes(Entity entity, List<Entity> others) {
        return others.stream()
                .anyMatch(other -> entity.name().contains(other.name())
                        || other.name().contains(entity.name())
                        || (other.person() && other.lastName().equals(entity.lastName())));
    }

    private List<Claim> claims(EntityType type) {
        int facts = random.nextInt(shape.minFacts(), shape.maxFacts() + 1);
        int count = Math.min(facts, random.nextInt(shape.minEntities(), shape.maxEntities() + 1));
        List<Entity> entities = new ArrayList<>();
        while (entities.size() < count) {
            entities.add(entity(type, entities));
        }
        List<Relation> relations = relations(type, (facts + count - 1) / count + 2);
        Map<Entity, List<Relation>> stated = new LinkedHashMap<>();
        entities.forEach(e -> {
            List<Relation> order = new ArrayList<>(relations);
            Collections.shuffle(order, random);
            stated.put(e, order);
        });
        List<Claim> claims = new ArrayList<>();
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < facts; i++) {
            Entity entity = entities.get(i % count);
            List<Relation> left = stated.get(entity);
            if (!left.isEmpty()) {
                Relation relation = left.remove(0);
                claims.add(new Claim(entity, relation, answer(relation, entities, answers)));
            }
        }
        return claims;
    }

    private String answer(Relation relation, List<Entity> entities, Set<String> taken) {
        String answer;
        do {
            answer = lexicon.fill(pick(relation.answers()), random);
        } while (!taken.add(answer) || namesOne(answer, entities));
        return answer;
    }

    private static boolean namesOne(String answer, List<Entity> entities) {
        return entities.stream().anyMatch(e -> e.name().contains(answer) || answer.contains(e.lastName()));
    }

    /** Distinct relations; each family of them is as likely as another, whatever its size. */
    private List<Relation> relations(EntityType type, int count) {
        Map<String, List<Relation>> families = new LinkedHashMap<>();
        type.relations().forEach(r -> families.computeIfAbsent(r.family(), f -> new ArrayList<>())
                .add(r));
        List<List<Relation>> choices = new ArrayList<>(families.values());
        Set<Relation> drawn = new LinkedHashSet<>();
        int wanted = Math.min(count, type.relations().size());
        while (drawn.size() < wanted) {
            Relation relation = pick(pick(choices));
            drawn.add(relation);
            if (relation.contrary().isPresent() && drawn.size() < wanted && random.nextDouble() < TAKE_CONTRARY) {
                drawn.add(type.relation(relation.contrary().get()));
            }
        }
        return new ArrayList<>(drawn);
    }

    private Paragraph write(EntityType type, List<Claim> claims) {
        List<Claim> order = ordered(claims);
        List<Fact> facts = new ArrayList<>();
        // Names after a space are spelt with the same tokens everywhere, so that an entity is not the first word.
        StringBuilder text = new StringBuilder(lexicon.pick("opener", random).replace("{types}", type.plural()));
        Set<Entity> introduced = new HashSet<>();
        Entity last = null;
        for (int i = 0; i < order.size(); i++) {
            Claim claim = order.get(i);
            String phrase = pick(claim.relation().statements());
            String subject =
                    mention(type, claim.entity(), phrase, claim.entity().equals(last), introduced);
            text.append(' ');
            int from = text.length();
            append(text, phrase, claim, subject, facts);
            if (i + 1 < order.size() && order.get(i + 1).entity().equals(claim.entity())) {
                Claim next = order.get(i + 1);
                String second = pick(next.relation().statements());
                if (phrase.startsWith("{E} ") && second.startsWith("{E} ") && random.nextDouble() < shape.joined()) {
                    text.setLength(text.length() - 1);
                    text.append(" and ");
                    append(text, second.substring("{E} ".length()), next, "", facts);
                    i++;
                }
            }
            text.setCharAt(from, Character.toUpperCase(text.charAt(from)));
            introduced.add(claim.entity());
            last = claim.entity();
            if (random.nextDouble() < shape.aside()) {
                text.append(' ').append(lexicon.pick("aside", random));
                last = null;
            }
        }
        String written = text.toString();
        List<Fact> stated = facts.stream()
                .map(f -> new Fact(
                        f.entity(),
                        f.relation(),
                        written.substring(f.start(), f.start() + f.answer().length()),
                        written.codePointCount(0, f.start())))
                .toList();
        return new Paragraph(
                written, type, claims.stream().map(Claim::entity).distinct().toList(), stated);
    }

    /** Claims either entity by entity, or mixed. */
    private List<Claim> ordered(List<Claim> claims) {
        List<Claim> order = new ArrayList<>(claims);
        Collections.shuffle(order, random);
        if (random.nextDouble() >= BLOCKED) {
            return order;
        }
        Map<Entity, List<Claim>> blocks = new LinkedHashMap<>();
        order.forEach(
                c -> blocks.computeIfAbsent(c.entity(), e -> new ArrayList<>()).add(c));
        return blocks.values().stream().flatMap(List::stream).toList();
    }

    /** The entity's name, or what stands for it where no other entity has come between. */
    private String mention(EntityType type, Entity entity, String phrase, boolean again, Set<Entity> introduced) {
        if (introduced.contains(entity) && random.nextDouble() < shape.reference()) {
            boolean subject = phrase.startsWith("{E} ");
            boolean owner = phrase.startsWith("{E}'s ");
            if (again && subject && !entity.person() && random.nextBoolean()) {
                return "it";
            }
            if (again && owner && !entity.person() && random.nextBoolean()) {
                return "its";
            }
            if (entity.person()) {
                return entity.lastName();
            }
            if (again) {
                return type.noun();
            }
        }
        return entity.name();
    }

    private static void append(StringBuilder text, String phrase, Claim claim, String subject, List<Fact> facts) {
        String filled = phrase.replace(subject.equals("its") ? "{E}'s" : "{E}", subject);
        int slot = filled.indexOf("{A}");
        if (slot < 0) {
            throw new IllegalArgumentException("a statement without {A}: " + phrase);
        }
        facts.add(new Fact(claim.entity(), claim.relation(), claim.answer(), text.length() + slot));
        text.append(filled.replace("{A}", claim.answer()));
    }

    private <T> T pick(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
