package io.sparkqa.source;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name of the Hub in a configuration file: {@code id[/folder][@revision]}.
 *
 * @param id {@code org/name}, or {@code name}
 * @param folder the rest of the path; empty if there is none
 * @param revision {@code main} if none is given
 */
record HubName(String id, String folder, String revision) {
    private static final Pattern NAME =
            Pattern.compile("(\\w[\\w.-]*(?:/\\w[\\w.-]*)?)((?:/\\w[\\w.-]*)*)(?:@([\\w./-]+))?");

    /** Parses a name; empty if the text is not a name. */
    static Optional<HubName> parse(String text) {
        Matcher name = NAME.matcher(text);
        return name.matches()
                ? Optional.of(new HubName(
                        name.group(1),
                        name.group(2).replaceFirst("^/", ""),
                        Optional.ofNullable(name.group(3)).orElse("main")))
                : Optional.empty();
    }

    boolean hasOwner() {
        return id.contains("/");
    }

    HubRepository repository(HubRepository.Kind kind) {
        return new HubRepository(kind, id, revision);
    }
}
