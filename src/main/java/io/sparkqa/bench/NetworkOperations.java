package io.sparkqa.bench;

import io.sparkqa.model.RobertaConfig;

/**
 * Floating point operations of the network's matrix products on real tokens, multiplication and addition counted apart:
 * for each token and layer 8 H² in attention's four linear layers and 4 H I in the two others, for each window of S
 * tokens and layer 4 S² H in attention itself. The backward pass takes twice as many.
 */
record NetworkOperations(RobertaConfig config) {
    double forward(int[] lengths) {
        double hidden = config.hiddenSize();
        double sum = 0;
        for (double length : lengths) {
            sum += length * (8 * hidden * hidden + 4 * hidden * config.intermediateSize())
                    + 4 * length * length * hidden;
        }
        return sum * config.layers();
    }

    double training(int[] lengths) {
        return 3 * forward(lengths);
    }
}
