package io.sparkqa.slurm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A SLURM of two nodes on this machine: slurmctld, munged and two slurmd, each on its own loopback address. One folder holds
 * their configuration, key, state and logs. A requeued job waits for seconds instead of minutes. Jobs in the partition
 * "urgent" preempt others.
 */
final class SlurmCluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();

    private SlurmCluster(Path folder) {
        this.folder = folder;
        environment.put("SLURM_CONF", folder.resolve("slurm.conf").toString());
    }

    /** The exit code of a command and what it printed, stdout and stderr together. */
    record Result(int code, String output) {}

    /** A job as SLURM reports it: its state, its exit code and the number of its restarts. */
    record Job(String state, int exitCode, int restarts) {}

    /** Installs what is missing if this is a Debian and the user is root; otherwise returns what prevents it. */
    static Optional<String> install() throws IOException, InterruptedException {
        if (!System.getProperty("user.name").equals("root")) {
            return Optional.of("only root can start SLURM's daemons and other users' processes");
        }
        List<String> missing = new ArrayList<>();
        Map.of("slurm-wlm", "/usr/sbin/slurmctld", "munge", "/usr/sbin/munged", "shellcheck", "/usr/bin/shellcheck")
                .forEach((name, program) -> {
                    if (!Files.exists(Path.of(program))) {
                        missing.add(name);
                    }
                });
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        if (!Files.exists(Path.of("/usr/bin/apt-get"))) {
            return Optional.of("without apt-get there is no way to install " + missing);
        }
        Map<String, String> quiet = Map.of("DEBIAN_FRONTEND", "noninteractive");
        run(Path.of("/"), quiet, "apt-get", "-q", "update");
        List<String> install = new ArrayList<>(List.of("apt-get", "-q", "-y", "install", "--no-install-recommends"));
        install.addAll(missing);
        Result installed = run(Path.of("/"), quiet, install.toArray(String[]::new));
        return installed.code() == 0
                ? Optional.empty()
                : Optional.of(missing + " cannot be installed: " + installed.output());
    }

    static SlurmCluster start(Path folder) throws IOException, InterruptedException {
        SlurmCluster cluster = new SlurmCluster(folder);
        for (String part : List.of("run", "log", "state", "spool/node1", "spool/node2", "dev")) {
            Files.createDirectories(folder.resolve(part));
        }
        // stand-ins for two graphics cards, which SLURM counts and gives to jobs
        for (String card : List.of("card0", "card1")) {
            Files.createSymbolicLink(folder.resolve("dev/" + card), Path.of("/dev/null"));
        }
        byte[] key = new byte[1024];
        new SecureRandom().nextBytes(key);
        Files.write(folder.resolve("munge.key"), key);
        run(folder, Map.of(), "chmod", "600", "munge.key");
        String host = run(folder, Map.of(), "hostname", "-s").output().strip();
        Files.writeString(
                folder.resolve("slurm.conf"),
                CONFIGURATION.replace("DIR", folder.toString()).replace("HOST", host));
        Files.writeString(
                folder.resolve("gres.conf"),
                "AutoDetect=off\nNodeName=node[1-2] Name=gpu File=%s/dev/card[0-1]\n".formatted(folder));
        cluster.daemon(
                "munged",
                "--key-file=" + folder.resolve("munge.key"),
                "--socket=" + folder.resolve("run/munge.socket"),
                "--pid-file=" + folder.resolve("run/munged.pid"),
                "--log-file=" + folder.resolve("log/munged.log"),
                "--seed-file=" + folder.resolve("run/munged.seed"));
        String conf = folder.resolve("slurm.conf").toString();
        cluster.daemon("slurmctld", "-c", "-f", conf);
        cluster.daemon("slurmd", "-N", "node1", "-f", conf);
        cluster.daemon("slurmd", "-N", "node2", "-f", conf);
        cluster.await("both nodes", () -> cluster.says("sinfo", "-h", "-t", "idle", "-o", "%D")
                .equals("2"));
        return cluster;
    }

    private static final String CONFIGURATION =
            """
            ClusterName=test
            SlurmctldHost=HOST(127.0.0.1)
            SlurmUser=root
            SlurmdUser=root
            AuthType=auth/munge
            AuthInfo=socket=DIR/run/munge.socket,cred_expire=5
            CredType=cred/munge
            SlurmctldPort=16817
            SlurmctldPidFile=DIR/run/slurmctld.pid
            SlurmdPidFile=DIR/run/slurmd.%n.pid
            SlurmdSpoolDir=DIR/spool/%n
            StateSaveLocation=DIR/state
            SlurmctldLogFile=DIR/log/slurmctld.log
            SlurmdLogFile=DIR/log/slurmd.%n.log
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core_Memory
            SchedulerType=sched/backfill
            SchedulerParameters=sched_interval=2,bf_interval=2
            MpiDefault=none
            SwitchType=switch/none
            ReturnToService=2
            KillWait=20
            JobRequeue=1
            PreemptType=preempt/partition_prio
            PreemptMode=REQUEUE
            MailProg=/bin/true
            SlurmdParameters=config_overrides
            GresTypes=gpu
            NodeName=node1 NodeHostname=HOST NodeAddr=127.0.0.2 Port=16818 CPUs=4 RealMemory=9000 Gres=gpu:2 State=UNKNOWN
            NodeName=node2 NodeHostname=HOST NodeAddr=127.0.0.3 Port=16819 CPUs=4 RealMemory=9000 Gres=gpu:2 State=UNKNOWN
            PartitionName=main Nodes=node1,node2 Default=YES MaxTime=INFINITE PriorityTier=1 State=UP
            PartitionName=urgent Nodes=node1,node2 MaxTime=INFINITE PriorityTier=2 State=UP
            """;

    /** Sets an environment variable for all later commands. */
    void set(String variable, String value) {
        environment.put(variable, value);
    }

    /** Returns the same cluster with one more variable for commands and jobs; sbatch --export would run a login shell first. */
    SlurmCluster with(String variable, String value) {
        SlurmCluster same = new SlurmCluster(folder);
        same.environment.putAll(environment);
        same.environment.put(variable, value);
        return same;
    }

    /** Runs a command of SLURM, or one that calls such commands, and waits until it ends. */
    Result run(Path directory, String... command) throws IOException, InterruptedException {
        return run(directory, environment, command);
    }

    /** Submits a job by sbatch with these arguments; returns its id. */
    String submit(Path directory, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("sbatch", "--parsable"));
        command.addAll(List.of(arguments));
        Result result = run(directory, command.toArray(String[]::new));
        if (result.code() != 0) {
            throw new AssertionError(result.output());
        }
        return result.output().strip();
    }

    Job job(String id) {
        String all = says("scontrol", "show", "job", "--oneliner", id);
        return new Job(
                value(all, "JobState=(\\w+)"),
                Integer.parseInt(value(all, "ExitCode=(\\d+)")),
                Integer.parseInt(value(all, "Restarts=(\\d+)")));
    }

    /** Waits until a job has ended for good. */
    Job end(String id) throws InterruptedException {
        await("end of job " + id, () -> !List.of("PENDING", "RUNNING", "COMPLETING", "REQUEUED")
                .contains(job(id).state()));
        return job(id);
    }

    /** Waits until the condition holds; fails with a message that names it if that takes too long. */
    void await(String what, BooleanSupplier happened) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!happened.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no " + what + ": " + says("squeue"));
            }
            Thread.sleep(200);
        }
    }

    /** Returns what a command prints. */
    String says(String... command) {
        try {
            return run(folder, command).output().strip();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String value(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("no " + pattern + " in " + text);
        }
        return matcher.group(1);
    }

    private void daemon(String name, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/usr/sbin/" + name));
        command.addAll(List.of(arguments));
        Result result = run(folder, command.toArray(String[]::new));
        if (result.code() != 0) {
            throw new AssertionError(name + ": " + result.output());
        }
    }

    private static Result run(Path directory, Map<String, String> environment, String... command)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("output", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().remove("SPARK_HOME");
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(String.join(" ", command) + " did not end: "
                        + Files.readString(output, StandardCharsets.UTF_8));
            }
            return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    /** Cancels the jobs that still run and ends the daemons. */
    @Override
    public void close() throws IOException, InterruptedException {
        says("scancel", "--user=root");
        await("empty queue", () -> says("squeue", "-h").isEmpty());
        for (String daemon : List.of("slurmd.node1", "slurmd.node2", "slurmctld", "munged")) {
            String pid =
                    Files.readString(folder.resolve("run/" + daemon + ".pid")).strip();
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(process -> {
                process.destroy();
                process.onExit().join();
            });
        }
    }
}
