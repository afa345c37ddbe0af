package io.sparkqa.train;

/**
 * A learning rate that rises linearly from 0 to the peak over the warm-up steps and then falls linearly to 0 at the end
 * (HuggingFace's {@code linear}). The first step has the rate 0.
 *
 * @param peak highest learning rate
 * @param warmupSteps number of warm-up steps
 * @param steps all steps
 */
record LinearSchedule(double peak, long warmupSteps, long steps) {

    /** Returns a schedule whose warm-up takes a share of the steps, rounded up. */
    static LinearSchedule withWarmupShare(double peak, double share, long steps) {
        return new LinearSchedule(peak, (long) Math.ceil(share * steps), steps);
    }

    /** Returns the learning rate of a step, counted from 0. */
    double at(long step) {
        if (step < warmupSteps) {
            return peak * step / Math.max(1, warmupSteps);
        }
        return peak * Math.max(0, steps - step) / Math.max(1, steps - warmupSteps);
    }
}
