package io.sparkqa.decode;

import java.util.List;

/**
 * The best spans of one window: all that decoding needs of its logits.
 *
 * @param window index of the window in its context: 0, 1, 2 …
 * @param nullSpan the span of {@code <s>}, which stands for "no answer in this window"
 * @param spans the n best spans, best first
 */
public record WindowSpans(int window, Span nullSpan, List<Span> spans) {}
