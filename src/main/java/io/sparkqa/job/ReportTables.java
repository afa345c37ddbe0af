package io.sparkqa.job;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.Prediction.Candidate;
import io.sparkqa.evaluate.AnswerScore;
import io.sparkqa.evaluate.QuestionKind;
import io.sparkqa.evaluate.QuestionScore;
import io.sparkqa.report.Choice;
import io.sparkqa.report.Outcome;
import io.sparkqa.report.Outcome.Traits;
import io.sparkqa.report.QuestionSet;
import io.sparkqa.report.ReportedSplit;
import io.sparkqa.report.ReportedSplit.Answer;
import io.sparkqa.run.CompletedOutputs;
import io.sparkqa.run.ParquetRows;
import io.sparkqa.run.RunFolder;
import io.sparkqa.squad.Example;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.parquet.example.data.Group;

/** Reads the evaluated splits of run folders for the report. */
final class ReportTables {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ReportTables() {}

    /** A split that a run has evaluated. */
    record Evaluated(RunFolder folder, CompletedOutputs completed, String split) {
        private String setting(Path made, String key) {
            return completed.settings(made).get(key);
        }

        private Optional<Pattern> kind() {
            return QuestionKind.pattern(Optional.ofNullable(setting(folder.scores(split), "evaluate.kind")));
        }

        private double nullThreshold() {
            String threshold = setting(folder.answers(split), DecodeJob.NULL_THRESHOLD);
            try {
                return Double.parseDouble(String.valueOf(threshold));
            } catch (NumberFormatException e) {
                throw new UserError(
                        "%s: its manifest has no null threshold; run jobs/decode.sh again with --force"
                                .formatted(folder.answers(split)),
                        e);
            }
        }

        /** Returns a key that is equal for splits with the same questions. */
        private String questions() {
            return completed.digests().get(folder.examples(split).toString());
        }
    }

