package io.sparkqa.window;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.References;
import io.sparkqa.squad.Example;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Finds the reference values of windows, of contexts and of whole data sets. */
public final class ReferenceFeatures {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SETTING = Pattern.compile("(\\d+)-(\\d+)");

    /** A file of reference values for a data set, with the windows' settings that they are for; 0 and 0 if for none. */
    public record About(Path file, String set, Path squad, int maxLength, int stride) {
        @Override
        public String toString() {
            return file.getFileName().toString();
        }

        public Stream<JsonNode> lines() throws IOException {
            return new BufferedReader(new InputStreamReader(
                            new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))
                    .lines()
                    .map(ReferenceFeatures::parse);
        }

        public JsonNode json() throws IOException {
            return JSON.readTree(file.toFile());
        }

        public List<Example> examples() throws IOException {
            return ReferenceFeatures.examples(squad);
        }
    }

    private ReferenceFeatures() {}

    public static Path tokenizer() {
        return References.folder().resolve("roberta-base-tokenizer");
    }

    /** Returns every {@code features-<set>-<max_length>-<stride>.jsonl.gz}. */
    public static List<About> windows() throws IOException {
        return find(Pattern.compile("features-(\\w+)-(\\d+)-(\\d+)\\.jsonl\\.gz"));
    }

    /** Returns every {@code contexts-<set>.jsonl.gz}. */
    public static List<About> contexts() throws IOException {
        return find(Pattern.compile("contexts-(\\w+)\\.jsonl\\.gz"));
    }

    /** Returns one entry for each setting in each {@code summary-<set>.json}. */
    public static List<About> summaries() throws IOException {
        List<About> summaries = new ArrayList<>();
        for (About about : find(Pattern.compile("summary-(\\w+)\\.json"))) {
            about.json().fieldNames().forEachRemaining(name -> {
                Matcher setting = SETTING.matcher(name);
                if (setting.matches()) {
                    summaries.add(new About(
                            about.file(),
                            about.set(),
                            about.squad(),
                            Integer.parseInt(setting.group(1)),
                            Integer.parseInt(setting.group(2))));
                }
            });
        }
        return summaries;
    }

    private static List<About> find(Pattern name) throws IOException {
        List<About> found = new ArrayList<>();
        for (String folder : List.of("adversarial", "features")) {
            if (!Files.isDirectory(References.folder().resolve(folder))) {
                continue;
            }
            try (Stream<Path> files = Files.list(References.folder().resolve(folder))) {
                files.sorted().forEach(file -> {
                    Matcher matcher = name.matcher(file.getFileName().toString());
                    if (matcher.matches()) {
                        boolean setting = matcher.groupCount() == 3;
                        squad(matcher.group(1))
                                .ifPresent(squad -> found.add(new About(
                                        file,
                                        matcher.group(1),
                                        squad,
                                        setting ? Integer.parseInt(matcher.group(2)) : 0,
                                        setting ? Integer.parseInt(matcher.group(3)) : 0)));
                    }
                });
            }
        }
        return found;
    }

    /** Returns the SQuAD file of a set; empty if it is missing. */
    public static Optional<Path> squad(String set) {
        Path adversarial = References.folder().resolve("adversarial").resolve(set + ".json");
        if (Files.exists(adversarial)) {
            return Optional.of(adversarial);
        }
        if (!Files.isDirectory(References.squad2())) {
            return Optional.empty();
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + set + "*.json");
        try (Stream<Path> files = Files.list(References.squad2())) {
            return files.filter(file -> matcher.matches(file.getFileName())).findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the examples of a SQuAD file, read with as little code as possible. */
    public static List<Example> examples(Path squad) throws IOException {
        List<Example> examples = new ArrayList<>();
        for (JsonNode article : JSON.readTree(squad.toFile()).get("data")) {
            for (JsonNode paragraph : article.get("paragraphs")) {
                for (JsonNode question : paragraph.get("qas")) {
                    List<Example.Answer> answers = new ArrayList<>();
                    question.path("answers")
                            .forEach(answer -> answers.add(new Example.Answer(
                                    answer.get("text").asText(),
                                    answer.get("answer_start").asInt())));
                    examples.add(new Example(
                            examples.size(),
                            question.get("id").asText(),
                            article.path("title").asText(),
                            paragraph.get("context").asText(),
                            question.get("question").asText(),
                            answers,
                            question.path("is_impossible").asBoolean()));
                }
            }
        }
        return examples;
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
