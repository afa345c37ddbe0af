package io.sparkqa.demo;

/**
 * How long and how hard paragraphs and questions are.
 *
 * @param minEntities fewest entities of a paragraph
 * @param maxEntities most entities of a paragraph
 * @param minFacts fewest facts of a paragraph, all entities together
 * @param maxFacts most facts of a paragraph
 * @param maxCharacters longest paragraph; longer ones are drawn again
 * @param reference share of repeated mentions that are a pronoun, a last name or “the ship”
 * @param joined share of sentences that state two facts
 * @param aside share of sentences followed by one that states nothing asked for
 * @param minQuestions fewest questions of a paragraph
 * @param maxQuestions most questions of a paragraph
 * @param mention share of questions that ask only where an entity is named
 * @param unanswerable share of questions without an answer
 * @param nearMiss share of absent entities that have a word in common with a present one
 */
record Shape(
        int minEntities,
        int maxEntities,
        int minFacts,
        int maxFacts,
        int maxCharacters,
        double reference,
        double joined,
        double aside,
        int minQuestions,
        int maxQuestions,
        double mention,
        double unanswerable,
        double nearMiss) {

    /** The shape of the demo's paragraphs. */
    static Shape demo() {
        return new Shape(2, 3, 5, 7, 450, 0.4, 0.15, 0.08, 4, 6, 0, 0.34, 0.1);
    }

    /** The shape of a stage of the start model's curriculum, from 1. */
    static Shape start(int stage) {
        return switch (stage) {
            case 1 -> new Shape(2, 3, 2, 3, 260, 0, 0, 0, 2, 3, 0.4, 0.25, 0.1);
            case 2 -> new Shape(2, 3, 4, 6, 360, 0.2, 0.1, 0.05, 3, 4, 0.05, 0.33, 0.15);
            case 3 -> new Shape(2, 3, 5, 7, 450, 0.4, 0.15, 0.1, 3, 5, 0, 0.34, 0.2);
            default -> throw new IllegalArgumentException("no stage " + stage + "; the curriculum has 1 to 3");
        };
    }
}
