package io.sparkqa.squad;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** Opens and parses files of questions, within bounds far beyond those of real data sets. */
final class SquadJson {
    /** Deepest nesting of objects and arrays. */
    private static final int MAX_DEPTH = 1_000;
    /** Most digits of a number. */
    private static final int MAX_NUMBER_LENGTH = 1_000;
    /** Most characters of a text. */
    private static final int MAX_TEXT_LENGTH = 20_000_000;

    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxStringLength(MAX_TEXT_LENGTH)
                    .build())
            .build();

    private static final int BUFFER = 1 << 16;

    private SquadJson() {}

    /** Opens a file, decompressed if its name ends in .gz. */
    static InputStream open(Path file) throws IOException {
        return isCompressed(file)
                ? new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER), BUFFER)
                : Files.newInputStream(file);
    }

    static boolean isCompressed(Path file) {
        return file.toString().endsWith(".gz");
    }

    /**
     * Checks that a file, which begins with a brace or bracket, is encoded as UTF-8.
     *
     * @throws UserError if it is encoded as UTF-16 or UTF-32
     */
    static void requireUtf8(Path file) throws IOException {
        byte[] first;
        try (InputStream in = open(file)) {
            first = in.readNBytes(2);
        }
        if (first.length == 2 && ((first[0] & first[1] & 0xFF) >= 0xFE || first[0] == 0 || first[1] == 0)) {
            throw new UserError(
                    "%s: is encoded as UTF-16 or UTF-32, but JSON must be UTF-8; convert it, for example with iconv -f UTF-16 -t UTF-8"
                            .formatted(file));
        }
    }

    /** Returns the error for text that can't be parsed; {@code place} names the record. */
    static UserError notJson(Object file, String place, JsonProcessingException problem) {
        String reason = Printable.of(problem.getOriginalMessage()
                .replaceFirst(", from `.*", ")")
                .replaceFirst(": enable `.*` to allow", ", which JSON does not have"));
        return new UserError(
                "%s: %s: %s"
                        .formatted(
                                file,
                                place,
                                problem instanceof StreamConstraintsException
                                        ? "beyond the bounds for JSON: " + reason
                                        : "not JSON: " + reason),
                problem);
    }

    /** Returns the position of a problem as words. */
    static String place(JsonProcessingException problem, JsonLocation otherwise) {
        JsonLocation place = problem.getLocation() == null ? otherwise : problem.getLocation();
        return "line %s, column %s".formatted(place.getLineNr(), place.getColumnNr());
    }

    /** Returns the error for a document that has none of the readable formats. */
    static UserError shape(Object file, String path, String expected, String found) {
        return new UserError(
                ("%s: %s: expected %s, but found %s; readable are SQuAD's JSON ({\"data\": [{\"title\", \"paragraphs\": [{\"context\","
                                + " \"qas\": [{\"id\", \"question\", \"answers\": [{\"text\", \"answer_start\"}]}]}]}]}), run_qa.py's"
                                + " flat JSON, JSON lines and MRQA")
                        .formatted(
                                file,
                                path.isEmpty() ? "the document" : path,
                                expected,
                                found.toLowerCase(Locale.ROOT)));
    }
}
