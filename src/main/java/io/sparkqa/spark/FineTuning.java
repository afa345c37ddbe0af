package io.sparkqa.spark;

import ai.djl.Device;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.TokenBudget;
import io.sparkqa.djl.ServingProperties;
import io.sparkqa.model.Batching;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.torch.Hardware;
import io.sparkqa.train.Checkpoints;
import io.sparkqa.train.Rounds;
import io.sparkqa.train.StopRequest;
import io.sparkqa.train.TrainingListener;
import io.sparkqa.train.TrainingLoop;
import io.sparkqa.train.WindowOrder;
import io.sparkqa.window.TokenizerFiles;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;

/**
 * A training on a table of windows: in this process, or in rounds of replicas as Spark tasks if {@code train.replicas} is
 * more than 1.
 *
 * @param settings of the experiment, by key
 * @param networkConfig config.json of the network, which executors read
 * @param windows folder of the training windows, which executors read
 */
public record FineTuning(
        Map<String, String> settings, Path networkConfig, Path windows, Checkpoints checkpoints, StopRequest stop) {
    private static final String TOKEN_BUDGET = "train.token_budget";

    /** The settings of {@code train} that do not change the result. */
    private static final List<String> FREE =
            List.of("train.log_steps", "train.checkpoint.steps", "train.keep", "train.device");

    /**
     * Returns the settings that change the result of a training.
     *
     * @param sections as a regular expression: {@code train|features}
     */
    public static Map<String, String> decisive(Map<String, String> settings, String sections) {
        Map<String, String> decisive = new TreeMap<>(settings);
        decisive.keySet().removeIf(key -> !key.matches("(" + sections + ")\\..*") || FREE.contains(key));
        return decisive;
    }

    /** Returns the arithmetic that {@code train.dtype} means on this machine: bfloat16 or float32. */
    public static String arithmetic(Experiment.Train settings) {
        Device device = settings.replicas() == 1
                ? Hardware.device(settings.device())
                : Hardware.deviceUntried(settings.device());
        return Hardware.bfloat16(settings.dtype(), device) ? "bfloat16" : "float32";
    }

    /**
     * Returns the device of this process's network: the one that the settings name, or the CPU if replicas compute and their
     * weights are only averaged and saved here, so that this takes no GPU's memory.
     *
     * @throws io.sparkqa.config.WrongUse as {@link Hardware#device}
     */
    public static Device device(Experiment.Train settings) {
        return settings.replicas() == 1 ? Hardware.device(settings.device()) : Device.cpu();
    }

    /**
     * Trains a network from the newest checkpoint, or from its present weights, to the end.
     *
     * @param spark runs the replicas, if there are several
     * @param table the training windows
     * @param underWay is told during a round how many steps of the run are done
     * @throws io.sparkqa.train.StoppedOnRequest if a stop was requested
     */
    public void run(
            Supplier<SparkContext> spark,
            RobertaForQuestionAnswering network,
            WindowTable table,
            TrainingListener listener,
            LongConsumer underWay)
            throws Exception {
        Experiment experiment = ExperimentReader.of(settings);
        Experiment.Train train = settled(experiment.train(), network.batching());
        if (train.replicas() == 1) {
            new TrainingLoop(
                            train,
                            network,
                            table,
                            WindowOrder.shuffled(train.seed()),
                            experiment.features().maxLength(),
                            checkpoints,
                            stop,
                            listener)
                    .run();
            return;
        }
        try (SparkReplicas replicas =
                new SparkReplicas(spark.get(), replicaSettings(train), networkConfig, windows, stop, underWay)) {
            new Rounds(train, network, table.size(), checkpoints, replicas, replicas::logits, stop, listener).run();
        }
    }

    /**
     * Returns the settings with the token budget that this run keeps when it is resumed. Replicas may have other devices than
     * this process, so each chooses its own.
     */
    private Experiment.Train settled(Experiment.Train train, Batching batching) throws IOException {
        if (!train.tokenBudget().isAuto()) {
            return train;
        }
        String suggested = train.replicas() == 1
                ? Integer.toString(batching.trainTokens())
                : train.tokenBudget().toString();
        return train.with(
                TokenBudget.parse(checkpoints.settle(TOKEN_BUDGET, suggested)).orElse(train.tokenBudget()));
    }

    private Map<String, String> replicaSettings(Experiment.Train train) {
        Map<String, String> changed = new TreeMap<>(settings);
        changed.put(TOKEN_BUDGET, train.tokenBudget().toString());
        return changed;
    }

    /**
     * Writes a network's model folder; not atomic.
     *
     * @param experiment settings with which the network was trained
     * @param tokenizer folder of the tokenizer that the network was trained with
     */
    public static void writeModel(
            RobertaForQuestionAnswering network, Experiment experiment, Path tokenizer, Path folder)
            throws IOException {
        ModelFolder.write(folder, network.config(), network.tensors(), tokenizer);
        TokenizerFiles.complete(folder, tokenizer, network.config().longestWindow());
        ServingProperties.write(folder, experiment);
    }
}
