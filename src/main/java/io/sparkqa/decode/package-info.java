/**
 * From windows to answers: the network's logits, the spans they favour, and one answer a question.
 *
 * <p>{@link io.sparkqa.decode.SpanDecoder} holds the algorithm and knows nothing of Spark; the decode stage and the
 * trainer's evaluation both run it.
 */
package io.sparkqa.decode;
