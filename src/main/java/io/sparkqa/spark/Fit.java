package io.sparkqa.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.exists;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import ai.djl.Device;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Checksum;
import io.sparkqa.files.FileUri;
import io.sparkqa.files.Staging;
import io.sparkqa.files.Trees;
import io.sparkqa.hub.ModelFiles;
import io.sparkqa.model.ModelCard;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.torch.NativeScratch;
import io.sparkqa.train.Checkpoints;
import io.sparkqa.train.OptimizerStep;
import io.sparkqa.train.StopRequest;
import io.sparkqa.train.Trainer;
import io.sparkqa.train.TrainingListener;
import io.sparkqa.window.TokenizerMark;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@link RobertaQuestionAnswering#fit} does: table → examples → windows → model folder. */
final class Fit {
    private static final Logger LOG = LoggerFactory.getLogger(Fit.class);
    private static final int DIGITS = 16;

    private final RobertaQuestionAnswering stage;
    private final Map<String, String> settings;
    private final Experiment experiment;
    private final Path start;
    private final Path output;

    Fit(RobertaQuestionAnswering stage) {
        this.stage = stage;
        this.settings = SettingParams.settings(stage);
        this.experiment = ExperimentReader.of(settings);
        this.start = Path.of(stage.getOrDefault(stage.startFolder())).toAbsolutePath();
        this.output = Path.of(stage.getOrDefault(stage.outputFolder())).toAbsolutePath();
    }

    /** Returns the folder of the model, trained unless it is there already. */
    Path run(Dataset<Row> table) {
        NativeScratch.choose();
        SharedTokenizer.ofModel(RobertaQuestionAnswering.NAME, start);
        Dataset<Row> examples = examples(table).persist(StorageLevel.MEMORY_AND_DISK());
        Path staging = Staging.of(output.resolve("windows-" + UUID.randomUUID()));
        try {
            requireUsable(examples);
            new SquadWindows()
                    .setTokenizer(start)
                    .setMaxLength(Math.min(
                            experiment.features().maxLength(),
                            ModelFolder.config(start).longestWindow()))
                    .setStride(experiment.features().stride())
                    .setTooLong(stage.getOrDefault(stage.tooLong()))
                    .transform(
                            SquadTable.whereAnswersFit(examples, true),
                            WindowCounts.in(table.sparkSession().sparkContext()))
                    .write()
                    .format("arrow")
                    .options(TokenizerMark.options(start))
                    .save(FileUri.of(staging));
            Map<String, String> decisive = decisive(staging);
            Path folder = output.resolve(name(decisive));
            Path model = folder.resolve("model");
            if (!Files.exists(model)) {
                Path windows = folder.resolve("windows");
                Files.createDirectories(folder);
                Staging.publish(staging, windows);
                Checkpoints checkpoints = new Checkpoints(
                        folder.resolve("checkpoints"), experiment.train().keep(), decisive, LOG::warn);
                train(table, windows, checkpoints, decisive, model);
                checkpoints.clear();
                Trees.delete(folder.resolve("checkpoints"));
                Trees.delete(windows);
            }
            return model;
        } catch (IOException e) {
            throw new UserError(
                    "%s: can't be written: %s; set outputFolder to another folder".formatted(output, Reason.of(e)), e);
        } finally {
            examples.unpersist();
            delete(staging);
        }
    }

    private Dataset<Row> examples(Dataset<Row> table) {
        Column question = column(stage.getOrDefault(stage.questionCol()));
        Column answers = column(stage.getOrDefault(stage.labelCol()));
        return table.select(
                monotonically_increasing_id().as("example_index"),
                // messages name a question by its text
                question.as("id"),
                lit("").as("title"),
                column(stage.getOrDefault(stage.contextCol())).as("context"),
                question.as("question"),
                transform(
                                answers,
                                answer -> struct(
                                        answer.getField("text").as("text"),
                                        answer.getField("answer_start")
                                                .cast(DataTypes.IntegerType)
                                                .as("answer_start")))
                        .as("answers"),
                size(answers).equalTo(0).as("is_impossible"));
    }

    private static Column column(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }

