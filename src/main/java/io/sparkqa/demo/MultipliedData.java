package io.sparkqa.demo;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingJsonFactory;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.config.UserError;
import io.sparkqa.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Writes a SQuAD data set of any size by copying a file's articles again and again, with one article in memory at a time.
 *
 * <p>The first copy is identical to the file. In each later copy, ids end with the copy's number ({@code 56dde-17}) and
 * contexts with an added sentence, so that all ids and contexts differ and all answers keep their offsets.
 */
@Command(
        name = "data/multiply.sh",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Writes a SQuAD data set of any size: copies of a file's articles, each with its own ids and contexts.")
public final class MultipliedData implements Callable<Integer> {
    @Option(names = "--from", required = true, description = "SQuAD file to multiply")
    private Path from;

    @ArgGroup(multiplicity = "1")
    private Size size;

    /** How much to write. */
    private static final class Size {
        @Option(names = "--questions", required = true, description = "how many questions to write")
        private long questions;

        @Option(names = "--copies", required = true, description = "or how many copies of the whole file")
        private int copies;
    }

    @Option(
            names = "--files",
            defaultValue = "1",
            description = "how many files to write, in a folder if more than one (default: 1)")
    private int files;

    @Option(
            names = "--gzip",
            description = "gzip the files of a folder; a single file is gzipped if its name ends in .gz")
    private boolean gzip;

    @Option(names = "--out", required = true, description = "file, or folder, to write")
    private Path out;

    private long questions;
    private long written;
    private int opened;
    private SquadFile file;

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs the command and returns its exit code: 0 done, 1 failed, 2 wrong use. */
    public static int run(String... arguments) {
        return new CommandLine(new MultipliedData())
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    if (!(failure instanceof UserError)) {
                        throw failure;
                    }
                    line.getErr().println(failure.getMessage());
                    line.getErr().flush();
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        questions = size.questions + size.copies * count();
        if (files > 1) {
            Files.createDirectories(out);
        }
        try (Progress progress = Progress.of("multiply", "questions", questions)) {
            for (int copy = 0; written < questions; copy++) {
                long before = written;
                copy(copy, progress);
                if (written == before) {
                    throw new UserError(from + ": no questions in it; give a SQuAD file with some");
                }
            }
        } finally {
            if (file != null) {
                file.close();
            }
        }
        return 0;
    }

    private long count() throws IOException {
        long[] count = new long[1];
        articles(article -> {
            article.path("paragraphs")
                    .forEach(paragraph -> count[0] += paragraph.path("qas").size());
            return true;
        });
        return count[0];
    }

    private void copy(int number, Progress progress) throws IOException {
        articles(article -> {
            open();
            file.article(changed(article, number));
            progress.at(written);
            return written < questions;
        });
    }

    /** Takes an article and returns whether it wants another one. */
    @FunctionalInterface
    private interface Reader {
        boolean read(ObjectNode article) throws IOException;
    }

    private void articles(Reader reader) throws IOException {
        try (JsonParser json = new MappingJsonFactory().createParser(from.toFile())) {
            JsonToken token = json.nextToken();
            while (token != null && !"data".equals(json.currentName())) {
                token = json.nextToken();
            }
            boolean more = json.nextToken() == JsonToken.START_ARRAY;
            while (more && json.nextToken() == JsonToken.START_OBJECT) {
                more = reader.read(json.readValueAsTree());
            }
        } catch (JsonProcessingException e) {
            throw new UserError("%s: not JSON: %s".formatted(from, e.getOriginalMessage()), e);
        } catch (NoSuchFileException e) {
            throw new UserError(from + ": no such file", e);
        }
    }

    /** Opens the next file once the current one has its share of the questions. */
    private void open() throws IOException {
        if (opened * questions <= written * files) {
            if (file != null) {
                file.close();
            }
            opened++;
            file = new SquadFile(
                    files == 1
                            ? out
                            : out.resolve(String.format(Locale.ROOT, "part-%05d.json%s", opened, gzip ? ".gz" : "")));
        }
    }

    /** Returns the article of a copy, with no more questions than are still to be written. */
    private ObjectNode changed(ObjectNode article, int number) {
        for (JsonNode paragraph : article.withArray("paragraphs")) {
            if (number > 0) {
                String context = paragraph.path("context").asText();
                ((ObjectNode) paragraph).put("context", context + " This is copy " + number + ".");
            }
            ArrayNode asked = ((ObjectNode) paragraph).withArray("qas");
            while (asked.size() > questions - written) {
                asked.remove(asked.size() - 1);
            }
            for (JsonNode question : asked) {
                if (number > 0) {
                    ((ObjectNode) question).put("id", question.path("id").asText() + "-" + number);
                }
                written++;
            }
        }
        return article;
    }
}
