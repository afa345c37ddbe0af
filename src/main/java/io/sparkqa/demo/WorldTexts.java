package io.sparkqa.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The texts that the tiny models' tokenizer learns from: the phrases of both worlds, common English words, numbers, and
 * invented names of train's share. Names of dev and the hand-written questions are not among them.
 */
final class WorldTexts {
    /** How often a listed word counts, so that ordinary words become whole before invented names do. */
    private static final int WEIGHT = 8;

    private static final int INVENTED_NAMES = 4_000;

    private final List<String> texts = new ArrayList<>();

    private WorldTexts() {}

    static List<String> all() {
        WorldTexts all = new WorldTexts();
        World start = World.start();
        Lexicon train = start.lexicon().of(Split.TRAIN);
        all.add(start);
        all.add(World.demo());
        train.pools().forEach((pool, values) -> {
            if (!pool.equals(Lexicon.FIRST_NAMES)) {
                all.addWords(values);
            }
        });
        all.addWords(commonWords());
        Random random = new Random(1);
        IntStream.range(0, INVENTED_NAMES).forEach(i -> all.texts.add(train.fill(" {name}", random)));
        IntStream.range(1_600, 2_000).forEach(year -> all.texts.add(" " + year));
        IntStream.range(1, 1_000).forEach(number -> all.texts.add(" " + number));
        return all.texts;
    }

    private void add(World world) {
        for (EntityType type : world.types()) {
            addWords(type.names());
            addWords(List.of(type.noun(), type.plural()));
            for (Relation relation : type.relations()) {
                addPhrases(relation.statements());
                addPhrases(relation.questions());
                addPhrases(relation.held());
                addWords(relation.answers());
            }
        }
    }

    /** Words in the middle of sentences, after a space. */
    private void addWords(List<String> patterns) {
        for (int i = 0; i < WEIGHT; i++) {
            patterns.forEach(pattern -> texts.add(" " + Lexicon.fixedText(pattern)));
        }
    }

    private void addPhrases(List<String> patterns) {
        for (int i = 0; i < WEIGHT; i++) {
            patterns.forEach(pattern -> texts.add(Lexicon.fixedText(pattern)));
        }
    }

    private static List<String> commonWords() {
        try (InputStream in = WorldTexts.class.getResourceAsStream("common-words.txt")) {
            return List.of(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .strip()
                    .split("\\s+"));
        } catch (IOException e) {
            throw new UncheckedIOException("resource common-words.txt beside the classes can't be read", e);
        }
    }
}
