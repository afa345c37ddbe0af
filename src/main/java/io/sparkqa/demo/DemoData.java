package io.sparkqa.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Writes synthetic questions as SQuAD 2.0 JSON: the shipped demo's, or a stage of the curriculum that prepares the
 * start model on other types and relations. The same arguments make the same file, byte for byte.
 *
 * <p>An id reads {@code dev-00042-swapped-seen}: split, number, {@link Kind}, and whether train asks in these words
 * ({@code seen}) or never ({@code held}); the regular expression {@code -([a-z]+-[a-z]+)$} finds the last two.
 */
@Command(
        name = "DemoData",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Writes synthetic questions as SQuAD 2.0 JSON; the same arguments make the same file.",
        footer = {
            "",
            "The start model's curriculum:",
            "  DemoData --family start --stage 1 --questions 40000 --seed 1 --out start-1.json",
            "  DemoData --family start --stage 2 --questions 60000 --seed 2 --out start-2.json",
            "  DemoData --family start --stage 3 --questions 80000 --seed 3 --out start-3.json",
            "  DemoData --family start --stage 3 --questions 1000 --seed 4 --split dev --out start-dev.json",
            "The shipped files: data/make.sh"
        })
public final class DemoData implements Callable<Integer> {
    private static final int PARAGRAPHS_OF_AN_ARTICLE = 5;
    /** Share of dev that is asked as train never asks, where the relation has such a question. */
    private static final double HELD_OF_DEV = 0.17;

    /** Which world questions are about. */
    enum Family {
        DEMO,
        START
    }

    @Option(names = "--family", required = true, description = "demo or start: types and relations have none in common")
    private Family family;

    @Option(
            names = "--stage",
            defaultValue = "3",
            description = "difficulty of start's paragraphs, 1 to 3 (default: 3)")
    private int stage;

    @Option(names = "--questions", required = true, description = "how many questions to write")
    private int questions;

    @Option(names = "--seed", defaultValue = "1", description = "what chance draws from (default: 1)")
    private long seed;

    @Option(names = "--split", defaultValue = "train", description = "train or dev: names have none in common")
    private Split split;

    @Option(names = "--out", required = true, description = "file to write")
    private Path out;

    /** Runs the command. */
    public static void main(String[] arguments) {
        System.exit(DemoCommand.run(new DemoData(), arguments));
    }

    @Override
    public Integer call() throws IOException {
        write(family, stage, split, questions, seed, out);
        return 0;
    }

    /** Writes that many questions to a file. */
    static void write(Family family, int stage, Split split, int questions, long seed, Path out) throws IOException {
        World world = family == Family.DEMO ? World.demo() : World.start();
        Lexicon lexicon = world.lexicon().of(split);
        Shape shape = family == Family.DEMO ? Shape.demo() : Shape.start(stage);
        Random random = new Random(seed);
        ParagraphBuilder paragraphs = new ParagraphBuilder(lexicon, shape, random);
        double held = family == Family.DEMO && split == Split.DEV ? HELD_OF_DEV : 0;
        QuestionBuilder asks = new QuestionBuilder(lexicon, paragraphs, shape, held, random);
        String prefix = (family == Family.START ? "start-" : "") + split.name().toLowerCase(Locale.ROOT);
        try (SquadFile file = new SquadFile(out)) {
            int written = 0;
            for (int article = 0; written < questions; article++) {
                EntityType type = world.types().get(article % world.types().size());
                file.beginArticle(Lexicon.capitalised(type.plural()) + " "
                        + (article / world.types().size() + 1));
                for (int i = 0; i < PARAGRAPHS_OF_AN_ARTICLE && written < questions; i++) {
                    Paragraph paragraph = paragraphs.about(type);
                    int count = random.nextInt(shape.minQuestions(), shape.maxQuestions() + 1);
                    List<Question> asked = asks.about(paragraph, Math.min(count, questions - written));
                    List<String> ids = new ArrayList<>();
                    for (Question question : asked) {
                        ids.add(String.format(
                                Locale.ROOT,
                                "%s-%05d-%s-%s",
                                prefix,
                                ++written,
                                question.kind().word(),
                                question.held() ? "held" : "seen"));
                    }
                    file.paragraph(paragraph, asked, ids);
                }
                file.endArticle();
            }
        }
    }
}
