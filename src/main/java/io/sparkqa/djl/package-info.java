/**
 * A fine-tuned model folder as a model of DJL: {@link io.sparkqa.djl.AnswerTranslatorFactory} for a {@code Criteria}, and
 * {@link io.sparkqa.djl.ServingProperties}, by which DJL finds the classes. The other classes may change.
 */
package io.sparkqa.djl;
