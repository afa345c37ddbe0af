package io.sparkqa.train;

import java.io.Serializable;

/**
 * A round of a training with replicas: the steps between two exchanges of weights. Replica r of R does every R-th of
 * them, beginning with the r-th. Each step has the windows, the dropout and the learning rate that it has in {@link
 * TrainingLoop}, so the shares are disjoint.
 *
 * @param from steps of the run done before the round
 * @param to steps of the run done after it
 * @param before folder of the checkpoint before the round, which holds the replicas' moments; empty before the first round
 * @param after folder in which the replicas leave their moments
 */
public record Round(long from, long to, int replicas, String before, String after) implements Serializable {}
