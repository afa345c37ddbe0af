package io.sparkqa.demo;

import java.util.List;
import java.util.Optional;

/**
 * What can be said of an entity, with the ways to say it and to ask for it. In the phrases, {@code {E}} is the entity
 * and {@code {A}} the answer.
 *
 * @param name unique within its type
 * @param family what is drawn first: contrary relations have it in common, and those that differ in one word
 * @param answers patterns of the answer
 * @param contrary name of the relation that an antonym or a negation makes of this one
 * @param statements sentences, {@code {A}} and {@code {E}} once each
 * @param questions questions for every split
 * @param held questions that train never asks
 */
record Relation(
        String name,
        String family,
        List<String> answers,
        Optional<String> contrary,
        List<String> statements,
        List<String> questions,
        List<String> held) {}
