package io.sparkqa.hub;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the Parquet files of a split by the words in their paths: {@code train}, {@code validation}, {@code test} and their
 * synonyms, between slashes, hyphens, dots, underscores or digits.
 */
final class SplitFiles {
    private static final Map<String, String> WORDS = Map.of(
            "train", "train|training",
            "validation", "validation|valid|val|dev",
            "test", "test|testing|eval|evaluation");
    private static final int DEEPEST = 6;
    private static final Pattern PART = Pattern.compile("(.*)-(\\d{1,9})-of-(\\d{1,9})\\.parquet");

    private SplitFiles() {}

    /** Returns the relative paths of the Parquet files in a folder; none if {@code folder} is a file. */
    static List<String> parquet(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder, DEEPEST)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(SplitFiles::isParquet)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserError("%s: can't be listed: %s".formatted(folder, Reason.of(e)), e);
        }
    }

    /** Returns a split's files among the Parquet files of a folder; all of them if no name has a word for a split. */
    static List<Path> in(Path folder, List<String> parquet, String split) {
        boolean named = parquet.isEmpty() || parquet.stream().anyMatch(containsOneOf(String.join("|", WORDS.values())));
        List<String> files = named ? of(folder.toString(), parquet, split) : parquet;
        return files.stream().map(folder::resolve).toList();
    }

    /**
     * Returns the files of a split in the order of their names. For a split of {@code data.more} these are the files with its
     * name, or else those of validation, or else those of test.
     *
     * @param source name of the data set, for error messages
     * @param names names of all files, Parquet and others
     * @param split {@code train}, {@code dev}, or a name of {@code data.more}
     * @throws UserError if there are none, if several data sets have some, or if parts are missing
     */
    static List<String> of(String source, Collection<String> names, String split) {
        List<String> parquet =
                names.stream().filter(SplitFiles::isParquet).sorted().toList();
        if (parquet.isEmpty()) {
            throw new UserError(
                    "%s has no Parquet files; for a data set of the Hub, try the Hub's own conversion: org/name@refs/convert/parquet"
                            .formatted(source));
        }
        for (String words : preferred(split)) {
            List<String> files = parquet.stream().filter(containsOneOf(words)).toList();
            if (!files.isEmpty()) {
                requireOneDataSet(source, files);
                requireAllParts(source, files);
                return files;
            }
        }
        throw new UserError("%s has no Parquet file whose name contains a word for the split %s; it has %s"
                .formatted(source, split, String.join(", ", parquet)));
    }

    private static boolean isParquet(String name) {
        return name.endsWith(".parquet");
    }

    private static Predicate<String> containsOneOf(String words) {
        return Pattern.compile("(^|[-._/\\s\\d])(" + words + ")([-._/\\s\\d]|$)", Pattern.CASE_INSENSITIVE)
                .asPredicate();
    }

    private static List<String> preferred(String split) {
        return switch (split) {
            case "train" -> List.of(WORDS.get("train"));
            case "dev" -> List.of(WORDS.get("validation"), WORDS.get("test"));
            default -> List.of(
                    WORDS.getOrDefault(split, Pattern.quote(split)), WORDS.get("validation"), WORDS.get("test"));
        };
    }

    private static void requireOneDataSet(String source, List<String> files) {
        Set<String> folders = files.stream()
                .map(name -> name.contains("/") ? name.substring(0, name.indexOf('/')) : "")
                .collect(Collectors.toCollection(TreeSet::new));
        if (folders.size() > 1) {
            throw new UserError("%s holds several data sets, in the folders %s; choose one of them with org/name/folder"
                    .formatted(source, String.join(", ", folders)));
        }
    }

    /** Checks that all parts exist: a name such as {@code train-00000-of-00003.parquet} contains their number. */
    private static void requireAllParts(String source, List<String> files) {
        for (String file : files) {
            Matcher part = PART.matcher(file);
            if (part.matches()) {
                long there = files.stream()
                        .map(PART::matcher)
                        .filter(other -> other.matches()
                                && other.group(1).equals(part.group(1))
                                && other.group(3).equals(part.group(3)))
                        .count();
                if (there != Long.parseLong(part.group(3))) {
                    throw new UserError("%s has only %s of the %s parts to which %s belongs"
                            .formatted(source, there, part.group(3), file));
                }
            }
        }
    }
}
