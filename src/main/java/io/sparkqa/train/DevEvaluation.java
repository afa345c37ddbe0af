package io.sparkqa.train;

import io.sparkqa.config.Experiment;
import io.sparkqa.decode.LogitsRunner;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.SpanDecoder;
import io.sparkqa.decode.TopLogits;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.QuestionKind;
import io.sparkqa.evaluate.Scoreboard;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.squad.Example;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.DoubleAdder;
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
     * Evaluates a network with its current weights, without dropout.
     *
     * @throws StoppedOnRequest if a stop is requested meanwhile
     */
    public Result of(RobertaForQuestionAnswering network, StopRequest stop) {
        DoubleAdder loss = new DoubleAdder();
        LogitsRunner logits = LogitsRunner.of(network, experiment.decode().batchTokens());
        Scoreboard scores = scores((some, sink) -> logits.run(some, (window, start, end) -> {
            stop.check();
            loss.add(loss(window, start, end));
            sink.accept(window, start, end);
        }));
        return new Result(loss.sum() / Math.max(1, windows.size()), scores);
    }

    /** Answers the questions from the windows' logits and scores the answers. */
    Scoreboard scores(WindowLogits logits) {
        Experiment.Decode settings = experiment.decode();
        SpanDecoder decoder = SpanDecoder.of(settings);
        Map<Long, List<TopLogits>> top = top(decoder, logits);
        List<AnswerScore> answers = new ArrayList<>();
        for (Example example : examples) {
            Prediction prediction =
                    decoder.predict(top.getOrDefault(example.exampleIndex(), List.of()), example.context());
            List<String> gold =
                    example.answers().stream().map(Example.Answer::text).toList();
            answers.add(AnswerScore.of(
                    example.id(),
                    gold,
                    prediction.at(settings.nullThresholdOr(0)),
                    prediction.text(),
                    prediction.nullOdds()));
        }
        return Scoreboard.of(answers, QuestionKind.pattern(experiment.evaluate().kind()));
    }

    private Map<Long, List<TopLogits>> top(SpanDecoder decoder, WindowLogits logits) {
        Map<Long, List<TopLogits>> top = new HashMap<>();
        for (int from = 0; from < windows.size(); from += WINDOWS_AT_ONCE) {
            List<Window> some = IntStream.range(from, Math.min(from + WINDOWS_AT_ONCE, windows.size()))
                    .mapToObj(windows::get)
                    .toList();
            logits.run(
                    some, (window, start, end) -> top.computeIfAbsent(window.exampleIndex(), any -> new ArrayList<>())
                            .add(decoder.top(window, start, end)));
        }
        return top;
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
