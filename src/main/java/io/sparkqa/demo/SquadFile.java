package io.sparkqa.demo;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingJsonFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Writes a SQuAD 2.0 JSON file article by article, gzipped if its name ends in .gz. */
final class SquadFile implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final JsonGenerator json;

    SquadFile(Path file) throws IOException {
        OutputStream out = Files.newOutputStream(file);
        json = new MappingJsonFactory()
                .createGenerator(
                        file.toString().endsWith(".gz") ? new GZIPOutputStream(out, BUFFER) : out, JsonEncoding.UTF8);
        json.writeStartObject();
        json.writeStringField("version", "v2.0");
        json.writeArrayFieldStart("data");
    }

    void article(JsonNode article) throws IOException {
        json.writeTree(article);
    }

    @Override
    public void close() throws IOException {
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
    }
}
