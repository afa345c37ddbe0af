package io.sparkqa.evaluate;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** Writes JSON like Python's {@code json.dumps}, with the same white space and NaN. */
enum PythonJson {
    /** Everything in one line. */
    LINE(new PythonSpaces()),
    /** One line for each entry of an object, indented by two. */
    INDENTED(new PythonSpaces() {
        private static final long serialVersionUID = 1L;

        @Override
        public void beforeObjectEntries(JsonGenerator out) throws IOException {
            out.writeRaw("\n  ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator out) throws IOException {
            out.writeRaw(",\n  ");
        }

        @Override
        public void writeEndObject(JsonGenerator out, int entries) throws IOException {
            out.writeRaw("\n}");
        }
    }),
    /** One line for each element of an array, indented by two. */
    LINES(new PythonSpaces() {
        private static final long serialVersionUID = 1L;

        @Override
        public void beforeArrayValues(JsonGenerator out) throws IOException {
            out.writeRaw("\n  ");
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator out) throws IOException {
            out.writeRaw(",\n  ");
        }

        @Override
        public void writeEndArray(JsonGenerator out, int elements) throws IOException {
            out.writeRaw("\n]");
        }
    });

    @SuppressWarnings("ImmutableEnumChecker") // An ObjectWriter never changes.
    private final ObjectWriter writer;

    PythonJson(PrettyPrinter spaces) {
        writer = JsonMapper.builder()
                .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                .build()
                .writer(spaces);
    }

    /** Returns a map or a list of maps as JSON. */
    String write(Object values) {
        try {
            return writer.writeValueAsString(values);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static class PythonSpaces extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1L;

        @Override
        public void writeObjectFieldValueSeparator(JsonGenerator out) throws IOException {
            out.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator out) throws IOException {
            out.writeRaw(", ");
        }
    }
}
