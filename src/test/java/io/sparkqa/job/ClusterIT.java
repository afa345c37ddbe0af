package io.sparkqa.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkqa.Pages;
import io.sparkqa.SmallNetwork;
import io.sparkqa.TestSpark;
import io.sparkqa.demo.MultipliedData;
import io.sparkqa.model.TinyModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the demo, with fewer questions and a smaller network, on a standalone cluster of two one-core workers, and kills
 * processes in some runs. Each test uses what the earlier ones have made.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT {
    private static final Path DEMO = Script.PROJECT.resolve("conf/demo.conf");
    private static final int FEW = 600;
    private static final int MANY = 9_000;

    @TempDir
    static Path folder;

    private static Cluster cluster;

    @BeforeAll
    static void aClusterAndManyQuestions() throws Exception {
        cluster = Cluster.start(folder.resolve("cluster"));
        SmallNetwork.writeConfig(folder.resolve("small.json"));
        questions(FEW, 1, "few.json");
        questions(MANY, 9, "many");
    }

    private static void questions(int count, int files, String name) {
        assertThat(MultipliedData.run(
                        "--from",
                        Script.PROJECT.resolve("data/dev.json").toString(),
                        "--questions",
                        Integer.toString(count),
                        "--files",
                        Integer.toString(files),
                        "--out",
                        folder.resolve(name).toString()))
                .isZero();
    }

    @AfterAll
    static void theClusterEnds() {
        cluster.close();
    }

    private static String[] arguments(String run, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                DEMO.toString(),
                "run.dir=" + folder.resolve(run),
                "data.train=" + Script.PROJECT.resolve("data/handwritten.json"),
                "data.dev=" + folder.resolve("few.json"),
                "data.more.handwritten=",
                "model.from=",
                "model.config=" + folder.resolve("small.json"),
                "model.tokenizer=" + Script.PROJECT.resolve("target/start-model"),
                "spark.executor.extraJavaOptions=-Dai.djl.offline=true " + Script.BRIEF_JVM,
                "train.max_steps=2"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private static Running start(String script, String run, String... more) throws IOException {
        List<String> all = new ArrayList<>(List.of(more));
        all.addAll(List.of("--master", cluster.url()));
        return Script.start(folder, cluster.environment(), script, arguments(run, all.toArray(String[]::new)));
    }

    private static Script run(String script, String run, String... more) throws Exception {
        try (Running running = start(script, run, more)) {
            return running.end();
        }
    }

    @Test
    @Order(1)
    void theWholePipelineMakesTheSameRowsOnAClusterAsInOneProcess() throws Exception {
        Script here = Script.run(
                folder, Map.of("OMP_NUM_THREADS", "1"), "pipeline.sh", arguments("here", "--master", "local[2]"));
        assertThat(here.code()).as(here.err()).isZero();
        Script there = run("pipeline.sh", "there");
        assertThat(there.code()).as(there.err()).isZero();
        assertThat(there.err()).doesNotContain("WARN", "ERROR", "Exception");

        for (String split : List.of("train", "dev")) {
            assertSameRows(windows("there", split), windows("here", split));
        }
        assertThat(answers("there")).isEqualTo(answers("here"));
        assertThat(folder.resolve("there/metrics.json")).hasSameTextualContentAs(folder.resolve("here/metrics.json"));
        assertThat(cluster.modelsRead()).as("one reading for each executor").hasSize(2);
        try (Stream<Path> files = Files.walk(folder.resolve("there"))) {
            assertThat(files.filter(Files::isRegularFile).filter(ClusterIT::holdsTheSecret))
                    .isEmpty();
        }
    }

    private static boolean holdsTheSecret(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains(cluster.secret());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @Order(2)
    void noExecutorOutlivesADriverThatIsKilledInPreprocess() throws Exception {
        try (Running script = start("preprocess.sh", "lost", "data.dev=many")) {
            Cluster.await(() -> isBeingWritten("lost/windows/dev.partial"));
            script.signal("KILL");
        }
        Cluster.await(() -> cluster.executors().isEmpty());
        assertThat(folder.resolve("lost/windows/dev")).doesNotExist();
    }

    @Test
    @Order(3)
    void preprocessGoesOnAtItsStepAndAnExecutorKilledMeanwhileChangesNothing() throws Exception {
        try (Running script = start("preprocess.sh", "lost", withRepeatedTasks("data.dev=many"))) {
            // the stage deletes the killed driver's half-written table before it writes its own
            Cluster.await(() -> !isBeingWritten("lost/windows/dev.partial"));
            Cluster.await(() -> isBeingWritten("lost/windows/dev.partial"));
            cluster.executors().get(0).destroyForcibly();
            Script ended = script.end();
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.out()).contains("dev: 9,000 questions in", "up to date", "windows/train");
        }
        assertThat(wasLostAndRepeated(events("lost"))).isTrue();
        TestSpark.session();
        StageOutput here = StageOutput.of(
                new PreprocessJob(), arguments("whole", "data.dev=" + folder.resolve("many"), "data.train="));
        assertThat(here.code()).as(here.err()).isZero();
        assertSameRows(windows("lost", "dev"), windows("whole", "dev"));
    }

    @Test
    @Order(4)
    void decodeAfterAKilledDriverAndWithAKilledExecutorGivesTheSameAnswers() throws Exception {
        int read = cluster.modelsRead().size();
        try (Running script = start("decode.sh", "there", "--force")) {
            Cluster.await(() -> cluster.modelsRead().size() == read + 2);
            script.signal("KILL");
        }
        Cluster.await(() -> cluster.executors().isEmpty());
        String shared = "spark.executor.extraClassPath=%s:%s"
                .formatted(Script.PROJECT.resolve("target/lib/*"), Script.PROJECT.resolve("target/spark/jars/*"));
        try (Running script = start("decode.sh", "there", withRepeatedTasks(shared))) {
            Cluster.await(() -> cluster.modelsRead().size() == read + 4);
            assertThat(cluster.executors())
                    .as("executors with the driver's class path map its archive of classes")
                    .allSatisfy(executor -> assertThat(Path.of("/proc", "" + executor.pid(), "maps"))
                            .content()
                            .contains("spark-qa.jsa"));
            cluster.executors().get(0).destroyForcibly();
            Script ended = script.end();
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.out()).contains("600 windows of dev through the network", "600 questions of dev answered");
        }
        String events = events("there");
        assertThat(wasLostAndRepeated(events)).isTrue();
        assertThat(events.contains("jars/pytorch"))
                .as("whether libraries were sent that lie in a shared folder")
                .isFalse();
        assertThat(answers("there")).isEqualTo(answers("here"));
    }

    @Test
    @Order(5)
    void anErrorOnAnExecutorIsOneMessageWithFileAndPlace() throws Exception {
        Path poisoned = folder.resolve("many/part-00005.json");
        String json = Files.readString(poisoned);
        int answers = json.indexOf("\"answers\":[{", json.length() / 2);
        int middle = json.indexOf("\"answer_start\":", answers);
        Files.writeString(poisoned, json.substring(0, middle) + "\"answer_stop\":" + json.substring(middle + 15));

        // here the settings name the master, not the command line
        Path conf = Files.writeString(
                folder.resolve("poisoned.conf"),
                """
                include required(file("%s"))
                run.dir = poisoned
                data { train = null, dev = many, more.handwritten = null }
                spark.master = "%s"
                """
                        .formatted(DEMO, cluster.url()));
        Script script = Script.run(folder, cluster.environment(), "preprocess.sh", conf.toString());

        assertThat(script.code()).isEqualTo(1);
        assertThat(messages(script))
                .containsPattern(
                        "part-00005\\.json: data\\[\\d+]\\.paragraphs\\[\\d]\\.qas\\[\\d]\\.answers\\[0]\\.answer_start: expected a whole number")
                .hasLineCount(1);
    }

    @Test
    @Order(6)
    void theHistoryServerTellsAPersonWhatTheStagesDid() throws Exception {
        try (HistoryServer history = HistoryServer.start(folder.resolve("there/spark-events"))) {
            JsonNode preprocess = history.application("spark-qa preprocess");
            assertThat(history.jobs(preprocess).findValuesAsText("description"))
                    .contains("dev: examples → windows", "train: examples checked");
            JsonNode stages = history.stages(preprocess);
            assertThat(stages.findValuesAsText("name")).contains("dev: examples → windows");
            assertThat(HistoryServer.accumulators(stages))
                    .containsEntry("questions read", 739L)
                    .containsEntry("questions", 739L)
                    .containsEntry("windows", 739L)
                    .containsEntry("contexts truncated (questions with several windows)", 0L)
                    .containsEntry("questions with a misplaced answer", 0L);
            assertThat(history.stages(history.application("spark-qa decode")).findValuesAsText("name"))
                    .contains("dev: windows → logits", "dev: logits → answers");
            assertThat(history.stages(history.application("spark-qa evaluate")).findValuesAsText("name"))
                    .contains("dev: answers → scores");
        }
    }

    /** The worker has no real GPU. The error names the GPU that Spark gave the task, so the task has asked for that one. */
    @Test
    @Order(7)
    void tasksAskForTheGpuThatSparkGivesThem() throws Exception {
        try (Cluster gpus = Cluster.startWithGpus(folder.resolve("gpus"))) {
            Script script = Script.run(
                    folder,
                    gpus.environment(),
                    "decode.sh",
                    arguments(
                            "there",
                            "--force",
                            "--master",
                            gpus.url(),
                            "spark.executor.resource.gpu.amount=1",
                            "spark.task.resource.gpu.amount=1"));
            assertThat(script.code()).isEqualTo(2);
            assertThat(messages(script))
                    .containsPattern("the device cuda:[0-3] can't be used: ")
                    .hasLineCount(1);
            List<String> tried = new ArrayList<>();
            for (Path log : gpus.executorLogs()) {
                assertThat(Cluster.gpus(log)).hasSize(1);
                // the stage may fail before each executor has a task
                assertThat(Cluster.devicesTried(log))
                        .isSubsetOf("cuda:" + Cluster.gpus(log).get(0));
                tried.addAll(Cluster.devicesTried(log));
            }
            assertThat(tried).isNotEmpty();
        }
    }

    /** The guide's lines in Scala, a fit in rounds, and the function for SQL. */
    @Test
    @Order(8)
    void aSparkShellFitsAPipelineAndAnswersOnTheCluster() throws Exception {
        Path shell = Files.createDirectories(folder.resolve("a shell"));
        TinyModel.write(shell.resolve("start-model"));
        Path commands = Files.writeString(shell.resolve("commands"), SHELL.formatted(guidePipeline()));
        String jars = Script.PROJECT.resolve("target/spark-qa.jar") + ":" + Script.PROJECT.resolve("target/lib/*");
        List<String> command = List.of(
                "bash",
                "-c",
                "\"$0\" --master \"$1\" --driver-class-path \"$2\" --conf spark.executor.extraClassPath=\"$2\" --conf spark.ui.enabled=false --conf spark.sql.extensions=io.sparkqa.spark.AnswerExtensions --conf spark.sparkqa.modelFolder=start-model <\"$3\"",
                Script.PROJECT.resolve("target/spark/bin/spark-shell").toString(),
                cluster.url(),
                jars,
                commands.toString());
        Map<String, String> environment = new HashMap<>(cluster.environment());
        environment.put("OPT_OUT_TRACKING", "true");
        environment.put("SPARK_SUBMIT_OPTS", Script.BRIEF_JVM);
        int read = cluster.modelsRead().size();
        try (Running running = new Running(shell, environment, command)) {
            Script script = running.end();
            assertThat(script.out())
                    .as(script.err())
                    .contains("fitted 1", "in rounds 1", "answered 1")
                    .doesNotContain("error:");
        }
        assertThat(shell.resolve("pipeline/stages")).exists();
        assertThat(cluster.modelsRead()).as("models that executors have read").hasSizeGreaterThan(read + 1);
    }

    /** Makes the tables of the guide's pipeline, runs it, trains again with a network on each executor, and calls the function. */
    private static final String SHELL =
            """
            spark.sql("SELECT 'Who runs?' AS question, 'The ant runs.' AS context, array(named_struct('text', 'ant', 'answer_start', 4)) AS answers FROM range(4)").write.parquet("train.parquet")
            spark.sql("SELECT 7 AS ticket, 'Who runs?' AS question, 'The bee runs.' AS context").write.parquet("tickets.parquet")
            %s
            println("fitted " + fitted.stages.length)
            val inRounds = estimator.setReplicas(2).setRoundSteps(1).setMaxSteps(2).setBatch(1).fit(spark.read.parquet("train.parquet"))
            println("in rounds " + inRounds.transform(tickets).collect.length)
            tickets.createOrReplaceTempView("tickets")
            println("answered " + spark.sql("SELECT ticket, answer(question, context).text FROM tickets").collect.length)
            """;

    private static String guidePipeline() {
        return Pages.fences().stream()
                .filter(fence ->
                        fence.language().equals("scala") && fence.text().contains("RobertaQuestionAnswering"))
                .findFirst()
                .orElseThrow()
                .text();
    }

    /** The replicas compute on the CPU, since the worker has no real GPUs. */
    @Test
    @Order(9)
    void fourGpusOfANodeGetAReplicaEachInAProcessOfItsOwn() throws Exception {
        try (Cluster gpus = Cluster.startWithGpus(folder.resolve("four"))) {
            Script script = Script.run(
                    folder,
                    gpus.environment(),
                    "train.sh",
                    arguments(
                            "there",
                            "--force",
                            "--master",
                            gpus.url(),
                            "spark.executor.resource.gpu.amount=1",
                            "spark.task.resource.gpu.amount=1",
                            "spark.cores.max=4",
                            "spark.scheduler.minRegisteredResourcesRatio=1",
                            "data.dev=",
                            "train.device=cpu",
                            "train.replicas=4",
                            "train.rounds.steps=1",
                            "train.max_steps=8"));
            assertThat(script.code()).as(script.err()).isZero();
            List<String> given = new ArrayList<>();
            List<String> replicas = new ArrayList<>();
            for (Path log : gpus.executorLogs()) {
                given.addAll(Cluster.gpus(log));
                replicas.addAll(Cluster.replicas(log));
            }
            assertThat(given).containsExactlyInAnyOrder("0", "1", "2", "3");
            assertThat(replicas).containsExactlyInAnyOrder("0", "1", "2", "3");
        }
    }

    /** Returns what a script has printed on stderr, without its progress. */
    private static String messages(Script script) {
        return script.err()
                .lines()
                .filter(line -> !line.matches("\\w+: [\\d,]+ of [\\d,]+ .* \\(\\d+ %\\), .*"))
                .collect(Collectors.joining("\n"));
    }

    /** Returns settings with which an idle core repeats a task that another core is running. */
    private static String[] withRepeatedTasks(String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "spark.speculation=true",
                "spark.speculation.interval=10ms",
                "spark.speculation.multiplier=0.01",
                "spark.speculation.quantile=0.01",
                "spark.speculation.minTaskRuntime=0ms"));
        settings.addAll(List.of(more));
        return settings.toArray(String[]::new);
    }

    /** Returns whether an event log has a task that was lost with its executor, and a speculative task. */
    private static boolean wasLostAndRepeated(String events) {
        return events.contains("ExecutorLostFailure") && events.contains("\"Speculative\":true");
    }

    private static boolean isBeingWritten(String table) throws IOException {
        Path attempts = folder.resolve(table).resolve("_temporary/0/_temporary");
        if (!Files.isDirectory(attempts)) {
            return false;
        }
        try (Stream<Path> attempt = Files.list(attempts)) {
            return attempt.findAny().isPresent();
        }
    }

    /** Returns the content of the newest event log. */
    private static String events(String run) throws IOException {
        try (Stream<Path> logs = Files.list(folder.resolve(run).resolve("spark-events"))) {
            return Files.readString(
                    logs.max(Comparator.comparing(log -> log.toFile().lastModified()))
                            .orElseThrow());
        }
    }

    private static List<Row> answers(String run) {
        return TestSpark.session()
                .read()
                .parquet(folder.resolve(run + "/answers/dev").toString())
                .orderBy("example_index")
                .collectAsList();
    }

    private static Dataset<Row> windows(String run, String split) {
        return TestSpark.session()
                .read()
                .format("arrow")
                .load(folder.resolve(run + "/windows/" + split).toString());
    }

    private static void assertSameRows(Dataset<Row> found, Dataset<Row> expected) {
        assertThat(found.count()).isEqualTo(expected.count());
        assertThat(found.exceptAll(expected).takeAsList(3)).isEmpty();
    }
}
