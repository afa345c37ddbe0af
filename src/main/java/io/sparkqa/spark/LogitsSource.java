package io.sparkqa.spark;

import io.sparkqa.decode.WindowLogits;
import java.io.Serializable;

/** Opens the computation of logits within a task. */
@FunctionalInterface
interface LogitsSource extends Serializable {
    /** Opens the computation. The task closes it when it ends. */
    WindowLogits open();
}
