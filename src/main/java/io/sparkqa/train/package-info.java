/**
 * Fine-tuning: batches of windows, optimizer steps, resumable runs with checkpoints, several replicas in rounds, evaluation
 * of dev between epochs.
 *
 * <p>{@link io.sparkqa.train.Trainer} makes a step, {@link io.sparkqa.train.TrainingLoop} a run of steps on one device,
 * {@link io.sparkqa.train.Rounds} a run of several {@link io.sparkqa.train.Replica}s. Users of the jar may call {@link
 * io.sparkqa.train.TrainingLoop} with {@link io.sparkqa.train.Checkpoints} and a {@link
 * io.sparkqa.train.TrainingListener}; the other classes may change.
 */
package io.sparkqa.train;
