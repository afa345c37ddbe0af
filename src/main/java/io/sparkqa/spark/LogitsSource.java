package io.sparkqa.spark;

import io.sparkqa.decode.WindowLogits;
import java.io.Serializable;

/** Opens whatever computes logits, where a task runs. */
@FunctionalInterface
interface LogitsSource extends Serializable {
    /** What the task is to use, and to close at its end. */
    WindowLogits open();
}
