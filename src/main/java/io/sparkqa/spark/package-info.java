/**
 * Connects Spark with the packages that do not depend on it: tables of examples, windows, answers and scores, stages of
 * Spark ML, the session, progress of tasks, training replicas.
 *
 * <p>Users of the jar may call {@link io.sparkqa.spark.SquadTable} and {@link io.sparkqa.spark.SquadParquet}, which read
 * examples, the Spark ML stages {@link io.sparkqa.spark.SquadWindows} (examples to windows) and {@link
 * io.sparkqa.spark.RobertaQuestionAnsweringModel} (windows to answers), and {@link io.sparkqa.spark.ScoresTable}, which
 * scores answers.
 */
package io.sparkqa.spark;
