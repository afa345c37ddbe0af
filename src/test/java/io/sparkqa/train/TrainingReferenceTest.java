package io.sparkqa.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.Difference;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.TokenBudget;
import io.sparkqa.model.ReferenceModel;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.Safetensors;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compares the training loop with trajectories that an independent program computed, float32 without dropout. */
@Tag("reference")
class TrainingReferenceTest {
    private static final double RELATIVE = 5e-6;
    private static final double WEIGHTS = 5e-5;

    @TempDir
    Path folder;

    @Test
    void everyTrajectoryIsTheReferencesStepByStep() throws IOException {
        for (ReferenceModel reference : ReferenceModel.all()) {
            for (String name : trajectories(reference)) {
                JsonNode expected = reference.json("training-" + name + ".json");
                String what = reference.name() + " " + name;
                try (RobertaForQuestionAnswering network = reference.network(false);
                        Difference rates = new Difference(what + ", learning rates", 1e-18);
                        Difference losses = new Difference(what + ", losses, relative", RELATIVE);
                        Difference norms = new Difference(what + ", gradient norms, relative", RELATIVE)) {
                    List<OptimizerStep> steps = train(reference, network, expected, Integer.MAX_VALUE, name);
                    assertThat(steps).hasSize(expected.get("steps").asInt());
                    for (OptimizerStep step : steps) {
                        int i = (int) step.step() - 1;
                        rates.absolute(
                                step.learningRate(), expected.at("/lr/" + i).asDouble());
                        losses.relative(
                                step.loss(), expected.at("/loss_float32/" + i).asDouble());
                        norms.relative(
                                step.gradientNorm(),
                                expected.at("/grad_norm_float32/" + i).asDouble());
                    }
                    compareWeights(what, reference, network, name);
                }
            }
        }
    }

    @Test
    void theTokenBudgetChangesTheMicroBatchesAndNotTheResult() throws IOException {
        for (ReferenceModel reference : ReferenceModel.all()) {
            String name = trajectories(reference).get(0);
            JsonNode expected = reference.json("training-" + name + ".json");
            try (RobertaForQuestionAnswering network = reference.network(false)) {
                train(reference, network, expected, 25, name);
                compareWeights(reference.name() + " " + name + ", one window a time", reference, network, name);
            }
        }
    }

    private static List<String> trajectories(ReferenceModel reference) throws IOException {
        try (Stream<Path> files = Files.list(reference.folder())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.startsWith("training-"))
                    .map(file -> file.substring("training-".length(), file.length() - ".json".length()))
                    .sorted()
                    .toList();
        }
    }

    private List<OptimizerStep> train(
            ReferenceModel reference, RobertaForQuestionAnswering network, JsonNode hyper, int budget, String name)
            throws IOException {
        Map<String, Safetensors.Tensor> batches = reference.tensors("train-batches.safetensors");
        int rows = (int) batches.get("input_ids").shape()[1];
        int width = (int) batches.get("input_ids").shape()[2];
        int microBatches =
                hyper.get("steps").asInt() * hyper.get("accumulation").asInt();
        WindowTable windows = WindowTable.of(windows(batches, microBatches * rows, width));
        Experiment.Train settings = new Experiment.Train(
                rows,
                hyper.get("accumulation").asInt(),
                1,
                Optional.empty(),
                hyper.get("peak_lr").asDouble(),
                hyper.get("warmup_steps").asDouble() / hyper.get("steps").asDouble(),
                hyper.get("weight_decay").asDouble(),
                hyper.get("max_grad_norm").asDouble(),
                Optional.of(0.0),
                0,
                Experiment.Dtype.FLOAT32,
                "cpu",
                TokenBudget.of(budget),
                true,
                1,
                new Experiment.Train.Checkpoint(1000, false),
                1,
                1,
                new Experiment.Train.Rounds(1, 1, 0));
        List<OptimizerStep> steps = new ArrayList<>();
        Checkpoints checkpoints = new Checkpoints(folder.resolve(name + budget), 1, Map.of(), warning -> {});
        new TrainingLoop(
                        settings,
                        network,
                        windows,
                        WindowOrder.asGiven(),
                        width,
                        checkpoints,
                        new StopRequest(),
                        collect(steps))
                .run();
        return steps;
    }

    private static TrainingListener collect(List<OptimizerStep> steps) {
        return new TrainingListener() {
            @Override
            public void stepped(OptimizerStep step) {
                steps.add(step);
            }
        };
    }

    private static List<Window> windows(Map<String, Safetensors.Tensor> batches, int count, int width) {
        int[] ids = ReferenceModel.ints(batches, "input_ids");
        int[] mask = ReferenceModel.ints(batches, "attention_mask");
        int[] starts = ReferenceModel.ints(batches, "start_positions");
        int[] ends = ReferenceModel.ints(batches, "end_positions");
        List<Window> windows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            int length = 0;
            while (length < width && mask[row * width + length] == 1) {
                length++;
            }
            int[] tokens = Arrays.copyOfRange(ids, row * width, row * width + length);
            windows.add(new Window(row, "row-" + row, 0, tokens, 0, 0, starts[row], ends[row], new int[0], new int[0]));
        }
        return windows;
    }

    private static void compareWeights(
            String what, ReferenceModel reference, RobertaForQuestionAnswering network, String name)
            throws IOException {
        Set<String> noise = new HashSet<>();
        reference.json("zero-gradient-parameters.json").forEach(parameter -> noise.add(parameter.asText()));
        Map<String, Safetensors.Tensor> expected = reference.tensors("final-" + name + ".safetensors");
        try (Difference weights = new Difference(what + ", final weights", WEIGHTS)) {
            network.tensors().forEach((parameter, tensor) -> {
                if (!noise.contains(parameter)) {
                    weights.absolute(ReferenceModel.floats(tensor), ReferenceModel.floats(expected.get(parameter)));
                }
            });
        }
    }
}
