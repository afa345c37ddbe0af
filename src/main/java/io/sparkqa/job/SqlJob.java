package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.SqlTables;
import io.sparkqa.run.StageRun;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs queries in SQL over the tables of one or several runs: a query of the command line, or those of a prompt or a pipe. */
@Command(
        name = "sql",
        description = {
            "Runs a query in SQL over a run's tables: CONF \"SELECT ...\", or CONF and a file with the query. Without a"
                    + " query it reads queries: a prompt at the terminal, or a pipe.",
            "Tables: examples, windows, answers and scores (with a column split), train_log, metrics,"
                    + " metrics_by_kind, thresholds. Their column stale is true where inputs have changed since, as for"
                    + " the answers of an earlier model.",
            "Several runs, configurations or run folders, have tables named after their folders, as run1.answers and"
                    + " run2.answers: CONF|RUN_FOLDER [CONF|RUN_FOLDER ...]"
        })
public final class SqlJob extends Stage {
    /** An argument that sets a setting. */
    static final Pattern OVERRIDE = Pattern.compile("[A-Za-z][\\w.-]*=.*", Pattern.DOTALL);

    /** Where a statement of a pipe ends. */
    private static final Pattern END = Pattern.compile(";[ \\t\\r]*(\\n|$)");

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "table, csv or json (a line per row); default: what the name of --out says, else table.")
    private String format;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the result there; FILE gets its name when the result is complete.")
    private Path out;

    private Optional<String> query = Optional.empty();
    private List<String> others = List.of();

    public static void main(String[] arguments) {
        System.exit(new SqlJob().run(arguments));
    }

    /** Takes out the query and the further runs, which are the arguments that are not settings. */
    @Override
    protected List<String> overrides(List<String> arguments) {
        List<String> queries = new ArrayList<>();
        List<String> runs = new ArrayList<>();
        List<String> settings = new ArrayList<>();
        for (String argument : arguments) {
            if (namesRun(argument)) {
                runs.add(argument);
            } else if (OVERRIDE.matcher(argument).matches()) {
                settings.add(argument);
            } else {
                queries.add(argument);
            }
        }
        if (queries.size() > 1) {
            throw new WrongUse(
                    "%s queries given; give one in quotes, such as \"SELECT count(*) FROM examples\", or a file that ends in .sql"
                            .formatted(queries.size()));
        }
        query = queries.stream().findFirst();
        others = runs;
        return settings;
    }

    private static boolean namesRun(String argument) {
        return argument.endsWith(".conf") || new File(argument).isDirectory();
    }

    @Override
    protected Experiment read(Path conf, List<String> overrides) {
        return RunArgument.read(conf, overrides);
    }

    @Override
    protected boolean onlyReads() {
        return true;
    }

    @Override
    protected void work(StageRun run) throws IOException {
        RowFormat chosen = format == null ? RowFormat.of(Optional.ofNullable(out)) : RowFormat.named(format);
        List<RunFolder> folders = new ArrayList<>(List.of(run.folder()));
        for (String other : others) {
            RunFolder folder = RunFolder.of(read(Path.of(other), List.of()));
            if (!Files.isDirectory(folder.root())) {
                throw new UserError(
                        folder.root() + ": no such run folder; run jobs/pipeline.sh with this configuration first");
            }
            folders.add(folder);
        }
        if (query.isPresent()) {
            answer(run, folders, chosen, List.of(query.get()));
        } else if (Prompt.isAtTerminal()) {
            SqlTables tables = new SqlTables(run.spark(), folders);
            new SqlConversation(tables, chosen, Optional.ofNullable(out), printer(run)).hold();
        } else {
            answer(run, folders, chosen, statements());
        }
        folders.stream().skip(1).forEach(run::warnOfStaleOutputs);
    }

    private void answer(StageRun run, List<RunFolder> folders, RowFormat chosen, List<String> queries)
            throws IOException {
        if (out != null && queries.size() > 1) {
            throw new WrongUse("--out takes the result of one query, and %s are given".formatted(queries.size()));
        }
        List<String> texts = queries.stream().map(ShippedQueries::text).toList();
        SqlTables tables = new SqlTables(run.spark(), folders);
        for (String text : texts) {
            chosen.write(tables.query(text), Optional.ofNullable(out), printer(run));
        }
    }

    private static Consumer<String> printer(StageRun run) {
        return Prompt.printsToTerminal() ? printable(run::say) : run::say;
    }

    /** Returns a printer of lines that replaces control characters of data within them. */
    static Consumer<String> printable(Consumer<String> lines) {
        return line -> lines.accept(Printable.plain(line));
    }

    /** Returns the statements of standard input, which end with a semicolon at the end of a line. */
    private static List<String> statements() throws IOException {
        String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        List<String> statements = Arrays.stream(END.split(text))
                .filter(statement -> statement.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("--")))
                .toList();
        if (statements.isEmpty()) {
            throw new WrongUse(
                    "no query: give one in quotes, as \"SELECT count(*) FROM examples\", or a file that ends in .sql");
        }
        return statements;
    }
}
