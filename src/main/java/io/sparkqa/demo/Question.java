package io.sparkqa.demo;

import io.sparkqa.demo.Paragraph.Fact;
import java.util.Optional;

/**
 * A question about a paragraph.
 *
 * @param text with its question mark
 * @param answer where the paragraph answers it; for kinds without an answer, a fact that a careless reader takes for it
 * @param held whether train never asks in these words
 */
record Question(String text, Kind kind, Optional<Fact> answer, boolean held) {}
