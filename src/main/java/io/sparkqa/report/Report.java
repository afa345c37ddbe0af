package io.sparkqa.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Makes the page of one run, or of several side by side. */
public final class Report {
    /** Most runs of a page; the number of its colours. */
    public static final int MOST_RUNS = 8;

    /** Significant digits of a number in the page. */
    private static final MathContext PRECISION = new MathContext(6);

    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new SimpleModule()
                    .addSerializer(Double.class, new RoundedNumbers())
                    .addSerializer(double.class, new RoundedNumbers()));

    private Report() {}

    /**
     * Returns the page in UTF-8.
     *
     * @param made time at which the page is made, in words
     */
    @SuppressWarnings("ReferenceEquality") // Runs with the same questions share one set.
    public static byte[] html(List<ReportedRun> runs, String made) throws IOException {
        List<QuestionSet> sets = new ArrayList<>();
        List<Object> shownRuns = new ArrayList<>();
        for (ReportedRun run : runs) {
            shownRuns.add(run(run, sets));
        }
        List<Object> questions = new ArrayList<>();
        for (QuestionSet set : sets) {
            Map<Integer, ReportedSplit> answers = new TreeMap<>();
            for (int i = 0; i < runs.size(); i++) {
                for (ReportedSplit split : runs.get(i).splits()) {
                    if (split.questions() == set) {
                        answers.put(i, split);
                    }
                }
            }
            questions.add(QuestionColumns.of(set, answers));
        }
        String title = runs.size() == 1 ? runs.get(0).name() : runs.size() + " runs side by side";
        byte[] data = JSON.writeValueAsBytes(Map.of("made", made, "runs", shownRuns));
        return new Page()
                .html("spark-qa · " + title, data, deflated(JSON.writeValueAsBytes(questions)))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Returns a text that changes whenever the same runs would give another page. */
    public static String version() {
        return new Page().digest();
    }

    private static Map<String, Object> run(ReportedRun run, List<QuestionSet> sets) {
        List<Object> splits = new ArrayList<>();
        for (ReportedSplit split : run.splits()) {
            Map<String, Object> shown = new LinkedHashMap<>();
            shown.put("name", split.name());
            shown.put("set", number(sets, split.questions()));
            shown.put("metrics", split.metrics());
            shown.put("analysis", SplitAnalysis.of(split));
            splits.add(shown);
        }
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("name", run.name());
        shown.put("stale", run.stale());
        shown.put("settings", run.settings());
        shown.put("training", Training.of(run.trainLog()));
        shown.put("history", run.history());
        shown.put("digests", run.digests());
        run.published().ifPresent(published -> {
            Map<String, Object> figures = new LinkedHashMap<>();
            published.exact().ifPresent(exact -> figures.put("exact", exact));
            published.f1().ifPresent(f1 -> figures.put("f1", f1));
            published.source().ifPresent(source -> figures.put("source", source));
            shown.put("published", figures);
        });
        shown.put("splits", splits);
        return shown;
    }

    /** Returns the index of a set, found by identity, since comparing long lists takes time. */
    @SuppressWarnings("ReferenceEquality")
    private static int number(List<QuestionSet> sets, QuestionSet set) {
        for (int i = 0; i < sets.size(); i++) {
            if (sets.get(i) == set) {
                return i;
            }
        }
        sets.add(set);
        return sets.size() - 1;
    }

    private static byte[] deflated(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater =
                new DeflaterOutputStream(out, new Deflater(Deflater.BEST_COMPRESSION), 1 << 16)) {
            deflater.write(bytes);
        }
        return out.toByteArray();
    }

    /** Writes doubles with few digits, and null for NaN and infinity, which JSON does not have. */
    private static final class RoundedNumbers extends StdSerializer<Double> {
        RoundedNumbers() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator out, SerializerProvider provider) throws IOException {
            if (value.isNaN() || value.isInfinite()) {
                out.writeNull();
            } else {
                BigDecimal rounded = new BigDecimal(value).round(PRECISION).stripTrailingZeros();
                out.writeNumber(rounded.scale() < 0 ? rounded.setScale(0) : rounded);
            }
        }
    }
}
