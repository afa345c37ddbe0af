package io.sparkqa.train;

import java.io.Serializable;

/**
 * A round of a training with replicas: those steps of the plain loop that lie between two exchanges. Replica r of R does
 * every R-th of them, beginning with the r-th: with the windows, the dropout and the learning rate that the plain loop has
 * in that step, so that the shares are disjoint and one replica does what the plain loop does.
 *
 * @param from steps done before
 * @param to steps done after
 * @param before folder of the checkpoint before the round, where the replicas' moments lie; empty before the first
 * @param after folder where the replicas leave their moments
 */
public record Round(long from, long to, int replicas, String before, String after) implements Serializable {}
