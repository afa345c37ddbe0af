package io.sparkqa.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkqa.SmallNetwork;
import io.sparkqa.slurm.SlurmCluster.Job;
import io.sparkqa.slurm.SlurmCluster.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the scripts of slurm-spark/ in a real SLURM, on a few hundred of the demo's questions. Later tests use what the first
 * has made.
 */
@Tag("slurm")
@ExtendWith(SlurmIsThere.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SlurmIT {
    private static final Path PROJECT = Path.of("").toAbsolutePath();
    private static final String QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
    private static final String OTHER = "sparkqa-other";
    private static final List<String> SIZE = List.of("--cpus-per-task=2", "--mem=4G");

    @TempDir
    static Path temporary;

    private static SlurmCluster slurm;
    private static Path work;
    private static Path scratch;
    private static int questions;
    private static Path others;

    @BeforeAll
    static void aClusterAndAFewQuestions() throws Exception {
        // the other user may enter this folder, so only the job's own folder can keep them out
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
        slurm = SlurmCluster.start(Files.createDirectories(temporary.resolve("slurm")));
        work = Files.createDirectories(temporary.resolve("my work"));
        scratch = Files.createDirectories(temporary.resolve("node scratch"));
        slurm.set("TMPDIR", scratch.toString());
        slurm.set("SPARK_SUBMIT_OPTS", QUICK);
        SmallNetwork.writeConfig(work.resolve("small.json"));
        questions = writeQuestions("train", 600) + writeQuestions("dev", 80);
        Files.writeString(
                work.resolve("small.conf"),
                """
                include "%s/conf/demo.conf"
                run.dir = runs/small
                data { train = train.json, dev = dev.json, more.handwritten = "" }
                model { from = null, config = small.json, tokenizer = ${SPARKQA_HOME}/target/start-model }
                train { max_steps = 60, log_steps = 1, checkpoint.steps = 10 }
                spark.executor.extraJavaOptions = "%s -Dai.djl.offline=true"
                spark.sql.shuffle.partitions = 2
                """
                        .formatted(PROJECT, QUICK));
        slurm.run(work, "useradd", "--system", "--no-create-home", OTHER);
        others = Files.createDirectories(temporary.resolve("others"));
    }

    @AfterAll
    static void theEnd() throws Exception {
        if (slurm != null) {
            slurm.run(work, "userdel", OTHER);
            slurm.close();
        }
    }

    /** Writes a shipped file's first articles that have at least this many questions; returns the number of questions. */
    private static int writeQuestions(String split, int questions) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode file = (ObjectNode)
                json.readTree(PROJECT.resolve("data/" + split + ".json").toFile());
        ArrayNode articles = json.createArrayNode();
        int count = 0;
        for (JsonNode article : file.get("data")) {
            if (count >= questions) {
                break;
            }
            for (JsonNode paragraph : article.get("paragraphs")) {
                count += paragraph.get("qas").size();
            }
            articles.add(article);
        }
        json.writeValue(work.resolve(split + ".json").toFile(), file.set("data", articles));
        return count;
    }

    /** Submits {@code slurm-spark/<name>.sbatch}; returns the job's id. */
    private static String submit(String name, List<String> options, String... arguments) throws Exception {
        return submit(slurm, name, options, arguments);
    }

    private static String submit(SlurmCluster cluster, String name, List<String> options, String... arguments)
            throws Exception {
        return cluster.submit(
                work,
                Stream.of(
                                SIZE.stream(),
                                options.stream(),
                                Stream.of(PROJECT + "/slurm-spark/" + name + ".sbatch", "small.conf"),
                                Stream.of(arguments))
                        .flatMap(part -> part)
                        .toArray(String[]::new));
    }

    private static String output(String job) {
        return read(work.resolve("spark-qa-" + job + ".out"));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertCompleted(String job) throws Exception {
        Job end = slurm.end(job);
        assertThat(end.state()).as(output(job)).isEqualTo("COMPLETED");
        assertThat(end.exitCode()).isZero();
        assertNothingLeft(job);
    }

    /** Asserts that the job has left no process, no settings with the secret and no scratch folder. */
    private static void assertNothingLeft(String job) throws Exception {
        slurm.await("end of the processes of job " + job, () -> slurm.says(
                        "sh", "-c", "grep -lz '^SLURM_JOB_ID=" + job + "$' /proc/[0-9]*/environ 2>/dev/null || true")
                .isEmpty());
        assertThat(work.resolve("spark-qa-" + job + "/conf")).doesNotExist();
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left.filter(path -> path.getFileName().toString().startsWith("spark-qa-" + job)))
                    .isEmpty();
        }
    }

    /** Returns the address of the last cluster that a job's output names; empty if there is none yet. */
    private static String master(String output) {
        return output.lines()
                .filter(line -> line.startsWith("spark-qa: cluster of "))
                .map(line -> line.replaceFirst(".* at (spark://[^ ,]+).*", "$1"))
                .reduce("", (earlier, later) -> later);
    }

    @Test
    @Order(1)
    void shellcheckHasNothingToSayAboutTheScripts() throws Exception {
        Result result = slurm.run(
                PROJECT,
                "sh",
                "-c",
                "shellcheck jobs/*.sh jobs/submit jobs/libtorch jobs/gpu-discovery slurm-spark/*.sh slurm-spark/*.sbatch slurm-spark/lib/*"
                        + " src/main/spark/* data/*.sh .ci/run");
        assertThat(result.output()).isEmpty();
        assertThat(result.code()).isZero();
    }

    @Test
    @Order(1)
    void withoutJavaTheModuleIsLoaded() throws Exception {
        String script = ". slurm-spark/lib/words.sh; . slurm-spark/lib/java.sh; module() { echo \"module $*\"; }; "
                + "JAVA_HOME=/none load_java; SPARKQA_JAVA_MODULE=jdk JAVA_HOME=/none load_java; load_java";
        assertThat(slurm.run(PROJECT, "bash", "-c", script).output())
                .isEqualTo("module load java/17\nmodule load jdk\n");
    }

    @Test
    @Order(2)
    void theDemoRunsOnTwoNodesWhileAnotherJobRunsThereToo() throws Exception {
        String pipeline = submit("pipeline", List.of("--nodes=2"));
        Path local = Files.createDirectories(temporary.resolve("the job's own disk"));
        String beside = submit(
                slurm.with("SLURM_TMPDIR", local.toString()),
                "preprocess",
                List.of("--nodes=1"),
                "run.dir=runs/beside");
        slurm.await(
                "two clusters at once",
                () -> !master(output(pipeline)).isEmpty()
                        && !master(output(beside)).isEmpty()
                        && slurm.job(pipeline).state().equals("RUNNING"));
        assertThat(master(output(pipeline))).isNotEqualTo(master(output(beside)));
        assertThat(local).isNotEmptyDirectory();

        assertCompleted(beside);
        assertThat(output(beside)).contains("cluster of 1 workers");
        assertThat(local).isEmptyDirectory();
        assertCompleted(pipeline);
        assertThat(output(pipeline)).contains("cluster of 2 workers");
        assertThat(work.resolve("runs/small/metrics.json")).isNotEmptyFile();
        assertThat(work.resolve("spark-qa-" + pipeline)).doesNotExist();
    }

    @Test
    @Order(3)
    void anInteractiveClusterServesItsUserAlone() throws Exception {
        Result session = slurm.run(
                work,
                "salloc",
                "--nodes=2",
                "--ntasks-per-node=1",
                "--cpus-per-task=2",
                "--mem=4G",
                "--gpus-per-node=2",
                "srun",
                "--overlap",
                "--nodes=1",
                "--ntasks=1",
                "bash",
                PROJECT + "/src/test/resources/slurm-session.sh",
                PROJECT.toString(),
                others.toString(),
                OTHER);
        assertThat(session.output().lines())
                .as(session.output())
                .contains(
                        "no cluster before it is started",
                        "modes 700 600",
                        "workers with two GPUs",
                        "no page on the node's address",
                        "windows " + questions,
                        "shell 10100.0",
                        "history",
                        "both workers after one has died",
                        "the secret's file is not readable",
                        "the secret is in no environment",
                        "the secret is on no command line",
                        "refused without the secret",
                        "refused with another secret",
                        "taken with the secret",
                        "spark-qa: the cluster has stopped");
        assertThat(session.output()).contains(": 2 of 2 workers");
        String secret = session.output().replaceAll("(?s).*\\nsecret (\\w+)\\n.*", "$1");
        assertThat(secret).hasSize(64);
        assertThat(slurm.run(work, "grep", "-rl", secret, ".").output()).isEmpty();
    }

    @Test
    @Order(4)
    void aFailingStageGivesItsExitCodeAndCancelsWhatDependsOnIt() throws Exception {
        Files.writeString(work.resolve("broken.json"), "{\"data\": [{]}");
        Result submitted = slurm.run(
                work,
                PROJECT + "/slurm-spark/submit.sh",
                "--cpus-per-task=2",
                "--mem=4G",
                "--cpu=--nodes=2",
                "--gpu=--gpus-per-node=1",
                "small.conf",
                "run.dir=runs/broken",
                "data.train=broken.json");
        assertThat(submitted.code()).as(submitted.output()).isZero();
        List<String> jobs = submitted
                .output()
                .lines()
                .filter(line -> line.matches("(preprocess|train|decode|evaluate|report) \\d+"))
                .map(line -> line.replaceFirst(".* ", ""))
                .collect(Collectors.toList());
        assertThat(jobs).hasSize(5);
        Job first = slurm.end(jobs.get(0));
        assertThat(first.state()).isEqualTo("FAILED");
        assertThat(first.exitCode()).isEqualTo(1);
        assertThat(read(work.resolve("spark-qa-preprocess-" + jobs.get(0) + ".out")))
                .contains("broken.json", "the logs of Spark's processes are in");
        for (String dependant : jobs.subList(1, 5)) {
            assertThat(slurm.end(dependant).state()).isEqualTo("CANCELLED");
        }
        assertNothingLeft(jobs.get(0));
    }

    @Test
    @Order(5)
    void missingInputsAreNamedBeforeAClusterIsStarted() throws Exception {
        String job = submit("pipeline", List.of(), "data.dev=nowhere.json", "model.from=no/model");
        Job end = slurm.end(job);
        assertThat(end.exitCode()).isEqualTo(1);
        assertThat(output(job))
                .contains("nowhere.json: no such file", "no/model", "jobs/fetch.sh small.conf", "login node")
                .hasLineCount(2);

        Path unbuilt = Files.createDirectories(work.resolve("unbuilt"));
        for (String part : List.of("jobs", "slurm-spark", "conf")) {
            slurm.run(PROJECT, "cp", "-rP", part, unbuilt.toString());
        }
        String other = slurm.submit(
                work, "--cpus-per-task=2", "--mem=4G", unbuilt + "/slurm-spark/pipeline.sbatch", "small.conf");
        assertThat(slurm.end(other).exitCode()).isEqualTo(1);
        assertThat(output(other))
                .contains("not built in " + unbuilt, "jobs/check.sh")
                .hasLineCount(1);
    }

    /**
     * Cancels a job while it trains. A second job resumes the training, is preempted by an urgent job, resumes again, is
     * warned, requeues itself and completes.
     */
    @Test
    @Order(6)
    void cancelledPreemptedAndWarnedJobsReachTheSameWeights() throws Exception {
        Path run = preprocessed("runs/again");
        String train = "run.dir=runs/again";

        String cancelled = submit("train", List.of(), train);
        slurm.await("third step", () -> steps(run) >= 3);
        slurm.says("scancel", cancelled);
        assertThat(slurm.end(cancelled).state()).isEqualTo("CANCELLED");
        assertNothingLeft(cancelled);
        assertThat(run.resolve("model")).doesNotExist();
        assertThat(run.resolve("checkpoints")).isNotEmptyDirectory();

        int before = steps(run);
        String job = submit("train", List.of(), train);
        slurm.await("further steps", () -> steps(run) >= before + 3);
        String urgent = slurm.submit(work, "--partition=urgent", "--nodes=2", "--exclusive", "--wrap=true");
        // the urgent job starts only after all processes of the other job have ended
        assertThat(slurm.end(urgent).state()).isEqualTo("COMPLETED");
        assertThat(slurm.job(job).restarts()).isEqualTo(1);
        int preempted = steps(run);
        assertThat(newestCheckpoint(run)).as(output(job)).isEqualTo(preempted).isGreaterThan(before);

        slurm.await("steps after the second start", () -> steps(run) >= preempted + 3);
        slurm.says("scancel", "--signal=USR1", "--batch", job);
        slurm.await("third start", () -> slurm.job(job).restarts() == 2);
        assertCompleted(job);
        assertThat(output(job)).containsOnlyOnce("back into the queue");
        assertThat(run.resolve("model/model.safetensors"))
                .hasSameBinaryContentAs(work.resolve("runs/small/model/model.safetensors"));
    }

    /** Here SLURM itself warns the job, because the training takes longer than the job's time limit. */
    @Test
    @Order(7)
    void aJobAtItsTimeLimitRequeuesItselfAndResumes() throws Exception {
        Path run = preprocessed("runs/long");
        String job = submit(
                "train",
                List.of("--time=2", "--signal=B:USR1@60"),
                "run.dir=runs/long",
                "train.max_steps=100000",
                "train.checkpoint.steps=100000");
        slurm.await("second start", () -> slurm.job(job).restarts() == 1);
        assertThat(output(job)).contains("back into the queue");
        int before = steps(run);
        assertThat(newestCheckpoint(run)).isEqualTo(before);
        slurm.await("further steps", () -> steps(run) > before);
        slurm.says("scancel", job);
        assertThat(slurm.end(job).state()).isEqualTo("CANCELLED");
        assertNothingLeft(job);
    }

    /** Returns the folder of a run that is ready for training: a copy of what the first test has preprocessed. */
    private static Path preprocessed(String name) throws Exception {
        Path run = Files.createDirectories(work.resolve(name));
        slurm.run(
                work, "cp", "-r", "runs/small/examples", "runs/small/windows", "runs/small/manifests", run.toString());
        slurm.run(run, "sh", "-c", "rm manifests/train* manifests/decode* manifests/evaluate*");
        return run;
    }

    /** Returns the step of the newest checkpoint; 0 if there is none. */
    private static int newestCheckpoint(Path run) throws IOException {
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            return checkpoints
                    .map(path -> path.getFileName().toString())
                    .filter(name -> name.matches("step-\\d+"))
                    .mapToInt(name -> Integer.parseInt(name.substring("step-".length())))
                    .max()
                    .orElse(0);
        }
    }

    private static int steps(Path run) {
        return (int) read(run.resolve("checkpoints/train-log.jsonl"))
                .lines()
                .filter(line -> line.startsWith("{\"event\":\"step\""))
                .count();
    }

    @Test
    @Order(8)
    void aHeterogeneousJobIsOneClusterAndALostNodeRequeuesTheJob() throws Exception {
        String job = slurm.with("SPARKQA_UI", "public")
                .submit(
                        work,
                        "--cpus-per-task=2",
                        "--mem=4G",
                        ":",
                        "--ntasks-per-node=1",
                        "--cpus-per-task=1",
                        "--mem=2G",
                        PROJECT + "/slurm-spark/evaluate.sbatch",
                        "small.conf",
                        "--force");
        slurm.await("cluster of job " + job, () -> output(job).contains("cluster of 2 workers"));
        int port = Integer.parseInt(master(output(job)).replaceFirst(".*:", ""));
        try (Socket page = new Socket("127.0.0.3", port + 1)) {
            assertThat(page.isConnected())
                    .as("Spark's page is public, as asked for")
                    .isTrue();
        }
        slurm.says("scontrol", "update", "nodename=node2", "state=down", "reason=test");
        slurm.await("second start", () -> slurm.job(job).restarts() == 1);
        slurm.says("scontrol", "update", "nodename=node2", "state=resume");
        assertCompleted(job);
    }
}
