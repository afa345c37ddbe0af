package io.sparkqa.report;

import io.sparkqa.squad.Example;
import java.util.List;

/**
 * Questions that the page shows one by one. Runs that answered the same questions share one set.
 *
 * @param name of the split
 * @param examples those shown, in the data set's order
 * @param total questions of the split
 */
public record QuestionSet(String name, List<Example> examples, int total) {}
