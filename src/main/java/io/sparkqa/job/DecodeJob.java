package io.sparkqa.job;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.progress.Progress;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.StageRun;
import io.sparkqa.spark.AnswerFiles;
import io.sparkqa.spark.RobertaQuestionAnsweringModel;
import io.sparkqa.window.TokenizerMark;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import picocli.CommandLine.Command;

/** Answers the questions of all splits except train. */
@Command(
        name = "decode",
        description = "Answers questions with the fine-tuned model, or with model.from if none was trained.")
public final class DecodeJob extends Stage {
    public static void main(String[] arguments) {
        System.exit(new DecodeJob().run(arguments));
    }

    @Override
    protected void work(StageRun run) throws Exception {
        Model model = model(run);
        for (String split : splits(run)) {
            RunFolder folder = run.folder();
            run.step("decode-" + split)
                    .reads(model.folder, folder.examples(split), folder.windows(split))
                    .settings("decode", "train.dtype")
                    .makes(
                            folder.answers(split),
                            folder.predictions(split),
                            folder.nullOdds(split),
                            folder.nbestPredictions(split))
                    .by(staging -> decode(run, model, split, staging));
        }
    }

    /**
     * The model to decode with.
     *
     * @param folder HuggingFace folder of the model
     * @param tokenizer tokenizer.json of the model, or its folder
     */
    record Model(Path folder, Path tokenizer) {}

    /** Returns the splits to answer and evaluate. */
    static Set<String> splits(StageRun run) {
        Set<String> splits = run.experiment().data().evaluated().keySet();
        if (splits.isEmpty()) {
            throw new WrongUse("data.dev is not set, so there are no questions to answer; set it to a SQuAD file");
        }
        return splits;
    }

    /** Returns the model to answer with: the trained one, or else model.from. */
    static Model model(StageRun run) {
        Path trained = run.folder().model();
        if (run.isComplete(trained)) {
            return new Model(trained, trained);
        }
        Path start = run.inputs()
                .model()
                .orElseThrow(
                        () -> new UserError(
                                trained
                                        + ": no model there, and model.from names none; run jobs/train.sh with this configuration, or set model.from to a fine-tuned model"));
        return new Model(start, run.inputs().tokenizer());
    }

    private static String decode(StageRun run, Model model, String split, UnaryOperator<Path> staging)
            throws Exception {
        RunFolder folder = run.folder();
        TokenizerMark.check(folder.windows(split), model.tokenizer);
        SparkSession spark = run.spark();
        run.describe(split, "windows counted");
        Dataset<Row> examples = spark.read().parquet(RunFolder.uri(folder.examples(split)));
        Dataset<Row> windows = spark.read().format("arrow").load(RunFolder.uri(folder.windows(split)));
        Path answers = staging.apply(folder.answers(split));
        LongAccumulator done = spark.sparkContext().longAccumulator("windows");
        long total = windows.count();
        run.describe(split, "windows → logits → answers");
        try (AutoCloseable progress = run.watch(done, "windows", total)) {
            stage(run.experiment(), model.folder)
                    .answers(examples, windows, done)
                    .orderBy("example_index")
                    .write()
                    .parquet(RunFolder.uri(answers));
        }
        run.describe(split, "answers → JSON files");
        Dataset<Row> written = spark.read().parquet(RunFolder.uri(answers));
        long questions = written.count();
        try (Progress progress = Progress.of("decode", "answers written", questions)) {
            AnswerFiles.write(
                    written,
                    staging.apply(folder.predictions(split)),
                    staging.apply(folder.nullOdds(split)),
                    staging.apply(folder.nbestPredictions(split)),
                    () -> progress.add(1));
        }
        return "%,d questions of %s answered from %,d windows".formatted(questions, split, total);
    }

    static RobertaQuestionAnsweringModel stage(Experiment experiment, Path model) {
        Experiment.Decode decode = experiment.decode();
        return new RobertaQuestionAnsweringModel()
                .setModelFolder(model.toAbsolutePath().toString())
                .setDtype(experiment.train().dtype().name().toLowerCase(Locale.ROOT))
                .setDevice(experiment.train().device())
                .setBatchTokens(decode.batchTokens())
                .setNBest(decode.nBest())
                .setMaxAnswerLength(decode.maxAnswerLength())
                .setNullThreshold(decode.nullThreshold());
    }
}
