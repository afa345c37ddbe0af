/**
 * Turns windows into answers: logits of a window, its best spans, one prediction for a question. Does not depend on Spark.
 *
 * <p>{@link io.sparkqa.decode.LogitsRunner} computes logits with a network, {@link io.sparkqa.decode.SpanDecoder} finds
 * the answers in them. The decode stage and the evaluation of dev during training use both. Users of the jar may call both.
 */
package io.sparkqa.decode;
