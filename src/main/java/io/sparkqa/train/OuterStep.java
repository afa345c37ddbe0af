package io.sparkqa.train;

import java.nio.FloatBuffer;

/**
 * Stochastic gradient descent with Nesterov momentum, with the replicas' mean change as the gradient (DiLoCo, Douillard et
 * al. 2023, arXiv 2311.08105, algorithm 1). With rate 1 and momentum 0 the new weights are the replicas' mean, bit for
 * bit.
 *
 * @param rate outer learning rate
 * @param momentum factor of the velocity from round to round
 */
record OuterStep(double rate, double momentum) {
    /**
     * Updates weights and velocity in place. With g = weights - mean and v = momentum · v + g, the new weights are
     * weights - rate · (g + momentum · v), computed as mean + (1 - rate) · g - rate · momentum · v.
     *
     * @param weights weights before the round
     * @param mean mean of the replicas' weights after the round
     */
    void apply(FloatBuffer weights, FloatBuffer mean, FloatBuffer velocity) {
        for (int i = 0; i < weights.limit(); i++) {
            double change = (double) weights.get(i) - mean.get(i);
            double speed = momentum * velocity.get(i) + change;
            velocity.put(i, (float) speed);
            weights.put(i, (float) (mean.get(i) + ((1 - rate) * change - rate * momentum * speed)));
        }
    }
}
