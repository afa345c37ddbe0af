package io.sparkqa.spark;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Writes a table of answers as the three JSON files of HuggingFace's {@code run_qa.py}, in the order of the examples. */
public final class AnswerFiles {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private AnswerFiles() {}

    /**
     * Writes the files. At most one partition of the table is in memory at a time.
     *
     * @param answers table with the columns of {@link AnswersTable#SCHEMA}
     * @param predictions file for question id → answer, "" for none
     * @param nullOdds file for question id → null odds
     * @param nBest file for question id → array of candidates with logits and probability
     * @param written called after each question
     */
    public static void write(Dataset<Row> answers, Path predictions, Path nullOdds, Path nBest, Runnable written)
            throws IOException {
        try (JsonGenerator texts = open(predictions);
                JsonGenerator odds = open(nullOdds);
                JsonGenerator candidates = open(nBest)) {
            Iterator<Row> rows = answers.select("example_index", "id", "prediction", "null_odds", "n_best")
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
                written.run();
            }
            texts.writeEndObject();
            odds.writeEndObject();
            candidates.writeEndObject();
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

    private static JsonGenerator open(Path file) throws IOException {
        JsonGenerator generator = JSON.createGenerator(file.toFile(), JsonEncoding.UTF8);
        generator.setPrettyPrinter(new DefaultPrettyPrinter().withoutSpacesInObjectEntries());
        generator.writeStartObject();
        return generator;
    }
}
