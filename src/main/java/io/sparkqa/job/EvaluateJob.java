package io.sparkqa.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.evaluate.QuestionKind;
import io.sparkqa.evaluate.Scoreboard;
import io.sparkqa.files.FileUri;
import io.sparkqa.run.CachedStep;
import io.sparkqa.run.RunCard;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.StageRun;
import io.sparkqa.spark.ParquetTable;
import io.sparkqa.spark.ScoresTable;
import io.sparkqa.spark.SquadTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import picocli.CommandLine.Command;

/** Computes SQuAD 2.0's official metrics of a run's answers or, given the official script's arguments, of any predictions. */
@Command(
        name = "evaluate",
        description = {
            "Computes SQuAD 2.0's official metrics of the answers.",
            "Also takes the official script's arguments, without Spark and run folder: data.json predictions.json"
                    + " [-o eval.json] [-n na_prob.json] [-t NUMBER] [-p FOLDER] [-v]"
        })
public final class EvaluateJob extends Stage {
    public static void main(String[] arguments) {
        System.exit(
                OfficialScript.isMeantBy(arguments)
                        ? new OfficialScript().run(arguments)
                        : new EvaluateJob().run(arguments));
    }

    @Override
    protected void work(StageRun run) throws Exception {
        Optional<Pattern> kind =
                QuestionKind.pattern(run.experiment().evaluate().kind());
        for (String split : DecodeJob.splits(run)) {
            evaluate(run, split, kind);
        }
        new RunCard(run).fillIn();
    }

    private static void evaluate(StageRun run, String split, Optional<Pattern> kind) throws Exception {
        RunFolder folder = run.folder();
        CachedStep step = run.step("evaluate-" + split)
                .reads(folder.examples(split), folder.answers(split))
                .settings("evaluate")
                .makes(folder.scores(split), folder.metrics(split), folder.thresholds(split));
        if (kind.isPresent()) {
            step.makes(folder.metricsByKind(split));
        }
        boolean made = step.by(staging -> {
            SparkSession spark = run.spark();
            run.describe(split, "answers → scores");
            Dataset<Row> examples = ParquetTable.read(spark, folder.examples(split));
            long questions = ParquetTable.rows(folder.examples(split));
            Path scores = staging.apply(folder.scores(split));
            Dataset<Row> answers = ParquetTable.read(spark, folder.answers(split));
            LongAccumulator done = spark.sparkContext().longAccumulator("questions scored");
            try (AutoCloseable progress = run.watch(done, "questions", questions)) {
                ScoresTable.of(examples, answers, questions, done).write().parquet(FileUri.of(scores));
            } catch (Exception e) {
                // a task stops at the first question without answers; the message counts them all
                SquadTable.requireLabelled(examples, folder.examples(split), "evaluate");
                throw e;
            }
            run.describe(split, "scores → metrics");
            Scoreboard scoreboard = ScoresTable.sum(ParquetTable.read(spark, scores), questions, kind);
            write(scoreboard, folder, split, staging);
            scoreboard.table(split).forEach(run::say);
            return "%,d questions of %s".formatted(scoreboard.all().all().total(), split);
        });
        if (!made) {
            JsonNode metrics = new ObjectMapper().readTree(folder.metrics(split).toFile());
            run.say(String.format(
                    Locale.ROOT,
                    "%s: exact %.2f, F1 %.2f, %,d questions",
                    split,
                    metrics.get("exact").asDouble(),
                    metrics.get("f1").asDouble(),
                    metrics.get("total").asInt()));
        }
    }

    private static void write(Scoreboard scoreboard, RunFolder folder, String split, UnaryOperator<Path> staging)
            throws IOException {
        Files.writeString(staging.apply(folder.metrics(split)), scoreboard.all().toIndentedJson() + "\n");
        Files.writeString(staging.apply(folder.thresholds(split)), scoreboard.thresholdsJson());
        if (!scoreboard.byKind().isEmpty()) {
            Files.writeString(staging.apply(folder.metricsByKind(split)), scoreboard.byKindJson());
        }
    }
}
