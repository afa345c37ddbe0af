package io.sparkqa.run;

import io.sparkqa.config.NearestName;
import io.sparkqa.config.UserError;
import io.sparkqa.spark.TableNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.parser.ParseException;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ShowTables;

/**
 * The tables of one or several runs, under the names that queries give them: {@code run1.answers}, where {@code run1} is the
 * name of the run folder; of a single run also {@code answers}. A table is opened when a query names it.
 */
public final class SqlTables {
    private final SparkSession spark;
    private final Map<String, RunTables> runs = new LinkedHashMap<>();
    private final Set<String> views = new LinkedHashSet<>();

    public SqlTables(SparkSession spark, List<RunFolder> folders) {
        this.spark = spark;
        for (RunFolder folder : folders) {
            String name = name(folder);
            String unique = name;
            for (int i = 2; runs.containsKey(unique); i++) {
                unique = name + "_" + i;
            }
            runs.put(unique, new RunTables(folder));
        }
    }

    /** Returns the folder's name as SQL takes it without quotes: lower case, with _ for whatever is no letter or digit. */
    private static String name(RunFolder folder) {
        String name = folder.root().toAbsolutePath().normalize().getFileName().toString();
        String word = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
        return Character.isDigit(word.charAt(0)) ? "run_" + word : word;
    }

    /** Returns the names of all tables that are there, and opens them. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        runs.keySet()
                .forEach(
                        run -> RunTables.NAMES.forEach(table -> view(run, table).ifPresent(names::add)));
        return names;
    }

    /** Returns the columns of a table of {@link #names}. */
    public List<String> columns(String table) {
        return List.of(spark.table(quoted(table)).columns());
    }

    /**
     * Runs a query.
     *
     * @throws UserError if the query is wrong, or a table is not there
     */
    public Dataset<Row> query(String text) {
        try {
            LogicalPlan plan = spark.sessionState().sqlParser().parsePlan(text);
            if (plan instanceof ShowTables) {
                names();
            }
            return Dataset.ofRows(spark, TableNames.replace(plan, this::view));
        } catch (AnalysisException e) {
            throw new UserError(inWords(e), e);
        }
    }

    /** Cancels the Spark jobs that run now; their queries fail. */
    public void cancelJobs() {
        spark.sparkContext().cancelAllJobs();
    }

    /** Returns the view of the table with this name, opened if it is not yet; empty if no run has such a table. */
    private Optional<String> view(List<String> name) {
        String table = name.get(name.size() - 1).toLowerCase(Locale.ROOT);
        if (name.size() > 2 || !RunTables.NAMES.contains(table)) {
            return Optional.empty();
        }
        if (name.size() == 1) {
            return runs.size() == 1 ? view(runs.keySet().iterator().next(), table) : Optional.empty();
        }
        return view(name.get(0).toLowerCase(Locale.ROOT), table);
    }

    private Optional<String> view(String run, String table) {
        String view = runs.size() == 1 ? table : run + "." + table;
        if (views.contains(view)) {
            return Optional.of(view);
        }
        return Optional.ofNullable(runs.get(run))
                .flatMap(tables -> tables.table(spark, table))
                .map(rows -> {
                    rows.createOrReplaceTempView(quoted(view));
                    views.add(view);
                    return view;
                });
    }

    private static String quoted(String view) {
        return "`" + view + "`";
    }

    private String inWords(AnalysisException problem) {
        Map<String, String> about = problem.getMessageParameters();
        String error = String.valueOf(problem.getErrorClass());
        if (error.equals("TABLE_OR_VIEW_NOT_FOUND")) {
            return whyAbsent(about.get("relationName").replace("`", ""));
        }
        if (error.equals("UNRESOLVED_COLUMN.WITH_SUGGESTION")) {
            return "there is no column %s here; the nearest are %s (line %s, character %s of the query)"
                    .formatted(
                            about.get("objectName").replace("`", ""),
                            about.get("proposal").replace("`", ""),
                            number(problem.line(), 0),
                            number(problem.startPosition(), 1));
        }
        // a message about syntax shows the place in the query, others would show Spark's plan of it
        String message = problem instanceof ParseException ? problem.getMessage() : problem.getSimpleMessage();
        return "the query can't be run: " + message.strip();
    }

    private static String number(scala.Option<Object> place, int first) {
        return place.isEmpty() ? "?" : Integer.toString((Integer) place.get() + first);
    }

    private String whyAbsent(String name) {
        String[] parts = name.toLowerCase(Locale.ROOT).split("\\.");
        String table = parts[parts.length - 1];
        if (!RunTables.NAMES.contains(table)) {
            return "there is no table %s; %s".formatted(name, suggestion(parts));
        }
        if (parts.length == 1 && runs.size() > 1) {
            return "there are several runs: write %s"
                    .formatted(
                            runs.keySet().stream().map(run -> run + "." + table).collect(Collectors.joining(" or ")));
        }
        RunTables run = parts.length == 1 ? runs.values().iterator().next() : runs.get(parts[0]);
        return run == null
                ? "there is no run %s; the runs are %s".formatted(parts[0], String.join(", ", runs.keySet()))
                : run.whyAbsent(table);
    }

    private String suggestion(String... parts) {
        return NearestName.of(parts[parts.length - 1], RunTables.NAMES)
                .map(known -> String.join(".", Arrays.copyOf(parts, parts.length - 1))
                        + (parts.length > 1 ? "." : "")
                        + known)
                .map(known -> "did you mean " + known + "?")
                .orElse("a run has " + String.join(", ", RunTables.NAMES));
    }
}
