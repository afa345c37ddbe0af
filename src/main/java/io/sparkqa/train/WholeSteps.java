package io.sparkqa.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.sparkqa.model.MicroBatch;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.torch.TorchFile;
import io.sparkqa.torch.TorchProgram;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes optimizer steps by one call of a program each. Between the parts of a step nothing returns to Java, whose calls would
 * keep a GPU waiting.
 */
final class WholeSteps {
    private final RobertaForQuestionAnswering network;
    private final AdamW optimizer;
    private final TorchProgram program;

    WholeSteps(RobertaForQuestionAnswering network, AdamW optimizer) {
        this.network = network;
        this.optimizer = optimizer;
        this.program = program(network.manager(), network.file());
    }

    /** Loads the program of a step with that of a network. */
    static TorchProgram program(NDManager manager, TorchFile network) {
        return TorchProgram.load(
                manager,
                TorchFile.resource(WholeSteps.class, "step.py", "Step", Map.of()),
                Map.of("network", network, "optimizer", AdamW.file()));
    }

    /**
     * Makes a step.
     *
     * @param results owns the result
     * @param update number of the optimizer's updates including this one, from 1
     * @return float32[M + 1]: the loss of each micro-batch, then the norm of the gradients before clipping
     */
    NDArray step(NDManager results, List<MicroBatch> microBatches, long update, double learningRate) {
        try (NDManager inputs = network.host().newSubManager()) {
            Map<String, NDArray> given = new HashMap<>();
            Map<String, NDArray> targets = new HashMap<>();
            for (int i = 0; i < microBatches.size(); i++) {
                String number = i + "/";
                RobertaForQuestionAnswering.Arguments arguments = network.arguments(inputs, microBatches.get(i));
                arguments.given().forEach((name, array) -> given.put(number + name, array));
                arguments.targets().forEach((name, array) -> targets.put(number + name, array));
            }
            return program.train(
                            results,
                            "step",
                            network.parameters(),
                            optimizer.firstMoments(),
                            optimizer.secondMoments(),
                            given,
                            targets,
                            inputs.create((long) microBatches.size()),
                            optimizer.settings(inputs, optimizer.weightDecay(), update, learningRate),
                            optimizer.settings(inputs, 0, update, learningRate))
                    .singletonOrThrow();
        }
    }
}
