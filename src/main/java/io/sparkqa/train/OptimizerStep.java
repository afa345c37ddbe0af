package io.sparkqa.train;

import io.sparkqa.config.UserError;
import io.sparkqa.window.Window;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The figures of an optimizer step, or of all steps of a round of replicas: then losses and norms are means, and windows,
 * tokens and waiting times are sums.
 *
 * @param step the step's number, from 1
 * @param epochs passes over the data done after the step, as a fraction
 * @param loss mean over the step's batches, before the update
 * @param gradientNorm global L2 norm before clipping
 * @param tokens real tokens
 * @param waitedMilliseconds time that the step waited for its input
 */
public record OptimizerStep(
        long step,
        double epochs,
        double loss,
        double learningRate,
        double gradientNorm,
        int windows,
        int tokens,
        double waitedMilliseconds) {

    boolean isFinite() {
        return Double.isFinite(loss) && Double.isFinite(gradientNorm);
    }

    /**
     * Returns the error that ends a training whose loss or gradients are not finite.
     *
     * @param seen the step's windows
     * @param lastGood says in words from which checkpoint a run can continue
     */
    UserError notFinite(List<Window> seen, String lastGood) {
        String windows = seen.stream()
                .map(window -> window.exampleId() + "/" + window.window())
                .collect(Collectors.joining(", "));
        return new UserError(
                "training stopped at step %s: the loss is %s and the gradients' norm %s; the step's windows (question/window) are %s; %s. Check these questions, or start anew (--force) with a lower train.lr, a longer train.warmup, or train.dtype=float32"
                        .formatted(step, loss, gradientNorm, windows, lastGood));
    }
}
