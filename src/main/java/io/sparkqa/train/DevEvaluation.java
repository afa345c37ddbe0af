package io.sparkqa.train;

import io.sparkqa.config.Experiment;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.TopLogits;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.QuestionKind;
import io.sparkqa.evaluate.Scoreboard;
import io.sparkqa.squad.Example;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Computes loss and metrics of the dev split within one process.
 *
 * @param examples the questions; one without windows counts as unanswered
 * @param windows all windows of the examples
 */
public record DevEvaluation(Experiment experiment, List<Example> examples, WindowTable windows) {
    private static final int WINDOWS_AT_ONCE = 1024;

    /**
     * The loss and scores of a network.
     *
     * @param loss mean over the windows of (CE(start) + CE(end)) / 2, with a softmax over the window's real tokens
     */
    public record Result(double loss, Scoreboard scores) {}

    /**
     * Evaluates a network by its logits, computed without dropout.
     *
     * @throws StoppedOnRequest if a stop is requested meanwhile
     */
    public Result of(WindowLogits logits, StopRequest stop) {
        Computed computed = new Computed(SpanDecoder.of(experiment.decode()), stop);
        try (WindowLogits.Stream<Block> blocks = logits.stream(blocks(computed))) {
            blocks.forEachRemaining(block -> {});
        }
        return new Result(computed.loss / Math.max(1, windows.size()), scores(computed));
    }

    /** What is kept of the windows' logits. */
    private static final class Computed {
        private final SpanDecoder decoder;
        private final StopRequest stop;
        private final Map<Long, List<TopLogits>> top = new HashMap<>();
        private double loss;

        Computed(SpanDecoder decoder, StopRequest stop) {
            this.decoder = decoder;
            this.stop = stop;
        }

        void add(Window window, float[] start, float[] end) {
            stop.check();
            loss += loss(window, start, end);
            top.computeIfAbsent(window.exampleIndex(), any -> new ArrayList<>()).add(decoder.top(window, start, end));
        }
    }

    private record Block(List<Window> windows, Computed computed) implements WindowLogits.Block {
        @Override
        public void accept(Window window, float[] startLogits, float[] endLogits) {
            computed.add(window, startLogits, endLogits);
        }
    }

    private Iterator<Block> blocks(Computed computed) {
        return IntStream.iterate(0, from -> from < windows.size(), from -> from + WINDOWS_AT_ONCE)
                .mapToObj(from -> IntStream.range(from, Math.min(from + WINDOWS_AT_ONCE, windows.size()))
                        .mapToObj(windows::get)
                        .toList())
                .map(some -> new Block(some, computed))
                .iterator();
    }

    /** Answers the questions from the windows' logits and scores the answers. */
    private Scoreboard scores(Computed computed) {
        double threshold = experiment.decode().nullThresholdOr(0);
        List<AnswerScore> answers = new ArrayList<>();
        for (Example example : examples) {
            Prediction prediction = computed.decoder.predict(
                    computed.top.getOrDefault(example.exampleIndex(), List.of()), example.context());
            List<String> gold =
                    example.answers().stream().map(Example.Answer::text).toList();
            answers.add(AnswerScore.of(
                    example.id(), gold, prediction.at(threshold), prediction.text(), prediction.nullOdds()));
        }
        return Scoreboard.of(answers, QuestionKind.pattern(experiment.evaluate().kind()));
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
