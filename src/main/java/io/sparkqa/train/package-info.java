/**
 * Fine-tuning: batches of windows, optimizer steps, runs that resume from checkpoints, several replicas in rounds,
 * evaluation of dev between epochs.
 *
 * <p>{@link io.sparkqa.train.Trainer} makes a step, {@link io.sparkqa.train.TrainingLoop} a run of steps on one device,
 * {@link io.sparkqa.train.Rounds} a run of several {@link io.sparkqa.train.Replica}s. Users of the jar may call {@link
 * io.sparkqa.train.TrainingLoop} with {@link io.sparkqa.train.Checkpoints} and a {@link
 * io.sparkqa.train.TrainingListener}; the rest is for use within spark-qa.
 */
package io.sparkqa.train;
