/**
 * Cuts examples into windows: the tokens of question and context, cut to the network's length, with their labels. {@link
 * io.sparkqa.window.Windower} makes windows, {@link io.sparkqa.window.WindowTable} reads stored ones. Users of the jar may
 * call {@link io.sparkqa.window.PairTokenizer}, {@code Windower} and {@code WindowTable}; the other types serve the stages.
 */
package io.sparkqa.window;
