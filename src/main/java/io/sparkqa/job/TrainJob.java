package io.sparkqa.job;

import ai.djl.Device;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.files.FileUri;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.NetworkOperations;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.run.CachedStep;
import io.sparkqa.run.RunCard;
import io.sparkqa.run.RunFolder;
import io.sparkqa.run.StageRun;
import io.sparkqa.spark.ExampleRow;
import io.sparkqa.spark.FineTuning;
import io.sparkqa.spark.TaskDevice;
import io.sparkqa.squad.Example;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.MatrixProduct;
import io.sparkqa.train.Checkpoints;
import io.sparkqa.train.DevEvaluation;
import io.sparkqa.train.EpochEvaluation;
import io.sparkqa.train.StopRequest;
import io.sparkqa.train.Trainer;
import io.sparkqa.train.TrainingListener;
import io.sparkqa.train.TrainingLog;
import io.sparkqa.window.TokenizerMark;
import io.sparkqa.window.WindowTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;

/** The train stage: makes a fine-tuned model folder and the training's log from windows and a start model. */
@Command(name = "train", description = "Fine-tunes the model on the training windows.")
public final class TrainJob extends Stage {
    private final StopRequest stop = new StopRequest();

    public static void main(String[] arguments) {
        System.exit(new TrainJob().run(arguments));
    }

    @Override
    protected void work(StageRun run) throws Exception {
        RunFolder folder = run.folder();
        Experiment experiment = run.experiment();
        if (experiment.data().train().isEmpty()) {
            skip(run);
            return;
        }
        if (experiment.train().checkpoint().best() && experiment.data().dev().isEmpty()) {
            throw new WrongUse("train.checkpoint.best: the best model is chosen on dev; set data.dev too");
        }
        Map<String, Path> inputs = inputs(run);
        Map<String, Path> dev = dev(folder, experiment);
        if (experiment.train().checkpoint().best()) {
            inputs.putAll(dev);
        }
        CachedStep step = run.step("train")
                .reads(inputs.values().toArray(Path[]::new))
                .settings(FineTuning.decisive(run.settings(), "train|features")
                        .keySet()
                        .toArray(String[]::new))
                .settingOrAuto("train.token_budget")
                .makes(folder.model(), folder.trainLog())
                .isReplacedOnlyByForce();
        // The model does not depend on dev, but the log does, and a resumed run continues it.
        inputs.putAll(dev);
        Map<String, String> contents =
                run.step("train").reads(inputs.values().toArray(Path[]::new)).contents();
        Map<String, String> decisive = FineTuning.decisive(run.settings(), "train|features|evaluate");
        inputs.forEach((name, path) -> decisive.put("contents of " + name, contents.get(path.toString())));
        TokenizerMark.check(folder.windows("train"), run.inputs().tokenizer());
        step.by(staging -> train(run, decisive, staging));
    }

    /** Says why nothing is trained, for example because a given model is only evaluated. */
    private static void skip(StageRun run) {
        boolean trained = run.isComplete(run.folder().model());
        if (!trained && run.experiment().model().from().isEmpty()) {
            throw new WrongUse(
                    "neither data.train nor model.from is set: set data.train to train a model, or model.from to use a fine-tuned one");
        }
        run.say("train: data.train is not set, so nothing is trained; decode uses "
                + (trained ? run.folder().model().toString() : "model.from"));
    }

    @Override
    protected boolean stopCleanly() {
        stop.make();
        return true;
    }

    /** Returns what the training reads, by the names that users know. */
    private static Map<String, Path> inputs(StageRun run) {
        Map<String, Path> inputs = new LinkedHashMap<>();
        inputs.put("windows/train", run.folder().windows("train"));
        inputs.putAll(run.inputs().models());
        return inputs;
    }

    /** Returns the inputs of the evaluations between epochs; none without dev. */
    private static Map<String, Path> dev(RunFolder folder, Experiment experiment) {
        return experiment.data().dev().isEmpty()
                ? Map.of()
                : new TreeMap<>(Map.of("windows/dev", folder.windows("dev"), "examples/dev", folder.examples("dev")));
    }

