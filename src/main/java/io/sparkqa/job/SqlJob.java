package io.sparkqa.job;

import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.run.RunTables;
import io.sparkqa.run.StageRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a query in SQL over a run's tables: {@code CONF "SELECT ..."}, or a file with the query. */
@Command(
        name = "sql",
        description = {
            "Runs a query in SQL over a run's tables: CONF \"SELECT ...\", or CONF and a file with the query.",
            "Tables: examples, windows, answers and scores (with a column split), train_log, metrics,"
                    + " metrics_by_kind, thresholds. Their column stale is true if inputs have changed since, for example for"
                    + " the answers of an earlier model."
        })
public final class SqlJob extends Stage {
    /** An argument that sets a setting. */
    static final Pattern OVERRIDE = Pattern.compile("[A-Za-z][\\w.-]*=.*", Pattern.DOTALL);

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "table, csv or json (a line per row); default: table.")
    private String format = "table";

    private String query;

    public static void main(String[] arguments) {
        System.exit(new SqlJob().run(arguments));
    }

    /** Takes out the query, the one argument that is not a setting. */
    @Override
    protected List<String> overrides(List<String> arguments) {
        List<String> queries = arguments.stream()
                .filter(argument -> !OVERRIDE.matcher(argument).matches())
                .collect(Collectors.toList());
        if (queries.size() != 1) {
            throw new WrongUse(
                    "%d queries given; give one in quotes, such as \"SELECT count(*) FROM examples\", or a file that ends in .sql"
                            .formatted(queries.size()));
        }
        query = queries.get(0);
        return arguments.stream().filter(argument -> !argument.equals(query)).collect(Collectors.toList());
    }

    @Override
    protected boolean onlyReads() {
        return true;
    }

    @Override
    protected void work(StageRun run) {
        RowFormat rows = RowFormat.named(format);
        String statement = statement();
        RunTables tables = new RunTables(run);
        SparkSession spark = run.spark();
        tables.register(spark);
        Dataset<Row> result;
        try {
            result = spark.sql(statement);
        } catch (Exception e) {
            throw inUsersTerms(e, tables);
        }
        rows.print(result, run::say);
    }

    /** Returns the query, read from its file if a file is given, without a semicolon at the end. */
    private String statement() {
        try {
            boolean isFile = query.endsWith(".sql");
            String text = isFile ? Files.readString(Path.of(query)) : query;
            return text.strip().replaceFirst(";$", "");
        } catch (IOException e) {
            throw new UserError(query + ": the file does not exist or can't be read", e);
        }
    }

    /** Returns Spark's error about the query as a message for the user. {@code sql} throws checked exceptions undeclared. */
    private static RuntimeException inUsersTerms(Exception problem, RunTables tables) {
        if (!(problem instanceof AnalysisException analysis)) {
            return problem instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(problem);
        }
        if ("TABLE_OR_VIEW_NOT_FOUND".equals(analysis.getErrorClass())) {
            String name = analysis.getMessageParameters().get("relationName").replace("`", "");
            return new UserError(tables.whyAbsent(name), problem);
        }
        return new UserError("the query can't be run: " + analysis.getMessage().strip(), problem);
    }
}
