package io.sparkqa.job;

import io.sparkqa.config.NullThreshold;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.decode.Calibration;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.evaluate.Scoreboard;
import io.sparkqa.evaluate.SquadMetrics;
import io.sparkqa.files.FileUri;
import io.sparkqa.files.Staging;
import io.sparkqa.progress.Progress;
import io.sparkqa.run.CachedStep;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.StageRun;
import io.sparkqa.run.ThresholdInUse;
import io.sparkqa.spark.AnswerFiles;
import io.sparkqa.spark.AnswersTable;
import io.sparkqa.spark.ParquetTable;
import io.sparkqa.spark.ScoresTable;
import io.sparkqa.spark.SquadTable;
import io.sparkqa.spark.TaskDevice;
import io.sparkqa.spark.TopLogitsTable;
import io.sparkqa.window.TokenizerMark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
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
    private static final String DEV = "dev";

    /** The manifest's name for the number of logits that are kept of each window. */
    private static final String KEPT = "logits kept of a window";

    /** The manifest's name for the null threshold of the answers. */
    static final String NULL_THRESHOLD = "null threshold";

    /** The settings that determine the candidates of a question. */
    private static final String[] CANDIDATES = {"decode.n_best", "decode.max_answer_length", "decode.duplicates"};

    private boolean hasSaidDevice;

    public static void main(String[] arguments) {
        System.exit(new DecodeJob().run(arguments));
    }

    @Override
    protected void work(StageRun run) throws Exception {
        Model model = model(run);
        Set<String> splits = splits(run);
        boolean calibrates = run.experiment()
                .decode()
                .nullThreshold()
                .filter(NullThreshold::isAuto)
                .isPresent();
        if (calibrates && !splits.contains(DEV)) {
            throw new WrongUse(
                    "decode.null_threshold = auto finds the threshold on dev; set data.dev too, or set a number");
        }
        for (String split : splits) {
            computeLogits(run, model, split);
        }
        if (calibrates) {
            calibrate(run, model);
        }
        double threshold = ThresholdInUse.of(run.experiment(), model.folder);
        for (String split : splits) {
            answer(run, split, threshold);
        }
    }

    /** Computes the logits of a split's windows and keeps the highest, at least decode.n_best of them. */
    private void computeLogits(StageRun run, Model model, String split) throws Exception {
        RunFolder folder = run.folder();
        CachedStep step = run.step("logits-" + split)
                .reads(model.folder, folder.windows(split))
                .settings("train.dtype")
                .settingOrAuto("decode.batch_tokens")
                .makes(folder.logits(split))
                .hasColumns(folder.logits(split), TopLogitsTable.SCHEMA);
        int kept = Math.max(
                run.experiment().decode().nBest(),
                step.earlier(KEPT)
                        .filter(number -> number.matches("[0-9]{1,9}"))
                        .map(Integer::parseInt)
                        .orElse(0));
        step.dependsOn(KEPT, Integer.toString(kept));
        step.by(staging -> {
            TokenizerMark.check(folder.windows(split), model.tokenizer);
            SparkSession spark = run.spark();
            if (!hasSaidDevice) {
                run.describe(split, "devices of the executors");
                run.computesOn(TaskDevice.inWords(
                        spark.sparkContext(), run.experiment().train()));
                hasSaidDevice = true;
            }
            run.describe(split, "windows counted");
            Dataset<Row> windows = spark.read().format("arrow").load(FileUri.toRead(folder.windows(split)));
            LongAccumulator done = spark.sparkContext().longAccumulator("windows");
            long total = windows.count();
            run.describe(split, "windows → logits");
            try (AutoCloseable progress = run.watch(done, "windows", total)) {
                TopLogitsTable.of(windows, model.folder, run.experiment(), kept, done)
                        .write()
                        .parquet(FileUri.of(staging.apply(folder.logits(split))));
            }
            return "%,d windows of %s through the network".formatted(total, split);
        });
    }

    /** Finds the null threshold with the best F1 on dev and saves it with the model. */
    private static void calibrate(StageRun run, Model model) throws Exception {
        RunFolder folder = run.folder();
        String name = run.isComplete(folder.model())
                ? folder.model().toString()
                : run.experiment().model().from().orElseThrow();
        run.step("null-threshold")
                .reads(folder.logits(DEV), folder.examples(DEV))
                .settings(CANDIDATES)
                .dependsOn("model", name)
                .makes(folder.calibration())
                .by(staging -> {
                    run.describe(DEV, "logits → best null threshold");
                    Dataset<Row> examples = read(run, folder.examples(DEV));
                    long questions =
                            SquadTable.requireLabelled(examples, folder.examples(DEV), "decode.null_threshold = auto");
                    Dataset<Row> answers = AnswersTable.of(
                            examples,
                            read(run, folder.logits(DEV)),
                            SpanDecoder.of(run.experiment().decode()),
                            0);
                    LongAccumulator done = run.spark().sparkContext().longAccumulator("questions scored");
                    Scoreboard scores = ScoresTable.sum(
                            ScoresTable.of(examples, answers, questions, done).cache(), questions, Optional.empty());
                    SquadMetrics.Threshold best = scores.thresholds().f1();
                    Calibration calibration = new Calibration(
                            best.nullOdds(),
                            name,
                            run.experiment().data().dev().orElseThrow(),
                            scores.all().all().total(),
                            best.score());
                    Files.write(staging.apply(folder.calibration()), calibration.toJson());
                    return String.format(
                            Locale.ROOT,
                            "null threshold %s, which gives F1 %.2f on dev",
                            best.nullOdds(),
                            best.score());
                });
        if (model.folder.equals(folder.model())) {
            Staging.write(model.folder.resolve(Calibration.FILE), Files.readAllBytes(folder.calibration()));
        }
    }

    /** Finds the answers to a split's questions in the kept logits. */
    private static void answer(StageRun run, String split, double threshold) throws Exception {
        RunFolder folder = run.folder();
        run.step("decode-" + split)
                .reads(folder.logits(split), folder.examples(split))
                .settings(CANDIDATES)
                .dependsOn(NULL_THRESHOLD, Double.toString(threshold))
                .makes(
                        folder.answers(split),
                        folder.predictions(split),
                        folder.nullOdds(split),
                        folder.nbestPredictions(split),
                        folder.places(split))
                .hasColumns(folder.answers(split), AnswersTable.SCHEMA)
                .by(staging -> {
                    run.describe(split, "logits → answers");
                    Path answers = staging.apply(folder.answers(split));
                    AnswersTable.of(
                                    read(run, folder.examples(split)),
                                    read(run, folder.logits(split)),
                                    SpanDecoder.of(run.experiment().decode()),
                                    threshold)
                            .orderBy("example_index")
                            .write()
                            .parquet(FileUri.of(answers));
                    run.describe(split, "answers → JSON files");
                    Dataset<Row> written = read(run, answers);
                    long questions = written.count();
                    try (Progress progress = Progress.of("decode", "answers written", questions)) {
                        AnswerFiles.write(
                                written,
                                staging.apply(folder.predictions(split)),
                                staging.apply(folder.nullOdds(split)),
                                staging.apply(folder.nbestPredictions(split)),
                                staging.apply(folder.places(split)),
                                () -> progress.add(1));
                    }
                    return "%,d questions of %s answered".formatted(questions, split);
                });
    }

    private static Dataset<Row> read(StageRun run, Path table) {
        return ParquetTable.read(run.spark(), table);
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
                                        + ": no model, and model.from is not set; run jobs/train.sh with this configuration, or set model.from to a fine-tuned model"));
        return new Model(start, run.inputs().tokenizer());
    }
}
