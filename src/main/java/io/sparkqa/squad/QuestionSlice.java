package io.sparkqa.squad;

import java.io.Serializable;

/**
 * The place of consecutive records in a file of questions, from which they can be read without the bytes before them. A
 * record is a paragraph with its questions or a single question with its context.
 *
 * @param file absolute path
 * @param offset position of the first record's opening brace, in bytes of the (decompressed) file
 * @param length bytes to the last record's closing brace
 * @param path path of the array that holds the records ({@code data[3].paragraphs}), or {@link #LINES} for JSON lines
 * @param firstRecord index of the first record in that array, or the number of its line
 * @param title of the records' article; empty if they have none
 * @param firstExample index of the first question in the data set
 * @param examples number of questions
 */
public record QuestionSlice(
        String file,
        long offset,
        int length,
        String path,
        long firstRecord,
        String title,
        long firstExample,
        long examples)
        implements Serializable {
    /** The path of records that are lines. */
    static final String LINES = "line";

    boolean isLines() {
        return path.equals(LINES);
    }

    QuestionSlice withTitle(String article) {
        return new QuestionSlice(file, offset, length, path, firstRecord, article, firstExample, examples);
    }
}
