package io.sparkqa.demo;

import io.sparkqa.config.UserError;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.model.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Weights from which a tiny RoBERTa learns to look things up within minutes: an ordinary random start, but for
 *
 * <ul>
 *   <li>position embeddings that are sines and cosines (Vaswani et al. 2017) in the last {@link #PLACE} hidden
 *       dimensions, where word embeddings are zero;
 *   <li>in the two lowest layers two heads that look at the tokens before and behind, and two that look for equal
 *       words, above all in the question, and tell where they stand.
 * </ul>
 *
 * The result is an ordinary checkpoint.
 */
public final class StructuredStart {
    /** Hidden dimensions that say where a token stands. */
    private static final int PLACE = 32;

    private static final double WAVELENGTHS = 300;
    /** How sharply the heads for places look: at one token, or at those around it. */
    private static final double NEXT = 2.0;

    private static final double AROUND = 1.2;
    /** How sharply the heads for equal words look. */
    private static final double MATCH = 1.2;
    /** How strongly they prefer the question's tokens to the context's; its cosine falls over the first 200 places. */
    private static final double EARLY = 4.0;

    private static final int EARLY_FREQUENCY = 12;

    private final RobertaConfig config;
    private final Map<String, Safetensors.Tensor> tensors;
    private final SplittableRandom random;
    private final int headSize;

    /** Writes a model folder with such weights. */
    @Command(
            name = "StructuredStart",
            mixinStandardHelpOptions = true,
            description = "Draws the weights from which the demo's start model is trained.")
    private static final class Writer implements Callable<Integer> {
        @Option(names = "--config", required = true, description = "config.json of the network")
        private Path config;

        @Option(names = "--tokenizer", required = true, description = "folder with its tokenizer.json")
        private Path tokenizer;

        @Option(names = "--seed", defaultValue = "1", description = "what chance draws from (default: 1)")
        private long seed;

        @Option(names = "--out", required = true, description = "model folder to write")
        private Path out;

        @Override
        public Integer call() throws IOException {
            RobertaConfig network = RobertaConfig.read(config);
            ModelFolder.write(out, network, draw(network, seed), tokenizer);
            return 0;
        }
    }

    public static void main(String[] arguments) {
        System.exit(DemoCommand.run(new Writer(), arguments));
    }

    private StructuredStart(ModelFolder.Weights weights, long seed) {
        config = weights.config();
        tensors = weights.tensors();
        random = new SplittableRandom(seed);
        headSize = config.hiddenSize() / config.heads();
        if (headSize != PLACE || config.heads() < 4 || config.layers() < 2) {
            throw new UserError(
                    "a structured start takes at least 2 layers and 4 heads of " + PLACE + " values; config.json has "
                            + config.layers() + " layers and " + config.heads() + " heads of " + headSize);
        }
    }

    /** Draws the weights. */
    static Map<String, Safetensors.Tensor> draw(RobertaConfig config, long seed) {
        StructuredStart start = new StructuredStart(ModelFolder.random(config, seed), seed);
        start.embeddings();
        start.near(0, 0, -1, NEXT);
        start.near(0, 1, 1, NEXT);
        start.near(1, 0, -4, AROUND);
        start.near(1, 1, 4, AROUND);
        for (int layer = 0; layer < 2; layer++) {
            start.match(layer, 2);
            start.match(layer, 3);
        }
        return start.tensors;
    }

    private void embeddings() {
        int hidden = config.hiddenSize();
        int content = hidden - PLACE;
        ByteBuffer words = data("roberta.embeddings.word_embeddings.weight");
        for (int token = 0; token < config.vocabSize(); token++) {
            for (int i = 0; i < hidden; i++) {
                boolean zero = i >= content || token == config.padTokenId();
                put(words, hidden, token, i, zero ? 0 : random.nextGaussian());
            }
        }
        ByteBuffer places = data("roberta.embeddings.position_embeddings.weight");
        for (int position = 0; position < config.maxPositions(); position++) {
            for (int i = 0; i < hidden; i++) {
                put(places, hidden, position, i, 0);
            }
            for (int f = 0; position != config.padTokenId() && f < PLACE / 2; f++) {
                put(places, hidden, position, content + 2 * f, Math.sin(position * frequency(f)));
                put(places, hidden, position, content + 2 * f + 1, Math.cos(position * frequency(f)));
            }
        }
    }

    private static double frequency(int f) {
        return Math.pow(WAVELENGTHS, -f / (PLACE / 2.0));
    }

    /** Query: the place shifted by {@code shift}; key: the place. Their product is greatest there. */
    private void near(int layer, int head, int shift, double sharpness) {
        int content = config.hiddenSize() - PLACE;
        clear(layer, head);
        for (int f = 0; f < PLACE / 2; f++) {
            double sin = Math.sin(shift * frequency(f)) * sharpness;
            double cos = Math.cos(shift * frequency(f)) * sharpness;
            int row = head * headSize + 2 * f;
            int column = content + 2 * f;
            projection(layer, "query", row, column, cos);
            projection(layer, "query", row, column + 1, sin);
            projection(layer, "query", row + 1, column, -sin);
            projection(layer, "query", row + 1, column + 1, cos);
            projection(layer, "key", row, column, sharpness);
            projection(layer, "key", row + 1, column + 1, sharpness);
        }
    }

    /**
     * Query and key: the same random projection of the content dimensions, whose product is greatest at equal words, and
     * one dimension that prefers early places, where the question stands. Value: the place of what was found.
     */
    private void match(int layer, int head) {
        int content = config.hiddenSize() - PLACE;
        clear(layer, head);
        int early = head * headSize;
        for (int i = early + 1; i < early + headSize; i++) {
            for (int j = 0; j < content; j++) {
                double value = random.nextGaussian() * MATCH / Math.sqrt(headSize);
                projection(layer, "query", i, j, value);
                projection(layer, "key", i, j, value);
            }
        }
        data("roberta.encoder.layer." + layer + ".attention.self.query.bias").putFloat(4 * early, (float) EARLY);
        projection(layer, "key", early, content + 2 * EARLY_FREQUENCY + 1, EARLY);
        for (int i = 0; i < PLACE; i++) {
            projection(layer, "value", early + i, content + i, 1);
        }
    }

    private void clear(int layer, int head) {
        for (int i = 0; i < headSize; i++) {
            for (int j = 0; j < config.hiddenSize(); j++) {
                projection(layer, "query", head * headSize + i, j, 0);
                projection(layer, "key", head * headSize + i, j, 0);
            }
        }
    }

    private void projection(int layer, String name, int row, int column, double value) {
        String tensor = "roberta.encoder.layer." + layer + ".attention.self." + name + ".weight";
        put(data(tensor), config.hiddenSize(), row, column, value);
    }

    private ByteBuffer data(String name) {
        return tensors.get(name).data();
    }

    private static void put(ByteBuffer data, int columns, int row, int column, double value) {
        data.putFloat(4 * (row * columns + column), (float) value);
    }
}
