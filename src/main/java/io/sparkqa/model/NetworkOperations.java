package io.sparkqa.model;

/**
 * Counts the floating point operations of the network's matrix products on real tokens; a multiplication and an addition
 * are two operations. With hidden size H and intermediate size I, each layer takes 8 H² for each token in attention's four
 * linear layers, 4 H I for each token in the two other linear layers, and 4 S² H for each window of S tokens in attention
 * itself. The backward pass takes twice as many.
 */
public record NetworkOperations(RobertaConfig config) {
    /** Returns the operations of a forward pass over windows of these lengths. */
    public double forward(int[] lengths) {
        double hidden = config.hiddenSize();
        double sum = 0;
        for (double length : lengths) {
            sum += length * (8 * hidden * hidden + 4 * hidden * config.intermediateSize())
                    + 4 * length * length * hidden;
        }
        return sum * config.layers();
    }

    /** Returns the operations of a forward and a backward pass over windows, counted as equally long. */
    public double training(int windows, long tokens) {
        return windows * training(new int[] {Math.round((float) tokens / windows)});
    }

    /** Returns the operations of a forward and a backward pass over windows of these lengths. */
    public double training(int[] lengths) {
        return 3 * forward(lengths);
    }
}
