package io.sparkqa.squad;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the questions of slices. It opens a file once for consecutive slices and skips the bytes between them. */
public final class QuestionReader implements AutoCloseable {
    private static final ObjectReader RECORDS = new ObjectMapper(SquadJson.JSON).readerFor(JsonNode.class);

    private String file = "";
    private InputStream in = InputStream.nullInputStream();
    private long position;

    /** Returns the examples of a slice that lies after the previous one or in another file. */
    public List<Example> read(QuestionSlice slice) {
        byte[] json;
        try {
            json = bytes(slice);
        } catch (IOException e) {
            throw new UserError(
                    "%s: can't be read at byte %s: %s; every executor needs the file at this path"
                            .formatted(slice.file(), slice.offset(), Reason.of(e)),
                    e);
        }
        return parse(slice, json);
    }

    /** Returns the slice's bytes, with brackets around them if the records are separated by commas. */
    private byte[] bytes(QuestionSlice slice) throws IOException {
        if (!slice.file().equals(file)) {
            in.close();
            in = SquadJson.open(Path.of(slice.file()));
            file = slice.file();
            position = 0;
        }
        in.skipNBytes(slice.offset() - position);
        byte[] json = new byte[1 + slice.length() + 1];
        if (in.readNBytes(json, 1, slice.length()) < slice.length()) {
            throw new EOFException("it is shorter than when the driver read it");
        }
        position = slice.offset() + slice.length();
        json[0] = (byte) (slice.isLines() ? ' ' : '[');
        json[json.length - 1] = (byte) (slice.isLines() ? ' ' : ']');
        return json;
    }

    private static List<Example> parse(QuestionSlice slice, byte[] json) {
        List<Example> examples = new ArrayList<>();
        String place = slice.path();
        try (MappingIterator<JsonNode> records = RECORDS.readValues(json)) {
            for (long i = 0; records.hasNextValue(); i++) {
                int line = records.getParser().currentTokenLocation().getLineNr();
                place = slice.isLines()
                        ? "line " + (slice.firstRecord() + line - 1)
                        : "%s[%s]".formatted(slice.path(), slice.firstRecord() + i);
                QuestionRecord record = new QuestionRecord(slice.file(), place, slice.isLines() ? ": " : ".");
                examples.addAll(
                        record.examples(records.nextValue(), slice.title(), slice.firstExample() + examples.size()));
            }
        } catch (JsonProcessingException e) {
            throw SquadJson.notJson(slice.file(), place, e);
        } catch (IOException e) {
            throw new UncheckedIOException(slice.file(), e);
        }
        if (examples.size() != slice.examples()) {
            throw new UserError(
                    "%s: %s: changed since the driver read it; run the stage again".formatted(slice.file(), place));
        }
        return examples;
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }
}
