package io.sparkqa.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import io.sparkqa.config.Experiment;
import io.sparkqa.decode.LogitsRunner;
import java.nio.file.Path;
import java.util.Map;

/** Loads the network of a model folder for DJL, which finds this class in the folder's {@code serving.properties}. */
public final class SpanBlockFactory implements BlockFactory {
    private static final long serialVersionUID = 1L;

    /**
     * Loads the network onto the model's device. It is closed with the model.
     *
     * @throws io.sparkqa.config.UserError if it is not a folder of a fine-tuned model
     */
    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
        Experiment settings = ServingProperties.settings(modelPath, arguments);
        NDManager manager = model.getNDManager();
        LogitsRunner network = LogitsRunner.open(
                modelPath,
                settings.train().dtype(),
                setting(manager.getDevice()),
                settings.decode().batchTokens());
        manager.attachInternal(SpanBlock.class.getName(), network);
        return new SpanBlock(network);
    }

    /** Returns the value of {@code train.device} that means a device. */
    private static String setting(Device device) {
        return device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
    }
}