    private String train(StageRun run, Map<String, String> decisive, UnaryOperator<Path> staging) throws Exception {
        Experiment experiment = run.experiment();
        Experiment.Train settings = experiment.train();
        RunFolder folder = run.folder();
        boolean here = settings.replicas() == 1;
        Device device = FineTuning.device(settings);
        String arithmetic = FineTuning.arithmetic(settings);
        run.computesOn(
                here
                        ? List.of(Hardware.inWords(settings.dtype(), device))
                        : TaskDevice.inWords(run.spark().sparkContext(), settings));
        // auto may mean something else on the machine where the run goes on
        decisive.put("train.dtype", arithmetic);
        Checkpoints checkpoints = new Checkpoints(folder.checkpoints(), settings.keep(), decisive, warning -> run.log()
                .warn(warning));
        if (run.forced()) {
            checkpoints.clear();
        }
        TrainingLog log = new TrainingLog(checkpoints.log());
        try (RobertaForQuestionAnswering network = Trainer.network(settings, weights(run), device);
                WindowTable windows = WindowTable.open(folder.windows("train"))) {
            Optional<Device> gpu = Optional.of(device).filter(Device::isGpu);
            try (TrainingReport report =
                    new TrainingReport(run, log, settings.logSteps(), new NetworkOperations(network.config()), gpu)) {
                if (here) {
                    report.peakReported(MatrixProduct.peak(device, Hardware.bfloat16(settings.dtype(), device)));
                }
                List<TrainingListener> listeners = new ArrayList<>(List.of(report));
                dev(run).ifPresent(dev -> listeners.add(
                        new EpochEvaluation(dev, log, stop, bestModel(run, checkpoints, network), report)));
                TrainingListener listener = TrainingListener.of(listeners);
                new FineTuning(
                                run.settings(),
                                run.inputs().networkConfig().orElseThrow(),
                                folder.windows("train"),
                                checkpoints,
                                stop)
                        .run(() -> run.spark().sparkContext(), network, windows, listener, report::underWay);
                report.compare();
            }
            FineTuning.writeModel(network, run.experiment(), run.inputs().tokenizer(), staging.apply(folder.model()));
            new RunCard(run).of(decisive).write(staging.apply(folder.model()));
            Files.copy(checkpoints.log(), staging.apply(folder.trainLog()));
            return "fine-tuned on %,d windows".formatted(windows.size());
        }
    }

    private static Optional<EpochEvaluation.BestModel> bestModel(
            StageRun run, Checkpoints checkpoints, RobertaForQuestionAnswering network) {
        if (!run.experiment().train().checkpoint().best()) {
            return Optional.empty();
        }
        return Optional.of(new EpochEvaluation.BestModel(
                checkpoints.best(),
                staging -> FineTuning.writeModel(
                        network, run.experiment(), run.inputs().tokenizer(), staging)));
    }

    private static Optional<DevEvaluation> dev(StageRun run) {
        if (run.experiment().data().dev().isEmpty()) {
            return Optional.empty();
        }
        List<Example> examples = run
                .spark()
                .read()
                .parquet(FileUri.toRead(run.folder().examples("dev")))
                .orderBy("example_index")
                .collectAsList()
                .stream()
                .map(ExampleRow::toExample)
                .toList();
        if (!examples.stream().allMatch(Example::labelled)) {
            if (run.experiment().train().checkpoint().best()) {
                throw new UserError(
                        "train.checkpoint.best: the best model is chosen on dev, but data.dev has questions without answers; add the answers, or unset train.checkpoint.best");
            }
            run.say("dev has questions without answers, so training is not evaluated on it");
            return Optional.empty();
        }
        return Optional.of(new DevEvaluation(
                run.experiment(), examples, WindowTable.open(run.folder().windows("dev"))));
    }

    private static ModelFolder.Weights weights(StageRun run) {
        ModelFolder.Weights weights = run.inputs().startWeights();
        if (!weights.fresh().isEmpty()) {
            run.say("new tensors, drawn at random: " + String.join(", ", weights.fresh()));
        }
        if (!weights.unused().isEmpty()) {
            run.say("tensors of the checkpoint not used: " + String.join(", ", weights.unused()));
        }
        return weights;
    }
}
