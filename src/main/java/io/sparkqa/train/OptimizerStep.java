package io.sparkqa.train;

import io.sparkqa.config.UserError;
import io.sparkqa.window.Window;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The figures of an optimizer step. For a round of several replicas they are those of its steps together: means of losses
 * and norms, sums of windows, tokens and waiting.
 *
 * @param step its number, from 1
 * @param epochs passes over the data done after it, as a fraction
 * @param loss mean over the step's batches, before the update
 * @param gradientNorm global L2 norm before clipping
 * @param tokens real tokens
 * @param waitedMilliseconds the part of its time in which it waited for its input
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
     * Returns the error that ends a training whose step is not finite.
     *
     * @param seen the step's windows
     * @param lastGood which checkpoint a run can go on from, in words
     */
    UserError notFinite(List<Window> seen, String lastGood) {
        String windows = seen.stream()
                .map(window -> window.exampleId() + "/" + window.window())
                .collect(Collectors.joining(", "));
        return new UserError(
                "training stopped at step %d: the loss is %s and the gradients' norm %s, over the windows (question/window) %s; %s. Look at these questions, or start anew (--force) with a lower train.lr, a longer train.warmup, or train.dtype=float32"
                        .formatted(step, loss, gradientNorm, windows, lastGood));
    }
}
