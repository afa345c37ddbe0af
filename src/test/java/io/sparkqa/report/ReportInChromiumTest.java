package io.sparkqa.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.report.ReportedSplit.Answer;
import io.sparkqa.squad.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportInChromiumTest {
    private static final String HOSTILE =
            "Who wrote </script><img src=x onerror=\"hacked=1\"><!--<script>hacked=1</script>--> {{data}} \u202Egnirts\u202C \u2028 it?";
    private static final String CONTEXT =
            "\uD83D\uDE00 Ada <b onclick=hacked=1>Lovelace</b> wrote it in London \u0639\u0631\u0628\u064A, </script> says \uD83D\uDE80 Mary Smith.";

    @TempDir
    static Path folder;

    private static Chromium chromium;

    @BeforeAll
    static void start() throws Exception {
        Assumptions.assumeTrue(
                Chromium.program().isPresent(),
                "Chromium is not installed (Debian's package chromium): the page is not opened");
        chromium = new Chromium(folder.resolve("profile"));
    }

    @AfterAll
    static void end() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
    }

    /** Returns a run with a question for each verdict, in the order right, partial, wrong, should be empty, should be answered. */
    private static ReportedRun fiveVerdicts(String name, QuestionSet questions, boolean better) throws IOException {
        List<Example> examples = questions.examples();
        return SampleRuns.run(
                name,
                questions,
                List.of(
                        SampleRuns.answer(examples.get(0), "Mary Smith", true, 0.9),
                        SampleRuns.answer(examples.get(1), better ? "Mary Smith" : "Smith", true, 0.8),
                        SampleRuns.answer(examples.get(2), "London", true, 0.7),
                        SampleRuns.answer(examples.get(3), "London", true, 0.6),
                        SampleRuns.answer(examples.get(4), "London", false, 0.5)));
    }

    private static QuestionSet hostileQuestions() {
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            examples.add(SampleRuns.example(
                    i, CONTEXT, i == 2 ? HOSTILE : "Who said " + i + "?", i == 3 ? null : "Mary Smith"));
        }
        return new QuestionSet("dev", examples, 12);
    }

    private static void open(ReportedRun... runs) throws Exception {
        Path page = folder.resolve("report.html");
        Files.write(page, Report.html(Arrays.asList(runs), "a day"));
        chromium.show(1200, false);
        chromium.open(page);
        waitFor("document.querySelectorAll('details.question').length > 0");
    }

    private static void waitFor(String condition) throws Exception {
        chromium.evaluate(
                "new Promise((done, failed) => { const from = Date.now(); (function look() { if (%s) done(true);"
                                .formatted(condition)
                        + " else if (Date.now() - from > 20000) failed(new Error('not within 20 s'));"
                        + " else setTimeout(look, 10); })(); })");
    }

    private static List<String> shown() throws Exception {
        List<String> ids = new ArrayList<>();
        chromium.evaluate("[...document.querySelectorAll('details.question')].map(d => d.dataset.id)")
                .forEach(id -> ids.add(id.asText()));
        return ids;
    }

    private static void filter(String name) throws Exception {
        chromium.evaluate("document.querySelector('[data-filter=%s]').click()".formatted(name));
    }

    private static void search(String text) throws Exception {
        chromium.evaluate(
                "{ const box = document.querySelector('input[type=search]'); box.value = '%s'; box.dispatchEvent(new Event('input')); }"
                        .formatted(text));
    }

    @Test
    void whatIsStaleIsSaidAboveTheFigures() throws Exception {
        ReportedRun run = fiveVerdicts("one", hostileQuestions(), false);
        open(SampleRuns.stale(run, "answers/dev (model was made again)"));
        assertThat(chromium.evaluate("document.querySelector('#results .stale').textContent")
                        .asText())
                .isEqualTo("Stale: answers/dev (model was made again). Run jobs/pipeline.sh to make them again.");
        open(run);
        assertThat(chromium.evaluate("document.querySelectorAll('.stale').length")
                        .asInt())
                .isZero();
    }

    @Test
    void filtersSearchAndOrderChooseQuestionsAndNothingComplains() throws Exception {
        open(fiveVerdicts("one", hostileQuestions(), false));
        assertThat(shown()).containsExactly("id-1", "id-2", "id-3", "id-4");
        filter("partial");
        assertThat(shown()).containsExactly("id-1");
        filter("wrong");
        assertThat(shown()).containsExactly("id-2");
        filter("empty");
        assertThat(shown()).containsExactly("id-3");
        filter("answered");
        assertThat(shown()).containsExactly("id-4");
        filter("all");
        assertThat(shown()).hasSize(5);
        search("SAID 3");
        assertThat(shown()).containsExactly("id-3");
        search("lovelace");
        assertThat(shown()).as("found in the context").hasSize(5);
        search("of no question");
        assertThat(shown()).isEmpty();
        search("");
        chromium.evaluate(
                "{ const order = document.querySelector('select[aria-label=Order]'); order.value = 'unsure'; order.dispatchEvent(new Event('change')); }");
        assertThat(shown()).containsExactly("id-4", "id-3", "id-2", "id-1", "id-0");
        assertThat(chromium.evaluate("document.body.textContent").asText())
                .contains("Of 12 questions, 5 are shown one by one");
        assertThat(chromium.evaluate("document.querySelectorAll('svg[role=img]').length")
                        .asInt())
                .isGreaterThan(10);
        assertThat(chromium.complaints()).isEmpty();
    }

    @Test
    void answerableQuestionsOnlyHaveNoFiguresOfUnanswerableOnes() throws Exception {
        List<Example> examples = List.of(
                SampleRuns.example(0, CONTEXT, "Who?", "Mary Smith"),
                SampleRuns.example(1, CONTEXT, "Where?", "London"));
        open(SampleRuns.run(
                "one",
                new QuestionSet("dev", examples, 2),
                List.of(
                        SampleRuns.answer(examples.get(0), "Mary Smith", true, 0.9),
                        SampleRuns.answer(examples.get(1), "Mary Smith", true, 0.8))));
        assertThat(chromium.evaluate("document.querySelector('#answers').textContent")
                        .asText())
                .doesNotContain("F1, unanswerable", "of the unanswerable", "unanswerable (0)");
        assertThat(chromium.evaluate("document.querySelector('#data').textContent")
                        .asText())
                .doesNotContain("NaN")
                .doesNotContainPattern("\\d\\.\\d{9}");
        assertThat(chromium.complaints()).isEmpty();
    }

    @Test
    void textFromTheDataStaysText() throws Exception {
        open(fiveVerdicts("<i>one</i>", hostileQuestions(), false));
        filter("wrong");
        assertThat(chromium.evaluate("document.querySelector('.asked').textContent")
                        .asText())
                .isEqualTo(HOSTILE);
        assertThat(chromium.evaluate("document.querySelector('.context').textContent")
                        .asText())
                .isEqualTo(CONTEXT);
        assertThat(chromium.evaluate("document.querySelector('h1').textContent").asText())
                .isEqualTo("<i>one</i>");
        assertThat(chromium.evaluate("document.querySelectorAll('img, b[onclick], h1 i, .context b').length")
                        .asInt())
                .isZero();
        assertThat(chromium.evaluate("document.scripts.length").asInt()).isEqualTo(4);
        assertThat(chromium.evaluate("typeof hacked").asText()).isEqualTo("undefined");
        assertThat(chromium.complaints()).isEmpty();
    }

    @Test
    void thePolicyBlocksScriptsStylesAndRequestsOfOthers() throws Exception {
        open(fiveVerdicts("one", hostileQuestions(), false));
        JsonNode blocked = chromium.evaluate(
                """
                new Promise(done => {
                  const blocked = [];
                  document.addEventListener('securitypolicyviolation', e => blocked.push(e.effectiveDirective));
                  const script = document.createElement('script');
                  script.textContent = 'window.hacked = 1';
                  document.body.append(script);
                  const style = document.createElement('style');
                  style.textContent = 'body { display: none }';
                  document.body.append(style);
                  fetch('http://127.0.0.1:1/').catch(() => null);
                  setTimeout(() => done([...blocked, typeof window.hacked]), 300);
                })""");
        assertThat(blocked.toString()).contains("script-src", "style-src", "connect-src", "undefined");
        assertThat(chromium.complaints()).isNotEmpty();
    }

    @Test
    void goldAndGivenSpansAreMarkedAfterCharactersOfTwoUnits() throws Exception {
        open(fiveVerdicts("one", hostileQuestions(), false));
        filter("wrong");
        assertThat(chromium.evaluate("document.querySelector('.context mark.gold').textContent")
                        .asText())
                .isEqualTo("Mary Smith");
        assertThat(chromium.evaluate("document.querySelector('.context mark.given').textContent")
                        .asText())
                .isEqualTo("London");
        filter("partial");
        assertThat(chromium.evaluate("document.querySelector('.context mark.gold.given').textContent")
                        .asText())
                .isEqualTo("Smith");
        assertThat(chromium.evaluate("document.querySelector('.nbest tr.chosen').textContent")
                        .asText())
                .contains("Smith", "80.0%");
        filter("answered");
        assertThat(chromium.evaluate("document.querySelector('.context mark.maybe').textContent")
                        .asText())
                .isEqualTo("London");
        assertThat(chromium.evaluate("document.querySelector('.nbest tr.chosen').textContent")
                        .asText())
                .contains("no answer");
    }

    @Test
    void runsStandSideBySideAndTheirDisagreementsAreFound() throws Exception {
        QuestionSet questions = hostileQuestions();
        open(fiveVerdicts("one", questions, false), fiveVerdicts("two", questions, true));
        filter("disagree");
        assertThat(shown()).containsExactly("id-1");
        assertThat(chromium.evaluate("document.querySelector('details.question').textContent")
                        .asText())
                .contains("Other runs", "two", "Mary Smith");
        assertThat(chromium.evaluate("document.querySelector('#results').textContent")
                        .asText())
                .contains("one", "two", "82.91", "a model card");
        assertThat(chromium.evaluate("document.querySelectorAll('#results .best').length")
                        .asInt())
                .isPositive();
        open(fiveVerdicts("one", questions, false), fiveVerdicts("two", hostileQuestions(), true));
        assertThat(chromium.evaluate("document.querySelectorAll('#results .best').length")
                        .asInt())
                .as("scores on different questions are not compared")
                .isZero();
        assertThat(chromium.evaluate("document.querySelector('#results .incomparable').textContent")
                        .asText())
                .contains("different questions");
        assertThat(chromium.complaints()).isEmpty();
    }

    @Test
    void itIsReadableInLightAndDarkAndOnAPhone() throws Exception {
        open(fiveVerdicts("one", hostileQuestions(), false));
        for (boolean dark : List.of(false, true)) {
            chromium.show(1200, dark);
            double paper = luminance("getComputedStyle(document.body).backgroundColor");
            assertThat(paper < 0.5).isEqualTo(dark);
            for (String part : List.of("h1", ".lead", "figcaption p", ".verdict.wrong", "svg text", ".key.k0")) {
                double ink = luminance("getComputedStyle(document.querySelector('%s')).%s"
                        .formatted(part, part.startsWith("svg") ? "fill" : "color"));
                double contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
                assertThat(contrast).as(part + (dark ? ", dark" : ", light")).isGreaterThan(4.5);
            }
        }
        chromium.show(390, false);
        waitFor("[...document.querySelectorAll('svg[role=img]')].every(svg => svg.clientWidth <= 380)");
        assertThat(chromium.evaluate("document.documentElement.scrollWidth").asInt())
                .isLessThanOrEqualTo(390);
    }

    /** Returns the relative luminance of an sRGB colour, as WCAG defines it. */
    private static double luminance(String expression) throws Exception {
        List<Double> parts = Arrays.stream(chromium.evaluate(expression)
                        .asText()
                        .replaceAll("[^0-9.,]", "")
                        .split(","))
                .limit(3)
                .map(part -> Double.parseDouble(part) / 255)
                .map(c -> c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4))
                .toList();
        return 0.2126 * parts.get(0) + 0.7152 * parts.get(1) + 0.0722 * parts.get(2);
    }

    @Test
    void twelveThousandQuestionsOpenInUnderTwoSecondsAndFiveMegabytes() throws Exception {
        Random random = new Random(1);
        List<String> words = random.ints(4000, 0, 26 * 26 * 26)
                .mapToObj(n -> "" + (char) ('a' + n / 676) + (char) ('a' + n / 26 % 26) + (char) ('a' + n % 26) + n % 7)
                .toList();
        List<Example> examples = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 12_000; i++) {
            Random ofContext = new Random(i / 10);
            List<String> context =
                    ofContext.ints(120, 0, words.size()).mapToObj(words::get).toList();
            String question = random.ints(10, 0, words.size())
                    .mapToObj(words::get)
                    .collect(Collectors.joining(" ", "What ", "?"));
            examples.add(
                    SampleRuns.example(i, String.join(" ", context), question, i % 3 == 0 ? null : context.get(50)));
            answers.add(SampleRuns.answer(examples.get(i), context.get(50 + i % 2), i % 5 > 0, random.nextDouble()));
        }
        ReportedRun run = SampleRuns.run("large", new QuestionSet("dev", examples, examples.size()), answers);
        open(run);
        assertThat(chromium.computed()).isLessThan(2);
        assertThat(Files.size(folder.resolve("report.html"))).isLessThan(5_000_000);
        search("what");
        assertThat(shown()).hasSize(20);
        assertThat(chromium.evaluate("document.querySelector('.pager').textContent")
                        .asText())
                .contains("Page 1 of");
    }
}
