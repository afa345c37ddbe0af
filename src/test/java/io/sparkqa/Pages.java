package io.sparkqa;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's pages in Markdown, divided into the parts that tests check. */
public final class Pages {
    private static final Pattern FENCE = Pattern.compile("(?ms)^```(.*?)\\n(.*?)^```$");
    private static final Pattern CODE_SPAN = Pattern.compile("`([^`\n]+(?:\n[^`\n]+)?)`");
    private static final Pattern LINK = Pattern.compile("\\[[^\\]\\[]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

    private Pages() {}

    /**
     * A block of code.
     *
     * @param language {@code sh}, {@code text} …; empty if the page does not say
     * @param mark what follows the language; for commands, how they are tested
     */
    public record Fence(Path page, String language, String mark, String text) {

        /** Returns the commands of a block in {@code sh}: lines with their continuations, without comments. */
        public List<String> commands() {
            List<String> commands = new ArrayList<>();
            for (String line : text.replaceAll("\\\\\n\\s*", "").split("\n", -1)) {
                String command = line.replaceFirst("(^|\\s+)# .*", "").strip();
                if (!command.isEmpty()) {
                    commands.add(command);
                }
            }
            return commands;
        }
    }

    /** Returns every page, relative to the project's folder. */
    public static List<Path> all() {
        List<Path> pages = new ArrayList<>();
        for (String folder : List.of("", "docs", "data", "slurm-spark")) {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                files.map(Path::normalize)
                        .filter(file -> file.toString().endsWith(".md"))
                        .sorted()
                        .forEach(pages::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return pages;
    }

    public static String read(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the blocks of code of all pages. */
    public static List<Fence> fences() {
        return all().stream()
                .flatMap(page -> FENCE.matcher(read(page)).results().map(found -> {
                    String[] words = found.group(1).strip().split(" ", 2);
                    return new Fence(page, words[0], words.length > 1 ? words[1] : "", found.group(2));
                }))
                .toList();
    }

    /** Returns the code in a page's running text. */
    public static List<String> codeSpans(Path page) {
        return CODE_SPAN
                .matcher(prose(page))
                .results()
                .map(found -> found.group(1).replace('\n', ' '))
                .toList();
    }

    /** Returns the targets of a page's links. */
    static List<String> links(Path page) {
        return LINK.matcher(CODE_SPAN.matcher(prose(page)).replaceAll("code"))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    /** Returns the anchors that GitHub gives to a page's headings. */
    static List<String> anchors(Path page) {
        return HEADING.matcher(prose(page)).results().map(Pages::anchor).toList();
    }

    private static String anchor(MatchResult heading) {
        return heading.group(1)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }

    private static String prose(Path page) {
        return FENCE.matcher(read(page)).replaceAll("");
    }
}
