package io.sparkqa.spark;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Writes a table of answers as JSON files, in the order of the examples: the three files of HuggingFace's {@code run_qa.py},
 * and one with the places of the answers in their contexts.
 */
public final class AnswerFiles {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private AnswerFiles() {}

    /**
     * Writes the files. At most one partition of the table is in memory at a time.
     *
     * @param table answers with the columns of {@link AnswersTable#SCHEMA}
     * @param predictions file for question id → answer, "" for none
     * @param nullOdds file for question id → null odds
     * @param nBest file for question id → array of candidates with logits and probability
     * @param places file for question id → {@code score}, {@code start}, {@code end} and {@code answer}, like the results of
     *     HuggingFace's pipeline for question answering: start and end are code points of the context, or 0 without an
     *     answer; the score is the probability among the n best
     * @param written called after each question
     */
    public static void write(
            Dataset<Row> table, Path predictions, Path nullOdds, Path nBest, Path places, Runnable written)
            throws IOException {
        try (JsonGenerator texts = open(predictions);
                JsonGenerator odds = open(nullOdds);
                JsonGenerator candidates = open(nBest);
                JsonGenerator answers = open(places)) {
            Iterator<Row> rows = table.select("example_index", "id", "prediction", "null_odds", "n_best")
                    .orderBy("example_index")
                    .toLocalIterator();
            while (rows.hasNext()) {
                Row row = rows.next();
                String id = row.getString(1);
                texts.writeStringField(id, row.getString(2));
                // run_qa.py converts float32 to float64 before printing
                odds.writeNumberField(id, (double) row.getFloat(3));
                candidates.writeArrayFieldStart(id);
                for (Row candidate : row.<Row>getList(4)) {
                    write(candidate, candidates);
                }
                candidates.writeEndArray();
                answers.writeFieldName(id);
                writePlace(row.getString(2), row.getList(4), answers);
                written.run();
            }
            texts.writeEndObject();
            odds.writeEndObject();
            candidates.writeEndObject();
            answers.writeEndObject();
        }
    }

    private static void write(Row candidate, JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("text", candidate.getString(0));
        out.writeNumberField("start_logit", (double) candidate.getFloat(1));
        out.writeNumberField("end_logit", (double) candidate.getFloat(2));
        out.writeNumberField("probability", (double) candidate.getFloat(3));
        out.writeEndObject();
    }

    /** Writes the first candidate with the answer's text or, if there is no answer, the first one without a text. */
    private static void writePlace(String answer, List<Row> candidates, JsonGenerator out) throws IOException {
        Optional<Row> given = candidates.stream()
                .filter(candidate -> candidate.getString(0).equals(answer))
                .findFirst();
        boolean answered = given.isPresent() && !answer.isEmpty();
        out.writeStartObject();
        out.writeNumberField("score", given.map(row -> (double) row.getFloat(3)).orElse(0.0));
        out.writeNumberField("start", answered ? given.get().getInt(4) : 0);
        out.writeNumberField("end", answered ? given.get().getInt(5) : 0);
        out.writeStringField("answer", answer);
        out.writeEndObject();
    }

    private static JsonGenerator open(Path file) throws IOException {
        JsonGenerator generator = JSON.createGenerator(file.toFile(), JsonEncoding.UTF8);
        generator.setPrettyPrinter(new DefaultPrettyPrinter().withoutSpacesInObjectEntries());
        generator.writeStartObject();
        return generator;
    }
}
