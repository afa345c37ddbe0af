package io.sparkqa.model;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Draws parameters as HuggingFace does: matrices from a normal distribution with the configuration's
 * {@code initializer_range} as standard deviation (the padding row of an embedding is zero), biases zero, LayerNorm
 * weights one. Each tensor has its own random stream, so its values depend only on the seed and its name.
 */
final class RandomWeights {
    private final RobertaConfig config;
    private final long seed;

    RandomWeights(RobertaConfig config, long seed) {
        this.config = config;
        this.seed = seed;
    }

    /** Draws the float32 tensor with a name. */
    Safetensors.Tensor draw(String name, long[] shape) {
        Safetensors.Tensor tensor = Safetensors.Tensor.zeros(shape);
        ByteBuffer data = tensor.data();
        if (name.endsWith(".bias")) {
            return tensor;
        }
        boolean norm = name.endsWith("LayerNorm.weight");
        boolean padded = name.endsWith("word_embeddings.weight") || name.endsWith("position_embeddings.weight");
        int paddingFrom = padded ? config.padTokenId() * config.hiddenSize() : -1;
        int paddingTo = paddingFrom + config.hiddenSize();
        RandomGenerator random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + name.hashCode());
        for (int i = 0; i < tensor.size(); i++) {
            double value = norm ? 1 : random.nextGaussian() * config.initializerRange();
            data.putFloat(4 * i, padded && i >= paddingFrom && i < paddingTo ? 0 : (float) value);
        }
        return tensor;
    }
}
