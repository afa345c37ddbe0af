/**
 * Connects Spark with the packages that do not depend on it: tables of examples, windows, answers and scores, stages of
 * Spark ML, the session, progress of tasks, training replicas.
 *
 * <p>Users of the jar may call {@link io.sparkqa.spark.SquadTable} and {@link io.sparkqa.spark.SquadParquet}, which read
 * examples, the Spark ML stages {@link io.sparkqa.spark.SquadWindows} (examples to windows), {@link
 * io.sparkqa.spark.RobertaQuestionAnswering} (a table of questions with known answers to a fine-tuned model) and {@link
 * io.sparkqa.spark.RobertaQuestionAnsweringModel} (a table of questions to one with answers), the extension {@link
 * io.sparkqa.spark.AnswerExtensions}, which adds a function to Spark SQL, and {@link io.sparkqa.spark.ScoresTable}, which
 * scores answers.
 */
package io.sparkqa.spark;
