package io.sparkqa.evaluate;

import io.sparkqa.config.WrongUse;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Derives a question's kind from its id. */
public final class QuestionKind {
    private static final String OTHER = "other";

    private QuestionKind() {}

    /**
     * Compiles the setting {@code evaluate.kind}.
     *
     * @throws WrongUse if it is not a regular expression
     */
    public static Optional<Pattern> pattern(Optional<String> setting) {
        try {
            return setting.map(Pattern::compile);
        } catch (PatternSyntaxException e) {
            throw new WrongUse(
                    "evaluate.kind: not a regular expression: %s; quote backslashes twice in a configuration file"
                            .formatted(e.getMessage().lines().findFirst().orElse("")),
                    e);
        }
    }

    /** Returns the first group of the pattern's match in the id, the whole match if the pattern has no group, or "other" if
     * there is no match. */
    public static String of(String id, Pattern pattern) {
        Matcher matcher = pattern.matcher(id);
        if (!matcher.find()) {
            return OTHER;
        }
        String group = matcher.groupCount() == 0 ? matcher.group() : matcher.group(1);
        return group == null ? OTHER : group;
    }
}
