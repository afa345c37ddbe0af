package io.sparkqa.job;

import io.sparkqa.config.Printable;
import io.sparkqa.run.RunSummary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Parameters;

/** Lists the runs of a folder: state, scores on dev, time, and the settings in which they differ. */
@Command(name = "runs", description = "Lists the runs of a folder, the newest first, with the settings that differ.")
public final class RunsJob extends Tool {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneId.systemDefault());
    private static final int WIDEST = 60;
    private static final Path DEFAULT = Path.of("runs");

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FOLDER",
            description = "Folder of the run folders; default: ${DEFAULT-VALUE}.")
    private Path folder = DEFAULT;

    public static void main(String[] arguments) {
        System.exit(new RunsJob().run(arguments));
    }

    @Override
    int execute() {
        boolean noneYet = folder.equals(DEFAULT) && !Files.exists(folder);
        List<RunSummary> runs = noneYet ? List.of() : RunSummary.in(folder);
        if (runs.isEmpty()) {
            out().println(folder + ": holds no runs");
        } else {
            out().print(table(runs));
        }
        return DONE;
    }

    private static String table(List<RunSummary> runs) {
        List<String> differing = differing(runs);
        List<List<String>> rows = new ArrayList<>();
        List<String> heading = new ArrayList<>(List.of("run", "ended", "exact", "F1", "time", "state"));
        heading.addAll(differing);
        rows.add(heading);
        for (RunSummary run : runs) {
            List<String> row = new ArrayList<>(List.of(
                    Printable.of(run.name()),
                    TIME.format(run.changed()),
                    score(run.exact()),
                    score(run.f1()),
                    time(run),
                    state(run)));
            differing.forEach(key -> row.add(shortened(run.settings().getOrDefault(key, ""))));
            rows.add(row);
        }
        Column[] columns = new Column[heading.size()];
        for (int i = 0; i < columns.length; i++) {
            int column = i;
            int width = rows.stream()
                    .mapToInt(row -> row.get(column).length())
                    .max()
                    .orElseThrow();
            columns[i] = new Column(width + 2, 0, Column.Overflow.TRUNCATE);
        }
        ColorScheme plain = new ColorScheme.Builder(Ansi.OFF).build();
        TextTable table = TextTable.forColumns(plain, columns);
        rows.forEach(row -> table.addRowValues(row.toArray(String[]::new)));
        return table.toString();
    }

    /** Returns the settings in which the runs with known settings differ. */
    private static List<String> differing(List<RunSummary> runs) {
        List<RunSummary> known =
                runs.stream().filter(run -> !run.settings().isEmpty()).toList();
        TreeSet<String> keys = new TreeSet<>();
        known.forEach(run -> keys.addAll(run.settings().keySet()));
        keys.removeIf(key -> known.stream()
                        .map(run -> run.settings().getOrDefault(key, ""))
                        .distinct()
                        .count()
                < 2);
        return List.copyOf(keys);
    }

    private static String score(OptionalDouble percent) {
        return percent.isPresent() ? String.format(Locale.ROOT, "%.2f", percent.getAsDouble()) : "";
    }

    private static String time(RunSummary run) {
        Duration time = Duration.ofSeconds(Math.round(run.seconds()));
        return time.toHours() > 0
                ? String.format(Locale.ROOT, "%d h %d min", time.toHours(), time.toMinutesPart())
                : String.format(Locale.ROOT, "%d min %d s", time.toMinutes(), time.toSecondsPart());
    }

    private static String state(RunSummary run) {
        return shortened(run.state());
    }

    private static String shortened(String text) {
        String line = Printable.plain(text);
        return line.length() > WIDEST ? line.substring(0, WIDEST - 1) + "…" : line;
    }
}
