package io.sparkqa.spark;

import io.sparkqa.decode.WindowLogits;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A model on a file system of Hadoop. Each executor copies its folder once.
 *
 * @param folder the folder's URI
 * @param settings of Hadoop, which say how to reach its file system
 * @param model how to open the copy
 */
record FetchedModel(String folder, SerializableConfiguration settings, SharedModel model) implements LogitsSource {
    @Override
    public WindowLogits open() {
        return model.in(LocalCopies.of(folder, settings.value())).open();
    }
}
