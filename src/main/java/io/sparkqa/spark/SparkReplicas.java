package io.sparkqa.spark;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.ExperimentReader;
import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.decode.WindowLogits;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.MatrixProduct;
import io.sparkqa.train.Replica;
import io.sparkqa.train.Replicas;
import io.sparkqa.train.Round;
import io.sparkqa.train.StopRequest;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowTable;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag$;

/**
 * Replicas as Spark tasks. The weights are broadcast and return through a shuffle, one parameter at a time, so that the
 * executors average them and the driver receives a single copy, regardless of the number of replicas. If a task, its
 * executor or its shuffle files are lost, Spark repeats the task from the moments of the last round.
 */
public final class SparkReplicas implements Replicas, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SparkReplicas.class);
    private static final int POLL_MILLISECONDS = 50;
    /** Distance of the failures' shuffle key from the reports' key, which follows the keys of the parameters. */
    private static final int FAILURE = 1;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final JavaSparkContext context;
    private final Setup setup;
    private final StopRequest stop;
    private final LongConsumer underWay;

    /** Last place of each replica, as Spark names an executor; empty for anywhere. */
    private final Map<Integer, String> places = new TreeMap<>();

    /**
     * @param settings settings of the experiment, by key
     * @param model configuration of the network
     * @param windows folder of the training windows
     * @param underWay receives from time to time the number of finished steps of the run
     */
    public SparkReplicas(
            SparkContext context,
            Map<String, String> settings,
            Path model,
            Path windows,
            StopRequest stop,
            LongConsumer underWay) {
        this.stop = stop;
        this.underWay = underWay;
        this.context = JavaSparkContext.fromSparkContext(context);
        Map<String, String> needed = new TreeMap<>(settings);
        needed.keySet().removeIf(key -> key.startsWith("spark."));
        this.setup = new Setup(
                UUID.randomUUID().toString(),
                needed,
                ExperimentReader.of(needed).train().replicas(),
                absolute(model),
                absolute(windows));
    }

    /** Returns an absolute path, since executors may have other working directories. */
    private static String absolute(Path path) {
        return path.toAbsolutePath().toString();
    }

    /** The data with which a task opens a replica. */
    private record Setup(String run, Map<String, String> settings, int replicas, String model, String windows)
            implements Serializable {
        Replica open(int index) {
            Experiment experiment = ExperimentReader.of(settings);
            String placed = TaskDevice.of(experiment.train().device());
            LOG.info("Opening replica {} for the device {}", index, placed);
            Device device = Hardware.device(placed);
            return new Replica(
                    index,
                    experiment,
                    RobertaConfig.read(Path.of(model)),
                    device,
                    MatrixProduct.peak(
                            device, Hardware.bfloat16(experiment.train().dtype(), device)),
                    WindowTable.open(Path.of(windows)));
        }
    }

    /**
     * Returns what computes logits with given weights: each replica computes a block of windows, at the same time as the others.
     *
     * @param weights packed
     */
    public WindowLogits logits(List<byte[]> weights) {
        return new WindowLogits() {
            @Override
            public void run(List<Window> windows, Sink sink) {
                try (Stream<Block> stream =
                        stream(List.of(Block.of(windows, sink)).iterator())) {
                    stream.next();
                }
            }

            @Override
            public <B extends Block> Stream<B> stream(Iterator<B> blocks) {
                return new Evaluated<>(context.broadcast(weights.toArray(byte[][]::new)), blocks);
            }
        };
    }

    /** Blocks whose logits the replicas compute, as many at a time as there are replicas. */
    private final class Evaluated<B extends WindowLogits.Block> implements WindowLogits.Stream<B> {
        private final Broadcast<byte[][]> weights;
        private final Iterator<B> blocks;
        private final Deque<B> done = new ArrayDeque<>();

        Evaluated(Broadcast<byte[][]> weights, Iterator<B> blocks) {
            this.weights = weights;
            this.blocks = blocks;
        }

        @Override
        public boolean hasNext() {
            return !done.isEmpty() || blocks.hasNext();
        }

        @Override
        public B next() {
            if (done.isEmpty()) {
                compute();
            }
            return done.remove();
        }

        private void compute() {
            List<B> some = new ArrayList<>();
            while (some.size() < setup.replicas() && blocks.hasNext()) {
                some.add(blocks.next());
            }
            List<float[][]> logits = logits(weights, some);
            for (int i = 0; i < some.size(); i++) {
                List<Window> windows = some.get(i).windows();
                for (int row = 0; row < windows.size(); row++) {
                    float[] both = logits.get(i)[row];
                    int tokens = both.length / 2;
                    some.get(i)
                            .accept(
                                    windows.get(row),
                                    Arrays.copyOf(both, tokens),
                                    Arrays.copyOfRange(both, tokens, both.length));
                }
            }
            done.addAll(some);
        }

        @Override
        public void close() {
            weights.destroy();
        }
    }

    /** Returns for each block the logits of its windows, computed by a replica each: start logits, then end logits. */
    private List<float[][]> logits(Broadcast<byte[][]> weights, List<? extends WindowLogits.Block> blocks) {
        context.sc().setJobDescription("train: dev's windows → logits");
        Setup fixed = setup;
        Broadcast<int[][][]> ids = context.broadcast(blocks.stream()
                .map(block -> block.windows().stream().map(Window::inputIds).toArray(int[][]::new))
                .toArray(int[][][]::new));
        try {
            return wait(tasks(blocks.size())
                    .map(index -> logits(fixed, index, weights, ids))
                    .collectAsync());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            ids.destroy();
        }
    }

    private static float[][] logits(Setup setup, int index, Broadcast<byte[][]> weights, Broadcast<int[][][]> ids) {
        LiveReplicas.Key key = new LiveReplicas.Key(setup.run(), index);
        try {
            return LiveReplicas.take(key, () -> setup.open(index))
                    .logits(Arrays.asList(weights.value()), ids.value()[index]);
        } finally {
            LiveReplicas.giveBack(key);
        }
    }

    @Override
    public Exchange round(Round round, List<byte[]> weights) throws Exception {
        context.sc()
                .setJobDescription(String.format(
                        Locale.ROOT,
                        "train: steps %,d to %,d by %s replicas",
                        round.from() + 1,
                        round.to(),
                        round.replicas()));
        Broadcast<byte[][]> start = context.broadcast(weights.toArray(byte[][]::new));
        LongAccumulator done = context.sc().longAccumulator("steps");
        Setup fixed = setup;
        int parameters = weights.size();
        try (SparkProgress progress = new SparkProgress(
                context.sc(), done, steps -> underWay.accept(Math.min(round.from() + steps, round.to())))) {
            List<Tuple2<Integer, List<byte[]>>> merged = wait(tasks(round.replicas())
                    .flatMapToPair(index -> work(fixed, index, round, start, done))
                    .groupByKey(new HashPartitioner(round.replicas()))
                    .mapToPair(parts -> merge(parts, parameters))
                    .collectAsync());
            List<byte[]> mean = new ArrayList<>(Collections.nCopies(parameters, null));
            List<Report> reports = new ArrayList<>();
            for (Tuple2<Integer, List<byte[]>> part : merged) {
                if (part._1() < parameters) {
                    mean.set(part._1(), part._2().get(0));
                } else if (part._1() == parameters + FAILURE) {
                    throw new UserError(new String(part._2().get(0), StandardCharsets.UTF_8));
                } else {
                    for (byte[] report : part._2()) {
                        reports.add(JSON.readValue(report, Report.class));
                    }
                }
            }
            reports.forEach(report -> places.put(report.replica(), report.place()));
            return new Exchange(mean, reports);
        } finally {
            start.destroy();
        }
    }

    /** Waits for a job; cancels it if a stop is requested. */
    private <T> T wait(JavaFutureAction<T> job) throws Exception {
        try {
            while (!job.isDone()) {
                stop.check();
                TimeUnit.MILLISECONDS.sleep(POLL_MILLISECONDS);
            }
            return job.get();
        } finally {
            job.cancel(true);
        }
    }

    /** Returns a partition for each replica, placed where its moments are if possible. */
    private JavaRDD<Integer> tasks(int replicas) {
        List<Tuple2<Integer, Seq<String>>> placed = IntStream.range(0, replicas)
                .mapToObj(index -> new Tuple2<>(index, seq(places.getOrDefault(index, ""))))
                .toList();
        return context.sc()
                .makeRDD(JavaConverters.asScalaBuffer(placed).toSeq(), ClassTag$.MODULE$.apply(Integer.class))
                .toJavaRDD();
    }

    private static Seq<String> seq(String place) {
        List<String> places = place.isEmpty() ? List.of() : List.of(place);
        return JavaConverters.asScalaBuffer(places).toSeq();
    }

    /**
     * Returns a replica's weights by parameter, then its report, each with the replica's number. A {@link UserError} is
     * returned instead of thrown, since Spark would repeat the task. A {@link WrongUse}, such as a GPU that can't be used, is
     * thrown: another executor may do better, and the stage's exit code follows from it.
     */
    private static Iterator<Tuple2<Integer, Tuple2<Integer, byte[]>>> work(
            Setup setup, int index, Round round, Broadcast<byte[][]> start, LongAccumulator done) throws IOException {
        LiveReplicas.Key key = new LiveReplicas.Key(setup.run(), index);
        try {
            Replica replica = LiveReplicas.take(key, () -> setup.open(index));
            String attempt = "attempt-" + TaskContext.get().taskAttemptId();
            Report report = replica.run(round, Arrays.asList(start.value()), attempt, place(), step -> done.add(1));
            List<byte[]> parts = new ArrayList<>(replica.weights());
            parts.add(JSON.writeValueAsBytes(report));
            return IntStream.range(0, parts.size())
                    .mapToObj(i -> new Tuple2<>(i, new Tuple2<>(index, parts.get(i))))
                    .iterator();
        } catch (WrongUse e) {
            throw e;
        } catch (UserError e) {
            byte[] reason = e.getMessage().getBytes(StandardCharsets.UTF_8);
            return List.of(new Tuple2<>(start.value().length + FAILURE, new Tuple2<>(index, reason)))
                    .iterator();
        } finally {
            LiveReplicas.giveBack(key);
        }
    }

    private static String place() {
        SparkEnv env = SparkEnv.get();
        return env.executorId().equals("driver")
                ? ""
                : "executor_" + env.blockManager().blockManagerId().host() + "_" + env.executorId();
    }

    /** Returns the mean of a parameter over the replicas, or all reports or failures, in the replicas' order. */
    private static Tuple2<Integer, List<byte[]>> merge(
            Tuple2<Integer, Iterable<Tuple2<Integer, byte[]>>> parts, int parameters) {
        List<Tuple2<Integer, byte[]>> sorted = new ArrayList<>();
        parts._2().forEach(sorted::add);
        sorted.sort(Comparator.comparing(Tuple2::_1));
        List<byte[]> values = sorted.stream().map(Tuple2::_2).toList();
        boolean weights = parts._1() < parameters;
        return new Tuple2<>(parts._1(), weights ? List.of(Replica.mean(values)) : values);
    }

    /** Closes the replicas of this process. Those of executors end with the executors. */
    @Override
    public void close() {
        LiveReplicas.close(0);
    }
}
