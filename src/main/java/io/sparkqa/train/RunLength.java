package io.sparkqa.train;

import io.sparkqa.config.Experiment;

/**
 * The length of a training run in optimizer steps.
 *
 * @param stepsPerEpoch steps of a pass over the data
 * @param steps steps of the run
 */
record RunLength(long stepsPerEpoch, long steps) {
    /** Returns the length of a training run on a number of windows. */
    static RunLength of(Experiment.Train settings, int windows) {
        long stepsPerEpoch = ceil(ceil(windows, settings.batch()), settings.accumulation());
        long steps = settings.maxSteps().map(Integer::longValue).orElseGet(() ->
                (long) Math.ceil(settings.epochs() * stepsPerEpoch));
        return new RunLength(stepsPerEpoch, steps);
    }

    private static long ceil(long amount, long unit) {
        return (amount + unit - 1) / unit;
    }

    /** Returns the passes over the data after a step, as a fraction. */
    double epochs(long step) {
        return step / (double) stepsPerEpoch;
    }

    /** Returns whether {@code until} is 0 or the last step, or an epoch ends with a step in {@code after + 1 … until}. */
    boolean endsEpoch(long after, long until) {
        return until == 0
                || until == steps
                || Math.floorDiv(until, stepsPerEpoch) > Math.floorDiv(after, stepsPerEpoch);
    }

    Checkpoints.Position position(long step) {
        return new Checkpoints.Position(step, step / stepsPerEpoch, step % stepsPerEpoch, step == steps);
    }
}
