package io.sparkqa.spark;

import io.sparkqa.decode.WindowLogits;
import java.io.Serializable;

/** Opens the computation of logits within a task. */
@FunctionalInterface
interface LogitsSource extends Serializable {
    /** Opens the computation; the task closes it at its end. */
    WindowLogits open();
}
