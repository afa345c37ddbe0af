package io.sparkqa.hub;

import io.sparkqa.config.UserError;
import java.nio.charset.StandardCharsets;

/** Checks that names from a server, which become paths, do not lead out of their folder. */
final class SafeName {
    private static final int LONGEST = 200;

    private SafeName() {}

    /**
     * Checks a file's path inside a repository, with slashes.
     *
     * @param from source of the name, for the error message
     * @return the path
     * @throws UserError if it is absolute, goes upwards, or has characters that no such path needs
     */
    static String path(String name, String from) {
        for (String part : name.split("/", -1)) {
            if (!isPart(part)) {
                throw refused("a file", name, from);
            }
        }
        return name;
    }

    /**
     * Checks a single name, such as that of a blob or a commit.
     *
     * @param what the kind of thing that it names, for the error message
     */
    static String part(String name, String what, String from) {
        if (!isPart(name)) {
            throw refused(what, name, from);
        }
        return name;
    }

    static boolean isPart(String part) {
        return !part.isEmpty()
                && part.length() <= LONGEST
                && !part.equals(".")
                && !part.equals("..")
                && part.chars().noneMatch(c -> c == '/' || c == '\\' || Character.isISOControl(c))
                && StandardCharsets.UTF_8.newEncoder().canEncode(part);
    }

    private static UserError refused(String what, String name, String from) {
        String printable = name.replaceAll("\\p{Cntrl}", "?");
        return new UserError(
                "%s names %s \"%s\", which could lead out of the cache; it is not fetched: do not trust this source"
                        .formatted(from, what, printable.substring(0, Math.min(printable.length(), LONGEST))));
    }
}
