package io.sparkqa.train;

import io.sparkqa.decode.DevScore;
import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.evaluate.Scoreboard;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.squad.Example;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;

/**
 * Loss and metrics of the dev split.
 *
 * @param batchTokens tokens of a forward pass
 */
public record DevEvaluation(List<Example> examples, WindowTable windows, DevScore score, int batchTokens) {

    /**
     * How a network does.
     *
     * @param loss mean over the windows of (CE(start) + CE(end)) / 2, softmax over the window's real tokens
     */
    public record Result(double loss, Scoreboard scores) {}

    /**
     * Evaluates a network with its present weights, without dropout.
     *
     * @throws StoppedOnRequest if that is wished meanwhile
     */
    public Result of(RobertaForQuestionAnswering network, StopRequest stop) {
        DoubleAdder loss = new DoubleAdder();
        LogitsRunner logits = new LogitsRunner(network, batchTokens);
        Scoreboard scores = score.of(
                examples,
                windows,
                (some, sink) -> logits.run(some, (window, start, end) -> {
                    stop.check();
                    loss.add(loss(window, start, end));
                    sink.accept(window, start, end);
                }));
        return new Result(loss.sum() / Math.max(1, windows.size()), scores);
    }

    private static double loss(Window window, float[] start, float[] end) {
        return (crossEntropy(start, window.startPosition()) + crossEntropy(end, window.endPosition())) / 2;
    }

    private static double crossEntropy(float[] logits, int label) {
        double highest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - highest);
        }
        return highest + Math.log(sum) - logits[label];
    }
}
