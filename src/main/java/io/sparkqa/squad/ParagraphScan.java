package io.sparkqa.squad;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.sparkqa.config.UserError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Finds the paragraphs of SQuAD files in one pass over their bytes, keeping where they stand but not what they say. */
public final class ParagraphScan {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int BUFFER = 1 << 16;

    private final String file;
    private final JsonParser parser;
    private final List<ParagraphSlice> slices;
    private long examples;

    private ParagraphScan(String file, JsonParser parser, List<ParagraphSlice> slices, long examples) {
        this.file = file;
        this.parser = parser;
        this.slices = slices;
        this.examples = examples;
    }

    /**
     * The paragraphs of all files, in their order.
     *
     * @throws UserError naming file, line and column of what is not JSON, or the path of what is not SQuAD's
     */
    public static List<ParagraphSlice> of(List<Path> files) {
        List<ParagraphSlice> slices = new ArrayList<>();
        long examples = 0;
        for (Path file : files) {
            try (JsonParser parser = JSON.createParser(open(file))) {
                ParagraphScan scan = new ParagraphScan(file.toAbsolutePath().toString(), parser, slices, examples);
                scan.document();
                examples = scan.examples;
            } catch (JsonProcessingException e) {
                throw notJson(file, e);
            } catch (IOException e) {
                throw new UserError(
                        "%s: can't be read: %s; if it was cut off, bring it again".formatted(file, e.getMessage()), e);
            }
        }
        if (examples == 0) {
            throw new UserError("%s: has no questions; give a data set that has some".formatted(inWords(files)));
        }
        return slices;
    }

    /**
     * The files of a data set: the path itself, or those of a folder that end in .json or .json.gz, in the order of their
     * names.
     */
    public static List<Path> files(Path source) {
        if (!Files.isDirectory(source)) {
            if (!Files.exists(source)) {
                throw new UserError("%s: no such file or folder (working directory: %s)"
                        .formatted(source, Path.of("").toAbsolutePath()));
            }
            return List.of(source);
        }
        try (Stream<Path> all = Files.list(source)) {
            List<Path> files = all.filter(file -> file.getFileName().toString().matches("[^._].*\\.json(\\.gz)?"))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw new UserError("%s: no file in this folder ends in .json or .json.gz".formatted(source));
            }
            return files;
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(source, e.getMessage()), e);
        }
    }

    /** A file's bytes, decompressed if its name ends in .gz. */
    static InputStream open(Path file) throws IOException {
        return isCompressed(file)
                ? new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER), BUFFER)
                : Files.newInputStream(file);
    }

    public static boolean isCompressed(Path file) {
        return file.toString().endsWith(".gz");
    }

    private static UserError notJson(Path file, JsonProcessingException problem) {
        JsonLocation place = problem.getLocation();
        return new UserError(
                "%s: line %d, column %d: not JSON: %s"
                        .formatted(file, place.getLineNr(), place.getColumnNr(), problem.getOriginalMessage()),
                problem);
    }

    private static String inWords(List<Path> files) {
        return files.size() == 1 ? files.get(0).toString() : "%s and %d more".formatted(files.get(0), files.size() - 1);
    }

    private void document() throws IOException {
        parser.nextToken();
        expect(JsonToken.START_OBJECT, "", "an object");
        boolean hasData = false;
        while (nextField()) {
            if (parser.currentName().equals("data")) {
                hasData = true;
                expect(JsonToken.START_ARRAY, "data", "an array");
                for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    article("data[" + i + "]");
                }
            } else {
                parser.skipChildren();
            }
        }
        if (!hasData) {
            throw ParagraphSlice.shape(file, "data", "an array", "nothing");
        }
        if (parser.nextToken() != null) {
            throw ParagraphSlice.shape(file, "the end", "nothing more", "another document");
        }
    }

    private void article(String path) throws IOException {
        expect(JsonToken.START_OBJECT, path, "an object");
        String title = "";
        List<ParagraphSlice> paragraphs = null;
        while (nextField()) {
            switch (parser.currentName()) {
                case "title" -> {
                    expect(JsonToken.VALUE_STRING, path + ".title", "a text");
                    title = parser.getText();
                }
                case "paragraphs" -> paragraphs = paragraphs(path + ".paragraphs");
                default -> parser.skipChildren();
            }
        }
        if (paragraphs == null) {
            throw ParagraphSlice.shape(file, path + ".paragraphs", "an array", "nothing");
        }
        for (ParagraphSlice paragraph : paragraphs) {
            slices.add(paragraph.withTitle(title));
        }
    }

    private List<ParagraphSlice> paragraphs(String path) throws IOException {
        expect(JsonToken.START_ARRAY, path, "an array");
        List<ParagraphSlice> paragraphs = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            paragraphs.add(paragraph(path + "[" + paragraphs.size() + "]"));
        }
        return paragraphs;
    }

    private ParagraphSlice paragraph(String path) throws IOException {
        expect(JsonToken.START_OBJECT, path, "an object");
        long offset = parser.currentTokenLocation().getByteOffset();
        long firstExample = examples;
        while (nextField()) {
            if (parser.currentName().equals("qas")) {
                expect(JsonToken.START_ARRAY, path + ".qas", "an array");
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    parser.skipChildren();
                    examples++;
                }
            } else {
                parser.skipChildren();
            }
        }
        int length = Math.toIntExact(parser.currentLocation().getByteOffset() - offset);
        return new ParagraphSlice(file, offset, length, path, "", firstExample, (int) (examples - firstExample));
    }

    /** Goes on to the next field's value; false at the end of the object. */
    private boolean nextField() throws IOException {
        if (parser.nextToken() != JsonToken.FIELD_NAME) {
            return false;
        }
        parser.nextToken();
        return true;
    }

    private void expect(JsonToken token, String path, String expected) {
        if (parser.currentToken() != token) {
            throw ParagraphSlice.shape(file, path, expected, inWords(parser.currentToken()));
        }
    }

    private static String inWords(JsonToken token) {
        return token == null ? "nothing" : token.name().replaceFirst("^(START|VALUE)_", "");
    }
}
