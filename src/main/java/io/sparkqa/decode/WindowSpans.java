package io.sparkqa.decode;

import java.util.List;

/**
 * All that decoding keeps of one window's logits.
 *
 * @param window 0, 1, 2 … from the beginning of the context
 * @param nothing the span of {@code <s>}, which stands for "not answered here"
 * @param spans the n best, best first
 */
public record WindowSpans(int window, Span nothing, List<Span> spans) {}
