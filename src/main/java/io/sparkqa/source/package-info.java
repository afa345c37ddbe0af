/**
 * The values of {@code model.from}, {@code model.tokenizer} and {@code data.*}: a path, a model or data set of the
 * HuggingFace Hub, or an address of the web. {@link io.sparkqa.source.Source} reads such a setting without using a network.
 * Package {@code hub} finds and fetches the models and data sets.
 */
package io.sparkqa.source;
