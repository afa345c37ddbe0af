/**
 * The network, its checkpoint and its configuration, under HuggingFace's names. Users of the jar may call {@link
 * io.sparkqa.model.ModelFolder}, {@link io.sparkqa.model.RobertaConfig}, {@link io.sparkqa.model.Safetensors} and {@link
 * io.sparkqa.model.RobertaForQuestionAnswering}; the other classes may change.
 */
package io.sparkqa.model;