    /** Returns the evaluated splits of a run, dev first. */
    static List<String> splits(RunFolder folder, CompletedOutputs completed) {
        return folder.splitsIn("scores").stream()
                .filter(split -> completed.contains(folder.scores(split)) && completed.contains(folder.answers(split)))
                .sorted(Comparator.comparing((String split) -> !split.equals("dev"))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    /**
     * Reads evaluated splits. Those with the same questions share one set of them.
     *
     * @param most most questions of a split that the page shows one by one
     */
    static Map<Evaluated, ReportedSplit> read(List<Evaluated> all, int most) throws IOException {
        Map<String, List<Evaluated>> byQuestions = new HashMap<>();
        for (Evaluated each : all) {
            byQuestions
                    .computeIfAbsent(each.split() + " " + each.questions(), any -> new ArrayList<>())
                    .add(each);
        }
        Map<Evaluated, ReportedSplit> read = new HashMap<>();
        for (List<Evaluated> same : byQuestions.values()) {
            readSame(same, most, read);
        }
        return read;
    }

    private static void readSame(List<Evaluated> runs, int most, Map<Evaluated, ReportedSplit> read)
            throws IOException {
        List<List<Scored>> scores = new ArrayList<>();
        for (Evaluated run : runs) {
            scores.add(scores(run.folder().scores(run.split())));
        }
        List<Scored> first = scores.get(0);
        BitSet chosen = Choice.of(
                scores.stream()
                        .map(run -> run.stream().map(Scored::score).toList())
                        .toList(),
                most);
        Map<Long, Integer> places = new HashMap<>();
        for (int i = 0; i < first.size(); i++) {
            places.put(first.get(i).index(), i);
        }
        Traits[] traits = new Traits[first.size()];
        Example[] examples = new Example[first.size()];
        Map<String, String> contexts = new HashMap<>();
        ParquetRows.each(runs.get(0).folder().examples(runs.get(0).split()), row -> {
            Example example = example(row, contexts);
            int place = places.get(example.exampleIndex());
            traits[place] = Traits.of(example);
            examples[place] = chosen.get(place) ? example : null;
        });
        QuestionSet questions = new QuestionSet(
                runs.get(0).split(), chosen.stream().mapToObj(i -> examples[i]).toList(), first.size());
        for (int i = 0; i < runs.size(); i++) {
            read.put(runs.get(i), split(runs.get(i), scores.get(i), traits, questions, chosen, places));
        }
    }

    private static ReportedSplit split(
            Evaluated run,
            List<Scored> scores,
            Traits[] traits,
            QuestionSet questions,
            BitSet chosen,
            Map<Long, Integer> places)
            throws IOException {
        Map<Long, Integer> windows = windows(run);
        Optional<Pattern> kind = run.kind();
        Outcome[] outcomes = new Outcome[scores.size()];
        Map<Long, Answer> answers = new HashMap<>();
        ParquetRows.each(run.folder().answers(run.split()), row -> {
            long index = row.getLong("example_index", 0);
            int place = places.get(index);
            AnswerScore score = scores.get(place).score();
            String given = row.getString("prediction", 0);
            Prediction prediction = prediction(row);
            Traits own = traits[place].with(
                    kind.map(pattern -> QuestionKind.of(score.prediction().id(), pattern))
                            .orElse(""),
                    windows.getOrDefault(index, 0));
            outcomes[place] = new Outcome(score, own, confidence(given, prediction));
            if (chosen.get(place)) {
                answers.put(index, new Answer(given, prediction, outcomes[place]));
            }
        });
        return new ReportedSplit(
                run.split(),
                run.nullThreshold(),
                JSON.readValue(run.folder().metrics(run.split()).toFile(), new TypeReference<Map<String, Double>>() {}),
                List.of(outcomes),
                questions,
                answers);
    }

    /** A question's scores and its place in the data set. */
    private record Scored(long index, AnswerScore score) {}

    private static List<Scored> scores(Path table) {
        List<Scored> scores = new ArrayList<>();
        ParquetRows.each(
                table,
                row -> scores.add(new Scored(
                        row.getLong("example_index", 0), new AnswerScore(score(row, ""), score(row, "text_")))));
        if (scores.isEmpty()) {
            throw new UserError(table + ": holds no questions, so there is nothing to report");
        }
        scores.sort(Comparator.comparingLong(Scored::index));
        return scores;
    }

    private static QuestionScore score(Group row, String prefix) {
        return new QuestionScore(
                row.getString("id", 0),
                row.getDouble(prefix + "exact", 0),
                row.getDouble(prefix + "f1", 0),
                row.getBoolean("has_answer", 0),
                row.getBoolean(prefix + "answered", 0),
                row.getFloat("null_odds", 0));
    }

    /** Returns the example of a row. Equal contexts become one object. */
    private static Example example(Group row, Map<String, String> contexts) {
        return new Example(
                row.getLong("example_index", 0),
                row.getString("id", 0),
                row.getFieldRepetitionCount("title") == 0 ? "" : row.getString("title", 0),
                contexts.computeIfAbsent(row.getString("context", 0), context -> context),
                row.getString("question", 0),
                ParquetRows.list(row, "answers").stream()
                        .map(answer ->
                                new Example.Answer(answer.getString("text", 0), answer.getInteger("answer_start", 0)))
                        .toList(),
                row.getFieldRepetitionCount("is_impossible") > 0 && row.getBoolean("is_impossible", 0));
    }

    private static Prediction prediction(Group row) {
        return new Prediction(
                row.getString("text", 0),
                row.getFloat("null_odds", 0),
                ParquetRows.list(row, "n_best").stream()
                        .map(candidate -> new Candidate(
                                candidate.getString("text", 0),
                                candidate.getFloat("start_logit", 0),
                                candidate.getFloat("end_logit", 0),
                                candidate.getFloat("probability", 0),
                                candidate.getInteger("start", 0),
                                candidate.getInteger("end", 0)))
                        .toList());
    }

    /** Returns the probability of the given answer among the n best; NaN if it is not among them. */
    private static double confidence(String given, Prediction prediction) {
        return prediction.nBest().stream()
                .filter(candidate -> candidate.text().equals(given))
                .mapToDouble(Candidate::probability)
                .findFirst()
                .orElse(Double.NaN);
    }

    /** Returns the number of windows of each example; empty if there is no table of windows. */
    private static Map<Long, Integer> windows(Evaluated run) {
        Map<Long, Integer> windows = new HashMap<>();
        Path table = run.folder().windows(run.split());
        if (run.completed().contains(table)) {
            try (WindowTable all = WindowTable.open(table)) {
                for (int i = 0; i < all.size(); i++) {
                    windows.merge(all.get(i).exampleIndex(), 1, Integer::sum);
                }
            }
        }
        return windows;
    }
}
