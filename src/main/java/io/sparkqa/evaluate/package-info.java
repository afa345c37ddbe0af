/**
 * Computes the metrics of SQuAD 2.0's official script. Sums are computed in the script's order, so that the numbers agree
 * to the last digit. Does not depend on Spark.
 *
 * <p>Users of the jar may call {@link io.sparkqa.evaluate.OfficialEvaluation}, which evaluates files as the script does,
 * {@link io.sparkqa.evaluate.QuestionScore}, which compares one prediction with its gold answers, and {@link
 * io.sparkqa.evaluate.SquadMetrics} and {@link io.sparkqa.evaluate.Scoreboard}, which sum up the scores of a data set.
 */
package io.sparkqa.evaluate;
