/**
 * Turns windows into answers: logits of a window, its best spans, one prediction for a question. Knows nothing of Spark.
 *
 * <p>{@link io.sparkqa.decode.LogitsRunner} computes logits with a network, {@link io.sparkqa.decode.SpanDecoder} finds
 * the answers in them. The decode stage and the evaluations of dev during training both use these two, and so may users
 * of the jar.
 */
package io.sparkqa.decode;
