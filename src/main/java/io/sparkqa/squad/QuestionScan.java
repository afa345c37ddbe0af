package io.sparkqa.squad;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Finds the places of the questions in files, in one pass over their bytes and without keeping their texts. The formats are
 * SQuAD's JSON, run_qa.py's flat JSON, arrays of questions, JSON lines and MRQA.
 */
public final class QuestionScan {
    /** Size up to which a slice gathers records; gives few enough slices for the driver, and enough for its tasks. */
    private static final int SLICE_BYTES = 1 << 14;
    /** Largest record, a paragraph with its questions or a question with its context. */
    private static final int MAX_RECORD_BYTES = 256 << 20;
    /** Most memory for the slices of a data set; enough for a million articles. */
    private static final long MAX_INDEX_BYTES = 256L << 20;

    private static final long INDEX_BYTES_PER_SLICE = 200;

    private final List<QuestionSlice> slices = new ArrayList<>();
    private long examples;
    private long indexBytes;

    private String file;
    private JsonParser parser;

    private QuestionScan() {}

    /**
     * Returns the slices of all files, in their order.
     *
     * @throws UserError if a file is not JSON, with line and column, or has another shape, with the path of the value
     */
    public static List<QuestionSlice> of(List<Path> files) {
        QuestionScan scan = new QuestionScan();
        for (Path file : files) {
            scan.read(file);
        }
        if (scan.examples == 0) {
            throw new UserError("%s: has no questions; set a data set that has some".formatted(inWords(files)));
        }
        return scan.slices;
    }

