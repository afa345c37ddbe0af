package io.sparkqa.report;

import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.report.ReportedSplit.Answer;
import io.sparkqa.squad.Example;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Questions and their answers as columns of small values: each context and title once, each span as its place in the context
 * (code points), or as a text if the context's text differs.
 */
final class QuestionColumns {
    /** Most candidates of a question that the page lists. */
    private static final int N_BEST = 8;

    private final Map<String, Integer> titles = new LinkedHashMap<>();
    private final Map<String, Integer> contexts = new LinkedHashMap<>();
    private final Map<String, List<Object>> columns = new TreeMap<>();

    private QuestionColumns() {}

    /**
     * Returns the columns of a set and of each run that answered it, ready for JSON.
     *
     * @param answers answers to the set, by the number of the run
     */
    static Map<String, Object> of(QuestionSet set, Map<Integer, ReportedSplit> answers) {
        QuestionColumns questions = new QuestionColumns();
        set.examples().forEach(questions::add);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", set.name());
        json.put("total", set.total());
        json.put("titles", questions.titles.keySet());
        json.put("contexts", questions.contexts.keySet());
        json.putAll(questions.columns);
        Map<Integer, Object> runs = new TreeMap<>();
        answers.forEach((run, split) -> {
            QuestionColumns columns = new QuestionColumns();
            for (Example example : set.examples()) {
                columns.add(example, split.answers().get(example.exampleIndex()));
            }
            runs.put(run, columns.columns);
        });
        json.put("runs", runs);
        return json;
    }

    private void put(String column, Object value) {
        columns.computeIfAbsent(column, any -> new ArrayList<>()).add(value);
    }

    private static int number(Map<String, Integer> known, String text) {
        int next = known.size();
        Integer earlier = known.putIfAbsent(text, next);
        return earlier == null ? next : earlier;
    }

    private void add(Example example) {
        put("id", example.id());
        put("question", example.question());
        put("title", number(titles, example.title() == null ? "" : example.title()));
        put("context", number(contexts, example.context()));
        List<Object> gold = new ArrayList<>();
        example.answers().stream().distinct().forEach(answer -> {
            gold.addAll(span(example, answer.answerStart(), answer.answerEnd(), answer.text()));
        });
        put("gold", gold);
    }

    private void add(Example example, Answer answer) {
        Outcome outcome = answer.outcome();
        put("exact", (int) outcome.prediction().exact());
        put("f1", outcome.prediction().f1());
        put("odds", outcome.prediction().nullOdds());
        put("confidence", outcome.confidence());
        put("kind", outcome.traits().kind());
        put("word", outcome.traits().word());
        put("windows", outcome.traits().windows());
        List<Candidate> nBest = answer.prediction().nBest();
        String text = answer.prediction().text();
        int best = 0;
        while (best < nBest.size() && !nBest.get(best).text().equals(text)) {
            best++;
        }
        List<Object> shown = new ArrayList<>();
        int place = -1;
        for (int i = 0; i < nBest.size(); i++) {
            if (shown.size() < 3 * N_BEST || i == best) {
                Candidate candidate = nBest.get(i);
                place = i == best ? shown.size() / 3 : place;
                shown.addAll(span(example, candidate.start(), candidate.end(), candidate.text()));
                shown.add(Math.round(candidate.probability() * 10_000));
            }
        }
        put("best", place);
        put("given", answer.given().isEmpty() ? 0 : 1);
        put("nBest", shown);
    }

    /** Returns start and length, or the text and 0 if the context has another text there. */
    private static List<Object> span(Example example, int start, int end, String text) {
        return example.contextPart(start, end).equals(text) ? List.of(start, end - start) : List.of(text, 0);
    }
}
