package io.sparkqa.train;

import io.sparkqa.config.Experiment;

/**
 * How long a training is.
 *
 * @param stepsPerEpoch optimizer steps of a pass over the data
 * @param steps optimizer steps of the run
 */
record RunLength(long stepsPerEpoch, long steps) {
    /** The length of a training on so many windows. */
    static RunLength of(Experiment.Train settings, int windows) {
        long stepsPerEpoch = ceil(ceil(windows, settings.batch()), settings.accumulation());
        long steps = settings.maxSteps().map(Integer::longValue).orElseGet(() ->
                (long) Math.ceil(settings.epochs() * stepsPerEpoch));
        return new RunLength(stepsPerEpoch, steps);
    }

    private static long ceil(long amount, long unit) {
        return (amount + unit - 1) / unit;
    }

    /** Passes over the data done after a step. */
    double epochs(long step) {
        return step / (double) stepsPerEpoch;
    }

    /** Whether an epoch, the run, or what comes before both ends after one step and not later than after another. */
    boolean endsEpoch(long after, long until) {
        return until == 0
                || until == steps
                || Math.floorDiv(until, stepsPerEpoch) > Math.floorDiv(after, stepsPerEpoch);
    }

    Checkpoints.Position position(long step) {
        return new Checkpoints.Position(step, step / stepsPerEpoch, step % stepsPerEpoch, step == steps);
    }
}