    /**
     * Returns the files of a data set, sorted by name: the path itself, or the files of a folder that end in .json, .jsonl
     * or .ndjson, with or without .gz.
     */
    public static List<Path> files(Path source) {
        if (!Files.isDirectory(source)) {
            requireFile(source);
            return List.of(source);
        }
        try (Stream<Path> all = Files.list(source)) {
            List<Path> files = all.filter(
                            file -> file.getFileName().toString().matches("[^._].*\\.(json|jsonl|ndjson)(\\.gz)?"))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw new UserError("%s: no file in this folder ends in .json, .jsonl or .ndjson (or these with .gz)"
                        .formatted(source));
            }
            files.forEach(QuestionScan::requireFile);
            return files;
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(source, Reason.of(e)), e);
        }
    }

    /** Refuses what can't be read several times, as a pipe. */
    private static void requireFile(Path path) {
        if (!Files.exists(path)) {
            throw new UserError("%s: no such file or folder (working directory: %s)"
                    .formatted(path, Path.of("").toAbsolutePath()));
        }
        if (!Files.isRegularFile(path)) {
            throw new UserError(
                    "%s: is a pipe, a device or a folder, but questions are read several times; write them into a file first"
                            .formatted(path));
        }
    }

    /** Returns whether a file is compressed, by its name. */
    public static boolean isCompressed(Path path) {
        return SquadJson.isCompressed(path);
    }

    private static String inWords(List<Path> files) {
        return files.size() == 1 ? files.get(0).toString() : "%s and %s more".formatted(files.get(0), files.size() - 1);
    }

    private void read(Path path) {
        file = path.toAbsolutePath().toString();
        try {
            SquadJson.requireUtf8(path);
            try (JsonParser opened = SquadJson.JSON.createParser(SquadJson.open(path))) {
                parser = opened;
                documents();
            } catch (JsonProcessingException e) {
                throw SquadJson.notJson(path, SquadJson.place(e, parser.currentLocation()), e);
            }
        } catch (IOException e) {
            throw new UserError(
                    "%s: can't be read: %s; if it is incomplete, copy or fetch it again".formatted(path, Reason.of(e)),
                    e);
        }
    }

    private void documents() throws IOException {
        if (parser.nextToken() == JsonToken.START_ARRAY) {
            items("");
            requireEnd();
            return;
        }
        Run lines = new Run(QuestionSlice.LINES, slices);
        do {
            expect(JsonToken.START_OBJECT, () -> lines.isEmpty() ? "" : "line " + line(), "an object");
            document(lines);
        } while (parser.nextToken() != null);
        lines.end();
    }

    /** Reads a top-level object: a document with data, or a record of JSON lines. */
    private void document(Run lines) throws IOException {
        long line = line();
        Extent record = new Extent(() -> "line " + line + ": ");
        boolean isHeader = false;
        String data = "nothing";
        while (nextField()) {
            String name = parser.currentName();
            if (name.equals("data") && lines.isEmpty() && parser.currentToken() == JsonToken.START_ARRAY) {
                items("data");
                data = "";
            } else if (!record.read(name)) {
                isHeader |= name.equals("header");
                data = name.equals("data") ? inWords(parser.currentToken()) : data;
                parser.skipChildren();
            }
        }
        if (data.isEmpty()) {
            requireEnd();
        } else if (record.isRecord()) {
            lines.add(record, line);
        } else if (!lines.isEmpty()) {
            throw SquadJson.shape(file, "line " + line + ": context", "a text", "nothing");
        } else if (!isHeader) {
            throw SquadJson.shape(file, "data", "an array", data);
        }
    }

    /** Reads an array of articles, or of records. */
    private void items(String path) throws IOException {
        Run run = new Run(path, slices);
        for (long i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            long number = i;
            Supplier<String> place = () -> "%s[%s]".formatted(path, number);
            expect(JsonToken.START_OBJECT, place, "an object");
            item(run, number, place);
        }
        run.end();
    }

    private void item(Run run, long number, Supplier<String> place) throws IOException {
        Extent record = new Extent(() -> place.get() + ".");
        String title = "";
        List<QuestionSlice> paragraphs = null;
        while (nextField()) {
            String name = parser.currentName();
            if (name.equals("paragraphs")) {
                run.end();
                paragraphs = paragraphs(place.get() + ".paragraphs");
            } else if (name.equals("title") && parser.currentToken() != JsonToken.VALUE_NULL) {
                expect(JsonToken.VALUE_STRING, () -> place.get() + ".title", "a text");
                title = parser.getText();
            } else if (!record.read(name)) {
                parser.skipChildren();
            }
        }
        if (paragraphs != null) {
            charge(2L * title.length());
            for (QuestionSlice paragraph : paragraphs) {
                slices.add(paragraph.withTitle(title));
            }
        } else if (record.isRecord()) {
            run.add(record, number);
        } else {
            throw SquadJson.shape(file, place.get() + ".paragraphs", "an array", "nothing");
        }
    }

    private List<QuestionSlice> paragraphs(String path) throws IOException {
        expect(JsonToken.START_ARRAY, () -> path, "an array");
        Run run = new Run(path, new ArrayList<>());
        for (long i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            long number = i;
            expect(JsonToken.START_OBJECT, () -> "%s[%s]".formatted(path, number), "an object");
            Extent record = new Extent(() -> "%s[%s].".formatted(path, number));
            while (nextField()) {
                if (!record.read(parser.currentName())) {
                    parser.skipChildren();
                }
            }
            if (!record.hasQuestions) {
                throw SquadJson.shape(file, "%s[%s].qas".formatted(path, number), "an array", "nothing");
            }
            run.add(record, number);
        }
        run.end();
        return run.target;
    }

    /** Moves to the value of the next field. Returns false at the end of the object. */
    private boolean nextField() throws IOException {
        if (parser.nextToken() != JsonToken.FIELD_NAME) {
            return false;
        }
        parser.nextToken();
        return true;
    }

    private void requireEnd() throws IOException {
        if (parser.nextToken() != null) {
            throw SquadJson.shape(file, "the end", "nothing more", "another document");
        }
    }

    private void expect(JsonToken token, Supplier<String> path, String expected) {
        if (parser.currentToken() != token) {
            throw SquadJson.shape(file, path.get(), expected, inWords(parser.currentToken()));
        }
    }

    private long line() {
        return parser.currentTokenLocation().getLineNr();
    }

    private void charge(long bytes) {
        indexBytes += bytes;
        if (indexBytes > MAX_INDEX_BYTES) {
            throw new UserError(
                    "%s: has too many articles, or too long titles: their places take more than %s MB; put more paragraphs into each article, or use JSON lines"
                            .formatted(file, MAX_INDEX_BYTES >> 20));
        }
    }

    private static String inWords(JsonToken token) {
        return token == null ? "nothing" : token.name().replaceFirst("^(START|VALUE)_", "");
    }

    /** The bytes of an object, which begins at the current token, and the questions in it. */
    private final class Extent {
        private final Supplier<String> place;
        private final long offset = parser.currentTokenLocation().getByteOffset();
        private boolean hasContext;
        private boolean hasQuestions;
        private long questions;

        Extent(Supplier<String> place) {
            this.place = place;
        }

        /** Reads past the value if the field is one of a record. Otherwise returns false and stays at the value. */
        boolean read(String field) throws IOException {
            if (field.equals("qas")) {
                expect(JsonToken.START_ARRAY, () -> place.get() + "qas", "an array");
                hasQuestions = true;
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    parser.skipChildren();
                    questions++;
                }
                return true;
            }
            if (field.equals("context")) {
                hasContext = true;
                parser.skipChildren();
                return true;
            }
            return false;
        }

        boolean isRecord() {
            return hasContext || hasQuestions;
        }

        long questions() {
            return hasQuestions ? questions : 1;
        }
    }

    /** Gathers consecutive records into slices. */
    private final class Run {
        private final String path;
        private final List<QuestionSlice> target;
        private boolean hasRecords;
        private boolean isOpen;
        private long offset;
        private long end;
        private long firstRecord;
        private long firstExample;

        Run(String path, List<QuestionSlice> target) {
            this.path = path;
            this.target = target;
        }

        /** Returns whether no record was added. */
        boolean isEmpty() {
            return !hasRecords;
        }

        /** Adds a record that ends at the current token. */
        void add(Extent record, long number) {
            long last = parser.currentLocation().getByteOffset();
            if (last - record.offset > MAX_RECORD_BYTES) {
                throw new UserError("%s: %s: is larger than %s MB; divide the context"
                        .formatted(file, record.place.get().replaceFirst("\\W+$", ""), MAX_RECORD_BYTES >> 20));
            }
            if (isOpen && last - offset > SLICE_BYTES) {
                end();
            }
            if (!isOpen) {
                offset = record.offset;
                firstRecord = number;
                firstExample = examples;
            }
            isOpen = true;
            hasRecords = true;
            end = last;
            examples += record.questions();
        }

        /** Completes a slice. */
        void end() {
            long count = examples - firstExample;
            if (isOpen && count > 0) {
                charge(INDEX_BYTES_PER_SLICE);
                int length = Math.toIntExact(end - offset);
                target.add(new QuestionSlice(file, offset, length, path, firstRecord, "", firstExample, count));
            }
            isOpen = false;
        }
    }
}
