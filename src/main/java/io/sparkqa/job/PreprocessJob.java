package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.files.FileUri;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.StageRun;
import io.sparkqa.run.TokenizerFit;
import io.sparkqa.spark.ExampleRow;
import io.sparkqa.spark.ParquetTable;
import io.sparkqa.spark.SquadParquet;
import io.sparkqa.spark.SquadTable;
import io.sparkqa.spark.SquadWindows;
import io.sparkqa.spark.WindowCounts;
import io.sparkqa.squad.Example;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.TokenizerMark;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.api.java.function.FilterFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import picocli.CommandLine.Command;

/** Reads the questions of every split and cuts them into windows. */
@Command(
        name = "preprocess",
        description = "Reads SQuAD files into tables and cuts questions and contexts into windows of tokens.")
public final class PreprocessJob extends Stage {
    private static final String TRAIN = "train";

    public static void main(String[] arguments) {
        System.exit(new PreprocessJob().run(arguments));
    }

    @Override
    protected void work(StageRun run) throws Exception {
        Map<String, List<Path>> splits = run.inputs().splits();
        if (splits.isEmpty()) {
            throw new UserError("no data set: set data.train and data.dev to SQuAD files");
        }
        Path tokenizer = run.inputs().tokenizer();
        String tokenizerDigest;
        try (PairTokenizer opened = PairTokenizer.open(tokenizer)) {
            TokenizerFit.check(run.experiment(), run.inputs(), opened);
            tokenizerDigest = opened.sha256();
        }
        for (Map.Entry<String, List<Path>> split : splits.entrySet()) {
            RunFolder folder = run.folder();
            String name = split.getKey();
            run.step("windows-" + name)
                    .reads(split.getValue().toArray(Path[]::new))
                    .settings("features")
                    .dependsOn("tokenizer", tokenizerDigest)
                    .makes(folder.examples(name), folder.windows(name))
                    .by(staging -> preprocess(run, name, split.getValue(), tokenizer, staging));
        }
    }

    private static String preprocess(
            StageRun run, String split, List<Path> sources, Path tokenizer, UnaryOperator<Path> staging)
            throws Exception {
        SparkSession spark = run.spark();
        Path staged = staging.apply(run.folder().examples(split));
        Path first = sources.get(0);
        Path source = sources.size() == 1 ? first : first.getParent();
        run.describe(split, "questions of " + source + " → examples");
        SquadTable.Questions questions =
                SquadParquet.isMeantBy(first) ? SquadParquet.open(spark, sources) : SquadTable.open(spark, first);
        LongAccumulator read = spark.sparkContext().longAccumulator("questions read");
        LongAccumulator empty = spark.sparkContext().longAccumulator("questions with an empty answer");
        LongAccumulator misplaced = spark.sparkContext().longAccumulator("questions with a misplaced answer");
        try (AutoCloseable progress = run.watch(read, "questions read", questions.count())) {
            questions
                    .table()
                    .filter((FilterFunction<Row>) row -> {
                        Example example = ExampleRow.toExample(row);
                        read.add(1);
                        empty.add(example.hasEmptyAnswer() ? 1 : 0);
                        misplaced.add(example.misplacedAnswers().isEmpty() ? 0 : 1);
                        return true;
                    })
                    .write()
                    .parquet(FileUri.of(staged));
        }
        run.describe(split, "examples checked");
        Dataset<Row> examples = ParquetTable.read(spark, staged);
        SquadTable.requireDistinctIds(examples, source);
        if (empty.value() > 0) {
            throw SquadTable.emptyAnswers(examples, source);
        }
        if (split.equals(TRAIN)) {
            SquadTable.requireLabelled(examples, source, "training");
        }
        if (misplaced.value() > 0 && run.experiment().features().mismatch() == Experiment.Remedy.ERROR) {
            throw misplaced(source, examples, misplaced.value());
        }
        boolean leavesOut = misplaced.value() > 0 && split.equals(TRAIN);

        run.describe(split, "examples → windows");
        WindowCounts counts = WindowCounts.in(spark.sparkContext());
        try (AutoCloseable progress = run.watch(counts.questions(), "questions", questions.count())) {
            stage(run.experiment(), tokenizer)
                    .transform(leavesOut ? SquadTable.whereAnswersFit(examples, true) : examples, counts)
                    .write()
                    .format("arrow")
                    .options(TokenizerMark.options(tokenizer))
                    .save(FileUri.of(staging.apply(run.folder().windows(split))));
        }
        return inWords(split, questions.count(), leavesOut ? misplaced.value() : 0, counts);
    }

    private static SquadWindows stage(Experiment experiment, Path tokenizer) {
        return new SquadWindows()
                .setTokenizer(tokenizer)
                .setMaxLength(experiment.features().maxLength())
                .setStride(experiment.features().stride())
                .setTooLong(experiment.features().tooLong().name().toLowerCase(Locale.ROOT));
    }

    private static UserError misplaced(Path source, Dataset<Row> examples, long count) {
        return new UserError(
                "%s: %s; correct the file, or set features.mismatch = skip to leave such questions out of training"
                        .formatted(
                                source,
                                SquadTable.misplacedInWords(SquadTable.whereAnswersFit(examples, false), count)));
    }

    private static String inWords(String split, long questions, long leftOut, WindowCounts counts) {
        StringBuilder words = new StringBuilder("%s: %,d questions in %,d windows (%,d questions in several)"
                .formatted(
                        split,
                        questions,
                        counts.windows().value(),
                        counts.divided().value()));
        if (leftOut > 0) {
            words.append(", %,d left out because their answers are misplaced".formatted(leftOut));
        }
        if (counts.tooLong().value() > 0) {
            words.append(
                    ", %,d too long for a window".formatted(counts.tooLong().value()));
        }
        return words.toString();
    }
}
