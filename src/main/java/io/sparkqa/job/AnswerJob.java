package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.files.FileUri;
import io.sparkqa.files.Staging;
import io.sparkqa.files.Trees;
import io.sparkqa.run.StageRun;
import io.sparkqa.run.ThresholdInUse;
import io.sparkqa.spark.AnsweredTable;
import io.sparkqa.spark.RobertaQuestionAnsweringModel;
import io.sparkqa.spark.TaskDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The answer stage: answers the questions of any table with the run's model ({@code CONF INPUT OUTPUT}). */
@Command(
        name = "answer",
        description = {
            "Answers the questions of a table with a run's model: CONF INPUT OUTPUT [key=value ...].",
            "INPUT is a file or folder whose name ends in .csv (with a header), .json, .jsonl (one object per line) or"
                    + " .parquet; OUTPUT is a folder whose name ends in the same way, which determines its format.",
            "All columns are kept; a column with the answers is added."
        })
public final class AnswerJob extends Stage {
    @Option(names = "--question", paramLabel = "COLUMN", description = "Column of questions; default: question.")
    private String question = "question";

    @Option(names = "--context", paramLabel = "COLUMN", description = "Column of texts; default: context.")
    private String context = "context";

    @Option(names = "--answer", paramLabel = "COLUMN", description = "New column of answers; default: answer.")
    private String answer = "answer";

    private Path input;
    private Path output;

    public static void main(String[] arguments) {
        System.exit(new AnswerJob().run(arguments));
    }

    /** Takes out the two arguments that are not settings, the tables. */
    @Override
    protected List<String> overrides(List<String> arguments) {
        List<String> tables = arguments.stream()
                .filter(argument -> !SqlJob.OVERRIDE.matcher(argument).matches())
                .toList();
        if (tables.size() != 2) {
            throw new WrongUse("%s tables given; give two: INPUT, whose questions are answered, and OUTPUT"
                    .formatted(tables.size()));
        }
        input = Path.of(tables.get(0));
        output = Path.of(tables.get(1));
        return arguments.stream().filter(argument -> !tables.contains(argument)).toList();
    }

    @Override
    protected boolean recordsSettings() {
        return false;
    }

    @Override
    protected void work(StageRun run) throws Exception {
        AnsweredTable from = AnsweredTable.of(input.toString());
        AnsweredTable to = AnsweredTable.of(output.toString());
        if (!Files.exists(input)) {
            throw new UserError("%s: no such file or folder (working directory: %s)"
                    .formatted(input, Path.of("").toAbsolutePath()));
        }
        if (Files.exists(output) && !run.forced()) {
            throw new WrongUse("%s already exists; name another output, or replace it with --force".formatted(output));
        }
        if (Files.exists(output) && input.toRealPath().startsWith(output.toRealPath())) {
            throw new WrongUse("%s: the table of questions would be replaced; name another output".formatted(output));
        }
        if (from == AnsweredTable.CSV && Files.isDirectory(input)) {
            AnsweredTable.requireOneHeader(input);
        }
        Path staging = Staging.of(output);
        try {
            Trees.delete(staging);
            long rows = answer(run, from, to, staging);
            Staging.publish(staging, output);
            run.say("answer: %,d rows answered; see %s".formatted(rows, output));
        } finally {
            Trees.delete(staging);
        }
    }

    /** Writes the table with answers, and returns the number of its rows. */
    // Spark throws checked exceptions that it does not declare
    @SuppressWarnings("CatchingUnchecked")
    private long answer(StageRun run, AnsweredTable from, AnsweredTable to, Path staging) throws Exception {
        try {
            Dataset<Row> answered = answered(run, from.read(run.spark(), FileUri.toRead(input)));
            run.computesOn(TaskDevice.inWords(
                    run.spark().sparkContext(), run.experiment().train()));
            to.write(answered, answer, FileUri.of(staging));
        } catch (Exception e) {
            Optional<String> problem = from.problem(e);
            if (problem.isPresent()) {
                throw new UserError("%s: %s".formatted(input, problem.get()), e);
            }
            throw e;
        }
        return to.read(run.spark(), FileUri.toRead(staging)).count();
    }

    private Dataset<Row> answered(StageRun run, Dataset<Row> table) {
        Experiment experiment = run.experiment();
        Experiment.Decode decode = experiment.decode();
        Path model = DecodeJob.model(run).folder();
        try {
            RobertaQuestionAnsweringModel stage = new RobertaQuestionAnsweringModel()
                    .setModelFolder(model.toString())
                    .setQuestionCol(question)
                    .setContextCol(context)
                    .setAnswerCol(answer)
                    .setMaxLength(experiment.features().maxLength())
                    .setStride(experiment.features().stride())
                    .setDtype(experiment.train().dtype().name().toLowerCase(Locale.ROOT))
                    .setDevice(experiment.train().device())
                    .setNBest(decode.nBest())
                    .setDuplicates(decode.duplicates().name().toLowerCase(Locale.ROOT))
                    .setMaxAnswerLength(decode.maxAnswerLength())
                    .setNullThreshold(ThresholdInUse.of(experiment, model));
            if (!decode.batchTokens().isAuto()) {
                stage.setBatchTokens(decode.batchTokens().or(0));
            }
            return stage.transform(table);
        } catch (IllegalArgumentException e) {
            throw new UserError(
                    "%s: %s; the table has %s; --question, --context and --answer name the columns"
                            .formatted(input, e.getMessage(), String.join(", ", table.columns())),
                    e);
        }
    }
}