    private void requireUsable(Dataset<Row> examples) {
        Column emptyAnswer =
                exists(col("answers"), answer -> answer.getField("text").equalTo(""));
        Row unusable = examples.agg(
                        count("*"),
                        count(when(col("question").isNull(), 1)),
                        count(when(col("context").isNull(), 1)),
                        count(when(col("answers").isNull(), 1)),
                        count(when(emptyAnswer, 1)))
                .first();
        if (unusable.getLong(0) == 0) {
            throw new UserError(RobertaQuestionAnswering.NAME + ": the table has no rows to train on");
        }
        refuse(unusable.getLong(1), "null", stage.getOrDefault(stage.questionCol()), "fill or filter such rows");
        refuse(unusable.getLong(2), "null", stage.getOrDefault(stage.contextCol()), "fill or filter such rows");
        String label = stage.getOrDefault(stage.labelCol());
        refuse(unusable.getLong(3), "null", label, "an empty array says that the text has no answer");
        refuse(unusable.getLong(4), "an answer without text", label, "an empty array says that the text has no answer");
        Dataset<Row> misplaced = SquadTable.whereAnswersFit(examples, false);
        long count = misplaced.count();
        if (count > 0 && experiment.features().mismatch() == Experiment.Remedy.ERROR) {
            throw new UserError("%s: %s; correct the table, or leave such questions out with setMismatch(\"skip\")"
                    .formatted(RobertaQuestionAnswering.NAME, SquadTable.misplacedInWords(misplaced, count)));
        }
    }

    private static void refuse(long rows, String what, String column, String remedy) {
        if (rows > 0) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "%s: column %s holds %s in %,d rows; %s",
                    RobertaQuestionAnswering.NAME,
                    column,
                    what,
                    rows,
                    remedy));
        }
    }

    /** Returns all that decides what the model will be. */
    private Map<String, String> decisive(Path windows) throws IOException {
        Map<String, String> decisive = new TreeMap<>(FineTuning.decisive(settings, "train|features"));
        decisive.put("train.dtype", FineTuning.arithmetic(experiment.train()));
        List<Path> model = new ArrayList<>(ModelFiles.weights(start));
        model.add(start.resolve(ModelFiles.CONFIG));
        decisive.put("contents of startFolder", digest(model));
        try (Stream<Path> files = Files.list(windows)) {
            decisive.put(
                    "contents of the table",
                    digest(files.filter(file -> file.getFileName().toString().matches("part-.*"))
                            .sorted()
                            .toList()));
        }
        return decisive;
    }

    private static String digest(List<Path> files) throws IOException {
        Checksum sum = Checksum.sha256();
        for (Path file : files) {
            sum.add(file);
        }
        return sum.hex();
    }

    private static String name(Map<String, String> decisive) {
        return Checksum.sha256().add(decisive.toString()).hex().substring(0, DIGITS);
    }

    private void train(
            Dataset<Row> table, Path windows, Checkpoints checkpoints, Map<String, String> decisive, Path model)
            throws IOException {
        Experiment.Train train = experiment.train();
        Device device = FineTuning.device(train);
        ModelFolder.Weights weights = ModelFolder.read(start, train.seed());
        try (RobertaForQuestionAnswering network = Trainer.network(train, weights, device);
                WindowTable rows = WindowTable.open(windows)) {
            LOG.info("Training on {} windows on {}", rows.size(), device);
            new FineTuning(settings, start.resolve(ModelFiles.CONFIG), windows, checkpoints, new StopRequest())
                    .run(() -> table.sparkSession().sparkContext(), network, rows, steps(train), step -> {});
            Path staging = Staging.of(model);
            Trees.delete(staging);
            FineTuning.writeModel(network, experiment, start, staging);
            String name = start.getFileName().toString();
            new ModelCard(name, name, Optional.empty(), ModelCard.licenseOf(start), List.of(), decisive).write(staging);
            Staging.publish(staging, model);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the training failed: " + e.getMessage(), e);
        }
    }

    private static TrainingListener steps(Experiment.Train train) {
        return new TrainingListener() {
            @Override
            public void stepped(OptimizerStep step) {
                if (step.step() % train.logSteps() == 0) {
                    LOG.info("Step {}: epoch {}, loss {}", step.step(), step.epochs(), step.loss());
                }
            }
        };
    }

    private static void delete(Path staging) {
        try {
            Trees.delete(staging);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
