package io.sparkqa.report;

import io.sparkqa.squad.Example;
import java.util.List;

/**
 * Questions that the page shows one by one. Runs that answered the same questions share one set.
 *
 * @param name name of the split
 * @param examples the shown questions, in the data set's order
 * @param total number of questions of the split
 */
public record QuestionSet(String name, List<Example> examples, int total) {}
