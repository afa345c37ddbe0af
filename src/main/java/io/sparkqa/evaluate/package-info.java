/**
 * SQuAD 2.0's official metrics, number for number.
 *
 * <p>{@link io.sparkqa.evaluate.AnswerText} compares two texts, {@link io.sparkqa.evaluate.QuestionScore} one question's
 * prediction with its gold answers, {@link io.sparkqa.evaluate.SquadMetrics} sums up a data set. Nothing here knows of
 * Spark. Sums run in the order of the official script, so that the numbers agree to the last digit.
 */
package io.sparkqa.evaluate;
