/**
 * What {@code model.from}, {@code model.tokenizer} and {@code data.*} may name: a path, a model or data set of the
 * HuggingFace Hub, or an address of the web. {@link io.sparkqa.source.Source} reads such a setting; nothing here asks a
 * network. Package {@code hub} finds and fetches what is named.
 */
package io.sparkqa.source;
