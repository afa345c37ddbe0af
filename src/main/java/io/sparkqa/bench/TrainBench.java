package io.sparkqa.bench;

import io.sparkqa.config.Experiment;
import io.sparkqa.model.NetworkOperations;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.train.Checkpoints;
import io.sparkqa.train.OptimizerStep;
import io.sparkqa.train.StopRequest;
import io.sparkqa.train.TrainingListener;
import io.sparkqa.train.TrainingLoop;
import io.sparkqa.train.WindowOrder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Times optimizer steps of the training loop: gathering of windows, forward and backward pass, clipping, AdamW. */
public final class TrainBench {
    /** Steps that are not measured, since the first ones allocate memory and choose kernels. */
    public static final int WARM_UPS = 3;

    /**
     * Steps of a GPU whose figures are read together. The sum of the times of such bursts is right, that of a single step is
     * not. The first burst is not measured.
     */
    private static final int BURST = 10;

    private final Experiment.Train settings;
    private final RobertaForQuestionAnswering network;
    private final int warmUps;
    private final int measured;

    /**
     * Prepares a measurement.
     *
     * @param steps number of steps to measure; on a GPU rounded up to whole bursts
     */
    public TrainBench(Experiment.Train settings, RobertaForQuestionAnswering network, int steps) {
        this.settings = settings;
        this.network = network;
        boolean bursts = network.batching().runsAhead();
        this.warmUps = bursts ? BURST : WARM_UPS;
        this.measured = bursts ? (steps + BURST - 1) / BURST * BURST : steps;
    }

    /** Ends the training when all steps are measured, before it writes a checkpoint. */
    private static final class AllMeasured extends RuntimeException {}

    /** Returns the duration of a step, and the part of it that is spent waiting for the input. */
    public List<Figure> measure(WindowMix mix, Path scratch) throws IOException {
        List<OptimizerStep> steps = new ArrayList<>();
        List<Double> times = new ArrayList<>();
        TrainingListener watch = new TrainingListener() {
            private long last = System.nanoTime();

            @Override
            public void started(long done, long all) {
                last = System.nanoTime();
            }

            @Override
            public void stepped(OptimizerStep step) {
                long now = System.nanoTime();
                if (step.step() > warmUps) {
                    steps.add(step);
                    times.add((now - last) / 1e6);
                }
                last = now;
                if (steps.size() == measured) {
                    throw new AllMeasured();
                }
            }
        };
        Checkpoints none = new Checkpoints(scratch, 1, Map.of(), warning -> {});
        try {
            new TrainingLoop(
                            settings.with(mix.batch(), warmUps + measured + 1).withLogSteps(BURST),
                            network,
                            mix.windows(),
                            WindowOrder.asGiven(),
                            0,
                            none,
                            new StopRequest(),
                            watch)
                    .run();
        } catch (AllMeasured e) {
            return figures(mix, steps, times);
        }
        throw new IllegalStateException("the training ended before " + measured + " steps were measured");
    }

    private List<Figure> figures(WindowMix mix, List<OptimizerStep> steps, List<Double> times) {
        NetworkOperations operations = new NetworkOperations(network.config());
        double perStep = 0;
        double milliseconds = 0;
        double tokens = 0;
        double waited = 0;
        int[] lengths = mix.lengths();
        for (int i = 0; i < steps.size(); i++) {
            int from = (warmUps + i) * mix.batch() % lengths.length;
            perStep += operations.training(Arrays.copyOfRange(lengths, from, from + mix.batch()));
            milliseconds += times.get(i);
            tokens += steps.get(i).tokens();
            waited += steps.get(i).waitedMilliseconds();
        }
        int count = steps.size();
        String name = "train step, " + mix.name();
        return List.of(
                Figure.of(name, milliseconds / count, tokens / count, "tokens").withOperations(perStep / count),
                Figure.of(name + ", of it waiting for input", waited / count));
    }
}
