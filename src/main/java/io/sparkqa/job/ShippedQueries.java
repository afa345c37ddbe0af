package io.sparkqa.job;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The queries in files, those of {@code jobs/sql/} among them. A file's first line is a comment ({@code --}) that describes the query. */
final class ShippedQueries {
    private ShippedQueries() {}

    /** The folder {@code jobs/sql} of the installed project; empty if the class was submitted by hand. */
    private static Optional<Path> folder() {
        return Optional.ofNullable(System.getenv("SPARKQA_HOME"))
                .map(home -> Path.of(home, "jobs", "sql"))
                .filter(Files::isDirectory);
    }

    /** Returns the names and descriptions of the project's queries. */
    static Map<String, String> all() {
        return folder().map(ShippedQueries::in).orElse(Map.of());
    }

    /** Returns the names and descriptions of the queries in a folder. */
    static Map<String, String> in(Path folder) {
        Map<String, String> queries = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith(".sql"))::iterator) {
                String first = Files.readString(file).lines().findFirst().orElse("");
                queries.put(file.getFileName().toString(), first.replaceFirst("^--\\s*", ""));
            }
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(folder, Reason.of(e)), e);
        }
        return queries;
    }

    /** Returns a query, read from its file if its name ends with {@code .sql}, without a semicolon at the end. */
    static String text(String query) {
        String text = query.strip().endsWith(".sql") ? read(query.strip()) : query;
        return text.strip().replaceFirst(";$", "");
    }

    private static String read(String name) {
        Path file = Path.of(name);
        Path shipped = folder().map(folder -> folder.resolve(name)).orElse(file);
        try {
            return Files.readString(Files.exists(file) ? file : shipped);
        } catch (IOException e) {
            throw new UserError(name + ": no such file, or it can't be read", e);
        }
    }
}
