package io.sparkqa.demo;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingJsonFactory;
import io.sparkqa.demo.Paragraph.Fact;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Writes paragraphs and questions as a SQuAD 2.0 JSON file, gzipped if its name ends in .gz, article by article. */
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

    /** Writes a whole article as it is. */
    void article(JsonNode article) throws IOException {
        json.writeTree(article);
    }

    void beginArticle(String title) throws IOException {
        json.writeStartObject();
        json.writeStringField("title", title);
        json.writeArrayFieldStart("paragraphs");
    }

    /** Writes a paragraph; a question's id is the prefix and what makes it a question of its kind. */
    void paragraph(Paragraph paragraph, List<Question> questions, List<String> ids) throws IOException {
        json.writeStartObject();
        json.writeStringField("context", paragraph.text());
        json.writeArrayFieldStart("qas");
        for (int i = 0; i < questions.size(); i++) {
            question(questions.get(i), ids.get(i));
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void question(Question question, String id) throws IOException {
        boolean impossible = question.kind() != Kind.ANSWERABLE;
        json.writeStartObject();
        json.writeStringField("question", question.text());
        json.writeStringField("id", id);
        if (impossible) {
            json.writeArrayFieldStart("plausible_answers");
            if (question.answer().isPresent()) {
                answer(question.answer().get());
            }
            json.writeEndArray();
        }
        json.writeArrayFieldStart("answers");
        if (!impossible) {
            answer(question.answer().orElseThrow());
        }
        json.writeEndArray();
        json.writeBooleanField("is_impossible", impossible);
        json.writeEndObject();
    }

    private void answer(Fact fact) throws IOException {
        json.writeStartObject();
        json.writeStringField("text", fact.answer());
        json.writeNumberField("answer_start", fact.start());
        json.writeEndObject();
    }

    void endArticle() throws IOException {
        json.writeEndArray();
        json.writeEndObject();
    }

    @Override
    public void close() throws IOException {
        json.writeEndArray();
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
    }
}
