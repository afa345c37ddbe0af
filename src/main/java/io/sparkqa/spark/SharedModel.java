package io.sparkqa.spark;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.Experiment.Dtype;
import io.sparkqa.config.TokenBudget;
import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.torch.NativeScratch;
import io.sparkqa.window.Window;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model folder that is opened once per JVM for all tasks, on the device that Spark assigns to them.
 *
 * <p>The model stays open between tasks, until another model is needed on the same device.
 *
 * @param device {@code auto} (the task's GPU if Spark assigns one), {@code cpu} or {@code cuda:N}
 */
record SharedModel(String folder, Dtype dtype, String device, TokenBudget batchTokens) implements LogitsSource {
    private static final Logger LOG = LoggerFactory.getLogger(SharedModel.class);
    private static final Map<SharedModel, Open> OPEN = new HashMap<>();

    /** Returns the model in a folder, opened as an experiment's settings say. */
    static SharedModel of(Experiment settings, Path folder) {
        return new SharedModel(
                folder.toAbsolutePath().toString(),
                settings.train().dtype(),
                settings.train().device(),
                settings.decode().batchTokens());
    }

    /** Returns the same model in another folder. */
    SharedModel in(Path other) {
        return new SharedModel(other.toAbsolutePath().toString(), dtype, device, batchTokens);
    }

    @Override
    public WindowLogits open() {
        NativeScratch.choose();
        SharedModel placed = new SharedModel(folder, dtype, TaskDevice.of(device), batchTokens);
        synchronized (OPEN) {
            OPEN.entrySet()
                    .removeIf(entry -> !entry.getKey().equals(placed)
                            && entry.getKey().device.equals(placed.device)
                            && entry.getValue().closeIfIdle());
            Open open = OPEN.computeIfAbsent(placed, SharedModel::read);
            open.users++;
            return open;
        }
    }

    private static Open read(SharedModel placed) {
        LOG.info("Reading the model {} for the device {}", placed.folder, placed.device);
        return new Open(LogitsRunner.open(Path.of(placed.folder), placed.dtype, placed.device, placed.batchTokens));
    }

    private static final class Open implements WindowLogits {
        private final LogitsRunner runner;
        private int users;

        private Open(LogitsRunner runner) {
            this.runner = runner;
        }

        @Override
        public void run(List<Window> windows, Sink sink) {
            runner.run(windows, sink);
        }

        @Override
        public <B extends Block> Stream<B> stream(Iterator<B> blocks) {
            return runner.stream(blocks);
        }

        @Override
        public void close() {
            synchronized (OPEN) {
                users--;
            }
        }

        private boolean closeIfIdle() {
            if (users == 0) {
                runner.close();
            }
            return users == 0;
        }
    }
}
