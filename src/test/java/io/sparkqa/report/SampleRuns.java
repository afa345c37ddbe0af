package io.sparkqa.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.QuestionScore;
import io.sparkqa.report.Outcome.Traits;
import io.sparkqa.report.ReportedRun.Published;
import io.sparkqa.report.ReportedSplit.Answer;
import io.sparkqa.squad.Example;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs for the report to show, made without a model. */
final class SampleRuns {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SampleRuns() {}

    /** Returns an example whose gold answer is a part of the context; it has no answer if {@code gold} is null. */
    static Example example(int index, String context, String question, String gold) {
        return new Example(
                index,
                "id-" + index,
                "Article " + index / 100,
                context,
                question,
                gold == null
                        ? List.of()
                        : List.of(new Example.Answer(gold, context.codePointCount(0, context.indexOf(gold)))),
                gold == null);
    }

    /** Returns the answer of a model whose best text is {@code text}; {@code gives} tells whether it gives that or none. */
    static Answer answer(Example example, String text, boolean gives, double probability) {
        int start = example.context().codePointCount(0, example.context().indexOf(text));
        float odds = gives ? -3 : 3;
        Prediction prediction = new Prediction(
                text,
                odds,
                List.of(
                        new Candidate(
                                text,
                                2,
                                2,
                                (float) (gives ? probability : 1 - probability),
                                start,
                                start + text.codePointCount(0, text.length())),
                        new Candidate("", 1, 1, (float) (gives ? 1 - probability : probability), 0, 0)));
        String given = gives ? text : "";
        List<String> gold = example.answers().stream().map(Example.Answer::text).toList();
        AnswerScore score = new AnswerScore(
                QuestionScore.of(example.id(), gold, given, odds), QuestionScore.of(example.id(), gold, text, odds));
        return new Answer(
                given, prediction, new Outcome(score, Traits.of(example).with("sample", 1), probability));
    }

    /** Returns a run with these answers; its metrics and training are made up. */
    static ReportedRun run(String name, QuestionSet questions, List<Answer> answers) throws JsonProcessingException {
        Map<Long, Answer> byIndex = new HashMap<>();
        for (int i = 0; i < answers.size(); i++) {
            byIndex.put(questions.examples().get(i).exampleIndex(), answers.get(i));
        }
        List<Outcome> outcomes = answers.stream().map(Answer::outcome).toList();
        Map<String, Double> metrics = Map.of(
                "exact", 60.0, "f1", 70.0, "total", (double) answers.size(), "HasAns_f1", 65.0, "NoAns_f1", 80.0);
        List<JsonNode> log = new ArrayList<>();
        for (int step = 0; step <= 40; step += 10) {
            if (step % 20 == 0) {
                log.add(JSON.readTree(
                        """
                        {"event": "evaluation", "step": %d, "epoch": %s, "dev_loss": 2.0,
                         "dev": {"exact": 40.0, "f1": %d, "HasAns_f1": 45.0, "NoAns_f1": 70.0}}"""
                                .formatted(step, step / 20.0, 50 + step / 2)));
            }
            if (step > 0) {
                log.add(JSON.readTree(
                        """
                        {"event": "step", "step": %d, "epoch": %s, "loss": %s, "lr": 3e-5, "grad_norm": 1.5,
                         "tokens_per_second": 5000, "share_of_peak": 0.3, "resident_mb": 900}"""
                                .formatted(step, step / 20.0, 3 - step / 20.0)));
            }
        }
        JsonNode stage = JSON.readTree(
                """
                {"stage": "train", "state": "done", "ended": "2026-01-01T00:00:00Z", "seconds": 61, "peak_memory_mb": 1200,
                 "summary": "40 steps", "hardware": {"processor": "a CPU"}, "versions": {"Java": "17"}}""");
        return new ReportedRun(
                name,
                List.of(),
                Map.of("run.dir", "runs/" + name, "train.clip", "1.0"),
                log,
                List.of(stage),
                Map.of("data/dev.json", "0".repeat(64)),
                Optional.of(new Published(Optional.of(79.87), Optional.of(82.91), Optional.of("a model card"))),
                List.of(new ReportedSplit("dev", 0, metrics, outcomes, questions, byIndex)));
    }

    /** Returns the same run, in which {@code what} is stale. */
    static ReportedRun stale(ReportedRun run, String what) {
        return new ReportedRun(
                run.name(),
                List.of(what),
                run.settings(),
                run.trainLog(),
                run.history(),
                run.digests(),
                run.published(),
                run.splits());
    }
}
