package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.squad.SquadParquet;
import io.sparkqa.squad.SquadTable;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.SquadWindows;
import io.sparkqa.window.TokenizerMark;
import io.sparkqa.window.WindowCounts;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
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
            throw new UserError("nothing to read: set data.train and data.dev to SQuAD files");
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
                    .by(beside -> preprocess(run, name, split.getValue(), tokenizer, beside));
        }
    }

    private static String preprocess(
            StageRun run, String split, List<Path> sources, Path tokenizer, UnaryOperator<Path> beside)
            throws Exception {
        SparkSession spark = run.spark();
        spark.sparkContext().setJobDescription(split + ": questions");
        String examplesPath = RunFolder.uri(beside.apply(run.folder().examples(split)));
        Path first = sources.get(0);
        Path source = sources.size() == 1 ? first : first.getParent();
        Dataset<Row> read =
                SquadParquet.isMeantBy(first) ? SquadParquet.read(spark, sources) : SquadTable.read(spark, first);
        read.write().parquet(examplesPath);
        Dataset<Row> examples = spark.read().parquet(examplesPath);
        long questions = examples.count();
        SquadTable.requireDistinctIds(examples, source);
        long misplaced = misplaced(run.experiment().features().mismatch(), source, examples);
        boolean leavesOut = misplaced > 0 && split.equals(TRAIN);

        spark.sparkContext().setJobDescription(split + ": windows");
        WindowCounts counts = WindowCounts.in(spark.sparkContext());
        try (AutoCloseable progress = run.watch(counts.questions(), "questions", questions)) {
            stage(run.experiment(), tokenizer)
                    .transform(leavesOut ? SquadTable.whereAnswersFit(examples, true) : examples, counts)
                    .write()
                    .format("arrow")
                    .options(TokenizerMark.options(tokenizer))
                    .save(RunFolder.uri(beside.apply(run.folder().windows(split))));
        }
        return inWords(split, questions, leavesOut ? misplaced : 0, counts);
    }

    private static SquadWindows stage(Experiment experiment, Path tokenizer) {
        return new SquadWindows()
                .setTokenizer(tokenizer)
                .setMaxLength(experiment.features().maxLength())
                .setStride(experiment.features().stride())
                .setTooLong(experiment.features().tooLong().name().toLowerCase(Locale.ROOT));
    }

    /** The number of questions with an answer that is not at its place, if that is no reason to stop. */
    private static long misplaced(Experiment.Remedy remedy, Path source, Dataset<Row> examples) {
        Dataset<Row> misplaced = SquadTable.whereAnswersFit(examples, false);
        long count = misplaced.count();
        if (count > 0 && remedy == Experiment.Remedy.ERROR) {
            throw new UserError(
                    "%s: %s; correct the file, or leave such questions out of training by features.mismatch = skip"
                            .formatted(source, SquadTable.misplacedInWords(misplaced, count)));
        }
        return count;
    }

    private static String inWords(String split, long questions, long leftOut, WindowCounts counts) {
        StringBuilder words = new StringBuilder("%s: %,d questions in %,d windows (%,d questions in several)"
                .formatted(
                        split,
                        questions,
                        counts.windows().value(),
                        counts.divided().value()));
        if (leftOut > 0) {
            words.append(", %,d left out as their answers are misplaced".formatted(leftOut));
        }
        if (counts.tooLong().value() > 0) {
            words.append(
                    ", %,d too long for a window".formatted(counts.tooLong().value()));
        }
        return words.toString();
    }
}
