package io.sparkqa.bench;

import io.sparkqa.config.Experiment;
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

/** Times optimizer steps of the training loop itself: gathering, forward, backward, clipping, AdamW. */
public final class TrainBench {
    /** The first steps are slower: memory is fetched, kernels are chosen. */
    public static final int WARM_UPS = 3;

    private final Experiment.Train settings;
    private final RobertaForQuestionAnswering network;
    private final int measured;

    /**
     * @param measured steps that count
     */
    public TrainBench(Experiment.Train settings, RobertaForQuestionAnswering network, int measured) {
        this.settings = settings;
        this.network = network;
        this.measured = measured;
    }

    /** Ends a training that has been watched for long enough, before it writes a checkpoint. */
    private static final class SeenEnough extends RuntimeException {}

    /** Returns the time of a step, and how much of it is waiting for its input. */
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
                if (step.step() > WARM_UPS) {
                    steps.add(step);
                    times.add((now - last) / 1e6);
                }
                last = now;
                if (steps.size() == measured) {
                    throw new SeenEnough();
                }
            }
        };
        Checkpoints none = new Checkpoints(scratch, 1, Map.of(), warning -> {});
        try {
            new TrainingLoop(
                            settings.with(mix.batch(), WARM_UPS + measured + 1),
                            network,
                            mix.windows(),
                            WindowOrder.asGiven(),
                            0,
                            none,
                            new StopRequest(),
                            watch)
                    .run();
        } catch (SeenEnough e) {
            return figures(mix, steps, times);
        }
        throw new IllegalStateException("the training has ended before " + measured + " steps");
    }

    private List<Figure> figures(WindowMix mix, List<OptimizerStep> steps, List<Double> times) {
        NetworkOperations operations = new NetworkOperations(network.config());
        double perStep = 0;
        double milliseconds = 0;
        double tokens = 0;
        double waited = 0;
        int[] lengths = mix.lengths();
        for (int i = 0; i < steps.size(); i++) {
            int from = (WARM_UPS + i) * mix.batch();
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
