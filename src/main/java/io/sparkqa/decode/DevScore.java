package io.sparkqa.decode;

import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.Scoreboard;
import io.sparkqa.squad.Example;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Answers questions and scores the answers within one process, as the trainer does between epochs. */
public final class DevScore {
    private static final int WINDOWS_AT_ONCE = 1024;

    private final SpanDecoder decoder;
    private final double nullThreshold;
    private final Optional<Pattern> kind;

    /**
     * Scores by these rules.
     *
     * @param nullThreshold questions with greater null odds stay unanswered
     * @param kind finds a question's kind in its id
     */
    public DevScore(SpanDecoder decoder, double nullThreshold, Optional<Pattern> kind) {
        this.decoder = decoder;
        this.nullThreshold = nullThreshold;
        this.kind = kind;
    }

    /** The metrics of the examples, given all of their windows; an example without windows counts as unanswered. */
    public Scoreboard of(List<Example> examples, WindowTable windows, WindowLogits logits) {
        Map<Long, List<WindowSpans>> spans = spans(windows, logits);
        List<AnswerScore> answers = new ArrayList<>();
        for (Example example : examples) {
            Prediction prediction =
                    decoder.predict(spans.getOrDefault(example.exampleIndex(), List.of()), example.context());
            List<String> gold =
                    example.answers().stream().map(Example.Answer::text).toList();
            answers.add(AnswerScore.of(
                    example.id(), gold, prediction.at(nullThreshold), prediction.text(), prediction.nullOdds()));
        }
        return Scoreboard.of(answers, kind);
    }

    private Map<Long, List<WindowSpans>> spans(WindowTable windows, WindowLogits logits) {
        Map<Long, List<WindowSpans>> spans = new HashMap<>();
        for (int from = 0; from < windows.size(); from += WINDOWS_AT_ONCE) {
            List<Window> some = new ArrayList<>();
            for (int i = from; i < Math.min(from + WINDOWS_AT_ONCE, windows.size()); i++) {
                some.add(windows.get(i));
            }
            logits.run(
                    some, (window, start, end) -> spans.computeIfAbsent(window.exampleIndex(), any -> new ArrayList<>())
                            .add(decoder.spans(window, start, end)));
        }
        return spans;
    }
}
