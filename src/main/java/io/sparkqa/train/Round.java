package io.sparkqa.train;

import java.io.Serializable;

/**
 * A round of a training with replicas: the steps between two exchanges of weights. Replica r of R does every R-th step of
 * the round, starting at the r-th. Each step has the same windows, dropout and learning rate as in {@link TrainingLoop}, so
 * the shares are disjoint.
 *
 * @param from steps of the run done before the round
 * @param to steps of the run done after it
 * @param before folder of the checkpoint before the round, which holds the replicas' moments; empty in the first round
 * @param after folder into which the replicas write their moments
 */
public record Round(long from, long to, int replicas, String before, String after) implements Serializable {}
