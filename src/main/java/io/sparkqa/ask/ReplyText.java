package io.sparkqa.ask;

import io.sparkqa.config.Printable;
import io.sparkqa.decode.Prediction.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A reply as lines for a person.
 *
 * @param top number of answers shown: the n best of a single document, or the best of each of several
 * @param colours whether the terminal shows colours and bold letters
 */
record ReplyText(int top, boolean colours) {
    private static final int LONGEST_SIDE = 200;
    private static final String GREEN = "\033[1;32m";
    private static final String BOLD = "\033[1m";
    private static final String PLAIN = "\033[0m";

    /** Returns the reply's lines. */
    List<String> lines(Reply reply) {
        List<String> lines = new ArrayList<>();
        Reply.Answer first = reply.first();
        if (reply.isAnswered()) {
            Candidate best = first.best().orElseThrow();
            lines.add(strong(shown(best.text())) + "  " + measures(best.probability(), first));
            lines.add(place(first, best));
        } else {
            lines.add(strong("no answer")
                    + String.format(
                            Locale.ROOT,
                            "  (null odds %.2f, threshold %.2f)",
                            first.prediction().nullOdds(),
                            reply.threshold()));
            first.best().ifPresent(guess -> {
                lines.add("best guess: %s  %s".formatted(shown(guess.text()), measures(guess.probability(), first)));
                lines.add(place(first, guess));
            });
        }
        lines.addAll(others(reply));
        return lines;
    }

    private List<String> others(Reply reply) {
        if (reply.answers().size() > 1) {
            return reply.answers().stream()
                    .skip(1)
                    .limit(Math.max(0, top - 1))
                    .filter(answer -> answer.best().isPresent())
                    .map(answer -> "  %s  %s  %s"
                            .formatted(
                                    shown(answer.best().orElseThrow().text()),
                                    measures(answer.best().orElseThrow().probability(), answer),
                                    name(answer)))
                    .toList();
        }
        return reply.first().prediction().nBest().stream()
                .filter(candidate -> candidate.start() < candidate.end())
                .skip(1)
                .limit(Math.max(0, top - 1))
                .map(candidate -> String.format(
                        Locale.ROOT, "  %s  (probability %.2f)", shown(candidate.text()), candidate.probability()))
                .toList();
    }

    private static String measures(float probability, Reply.Answer answer) {
        return String.format(
                Locale.ROOT,
                "(probability %.2f, null odds %.2f)",
                probability,
                answer.prediction().nullOdds());
    }

    private String place(Reply.Answer answer, Candidate span) {
        Sentence sentence = Sentence.around(span, answer.document().text());
        String before = plain(sentence.before());
        String after = plain(sentence.after());
        int more = before.codePointCount(0, before.length()) - LONGEST_SIDE;
        boolean goesOn = after.codePointCount(0, after.length()) > LONGEST_SIDE;
        String shown = (more > 0 ? "… " + before.substring(before.offsetByCodePoints(0, more)) : before)
                + (colours ? GREEN : "[")
                + shown(sentence.answer())
                + (colours ? PLAIN : "]")
                + (goesOn ? after.substring(0, after.offsetByCodePoints(0, LONGEST_SIDE)) + " …" : after);
        return "  " + shown.strip() + (answer.document().file().isPresent() ? "\n  " + name(answer) : "");
    }

    private static String name(Reply.Answer answer) {
        return answer.document().file().map(file -> plain(file.toString())).orElse("");
    }

    /** Returns a user's text on one line, without control characters. */
    private static String shown(String text) {
        return plain(text).strip();
    }

    private static String plain(String text) {
        return Printable.plain(text.replaceAll("\\s+", " "));
    }

    private String strong(String text) {
        return colours ? BOLD + text + PLAIN : text;
    }
}
