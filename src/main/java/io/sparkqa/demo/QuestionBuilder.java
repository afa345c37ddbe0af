package io.sparkqa.demo;

import io.sparkqa.demo.Paragraph.Fact;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Asks questions of a paragraph, with an answer and without one. */
final class QuestionBuilder {
    private static final List<Kind> UNANSWERABLE = List.of(Kind.SWAPPED, Kind.OTHERENTITY, Kind.CONTRARY);

    private final Lexicon lexicon;
    private final ParagraphBuilder paragraphs;
    private final Shape shape;
    private final double held;
    private final Random random;

    /**
     * A builder of questions.
     *
     * @param held share of questions asked in words that train never uses
     */
    QuestionBuilder(Lexicon lexicon, ParagraphBuilder paragraphs, Shape shape, double held, Random random) {
        this.lexicon = lexicon;
        this.paragraphs = paragraphs;
        this.shape = shape;
        this.held = held;
        this.random = random;
    }

    /** An entity and a relation to ask for. */
    private record Subject(Entity entity, Relation relation, Optional<Fact> fact) {}

    /** Distinct questions about the paragraph, {@code count} at most. */
    List<Question> about(Paragraph paragraph, int count) {
        List<Question> questions = new ArrayList<>();
        Set<String> asked = new HashSet<>();
        for (int attempt = 0; questions.size() < count && attempt < 4 * count; attempt++) {
            Question question = random.nextDouble() < shape.mention() ? mention(paragraph) : fact(paragraph, asked);
            if (question != null && asked.add(question.text())) {
                questions.add(question);
            }
        }
        return questions;
    }

    private Question mention(Paragraph paragraph) {
        String pattern = lexicon.pick("mention", random);
        if (random.nextDouble() < shape.unanswerable()) {
            Entity absent = absent(paragraph);
            return new Question(asked(pattern, absent), Kind.SWAPPED, Optional.empty(), false);
        }
        Entity entity = pick(paragraph.entities());
        int start = paragraph.text().indexOf(entity.name());
        if (start < 0) {
            return null;
        }
        Relation none = paragraph.facts().get(0).relation();
        Fact named = new Fact(entity, none, entity.name(), paragraph.text().codePointCount(0, start));
        return new Question(asked(pattern, entity), Kind.ANSWERABLE, Optional.of(named), false);
    }

    private Question fact(Paragraph paragraph, Set<String> asked) {
        Kind kind = random.nextDouble() < shape.unanswerable() ? pick(UNANSWERABLE) : Kind.ANSWERABLE;
        List<Subject> subjects = subjects(paragraph, kind);
        if (subjects.isEmpty() && kind != Kind.ANSWERABLE) {
            kind = random.nextBoolean() ? Kind.OTHERENTITY : Kind.SWAPPED;
            subjects = subjects(paragraph, kind);
        }
        subjects.removeIf(s -> asked.contains(key(s)));
        if (subjects.isEmpty()) {
            return null;
        }
        Subject subject = pick(subjects);
        asked.add(key(subject));
        Relation relation = subject.relation();
        boolean unseen = !relation.held().isEmpty() && random.nextDouble() < held;
        String pattern = pick(unseen ? relation.held() : relation.questions());
        return new Question(asked(pattern, subject.entity()), kind, subject.fact(), unseen);
    }

    private static String asked(String pattern, Entity entity) {
        return Lexicon.capitalised(pattern.replace("{E}", entity.name()));
    }

    private static String key(Subject subject) {
        return subject.entity().name() + '\t' + subject.relation().name();
    }

    /** Everything that can be asked with that kind, with the fact that answers it or seems to. */
    private List<Subject> subjects(Paragraph paragraph, Kind kind) {
        List<Subject> subjects = new ArrayList<>();
        switch (kind) {
            case ANSWERABLE -> paragraph
                    .facts()
                    .forEach(f -> subjects.add(new Subject(f.entity(), f.relation(), Optional.of(f))));
            case SWAPPED -> {
                Fact fact = pick(paragraph.facts());
                subjects.add(new Subject(absent(paragraph), fact.relation(), Optional.of(fact)));
            }
            case OTHERENTITY -> {
                for (Fact fact : paragraph.facts()) {
                    for (Entity entity : paragraph.entities()) {
                        if (!states(
                                        paragraph,
                                        entity,
                                        Optional.of(fact.relation().name()))
                                && !states(paragraph, entity, fact.relation().contrary())) {
                            subjects.add(new Subject(entity, fact.relation(), Optional.of(fact)));
                        }
                    }
                }
            }
            case CONTRARY -> {
                for (Fact fact : paragraph.facts()) {
                    Optional<String> contrary = fact.relation().contrary();
                    if (contrary.isPresent() && !states(paragraph, fact.entity(), contrary)) {
                        Relation asked = paragraph.type().relation(contrary.get());
                        subjects.add(new Subject(fact.entity(), asked, Optional.of(fact)));
                    }
                }
            }
        }
        return subjects;
    }

    private static boolean states(Paragraph paragraph, Entity entity, Optional<String> relation) {
        return relation.flatMap(name -> paragraph.fact(entity, name)).isPresent();
    }

    /** An entity that the paragraph does not name; now and then one that shares a word with one it does. */
    private Entity absent(Paragraph paragraph) {
        boolean near = random.nextDouble() < shape.nearMiss();
        Entity entity;
        for (int attempt = 0; ; attempt++) {
            entity = paragraphs.entity(paragraph.type(), paragraph.entities());
            if (!paragraph.text().contains(entity.name())
                    && (!near || attempt > 2_000 || sharesWord(entity, paragraph))) {
                return entity;
            }
        }
    }

    private static boolean sharesWord(Entity entity, Paragraph paragraph) {
        return paragraph.entities().stream().anyMatch(other -> {
            Set<String> words = new HashSet<>(List.of(other.name().split(" ")));
            words.retainAll(List.of(entity.name().split(" ")));
            words.removeIf(word -> Character.isLowerCase(word.charAt(0)));
            return !words.isEmpty();
        });
    }

    private <T> T pick(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }
}
