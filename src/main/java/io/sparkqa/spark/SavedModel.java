package io.sparkqa.spark;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import scala.Option;

/** A saved {@link RobertaQuestionAnsweringModel}: Spark ML's metadata and, beside it, a copy of the model folder. */
final class SavedModel {
    private static final String FOLDER = "model";

    private SavedModel() {}

    private static org.apache.hadoop.fs.Path folder(String path) {
        return new org.apache.hadoop.fs.Path(path, FOLDER);
    }

    /** Writes a stage. */
    static final class Writer extends MLWriter {
        private final RobertaQuestionAnsweringModel stage;
        private final Path modelFolder;

        /**
         * @param modelFolder to copy; null: none
         */
        Writer(RobertaQuestionAnsweringModel stage, Path modelFolder) {
            this.stage = stage;
            this.modelFolder = modelFolder;
        }

        @Override
        public void saveImpl(String path) {
            DefaultParamsWriter.saveMetadata(stage, path, sc(), Option.empty(), Option.empty());
            if (modelFolder != null) {
                org.apache.hadoop.fs.Path copy = folder(path);
                try {
                    copy.getFileSystem(sc().hadoopConfiguration())
                            .copyFromLocalFile(
                                    new org.apache.hadoop.fs.Path(
                                            modelFolder.toAbsolutePath().toUri()),
                                    copy);
                } catch (IOException e) {
                    throw new UncheckedIOException(
                            "%s: the model folder can't be copied to %s: %s; save elsewhere, or set savesFolder to false"
                                    .formatted(modelFolder, copy, e.getMessage()),
                            e);
                }
            }
        }
    }

    /** Reads a stage. */
    static final class Reader extends MLReader<RobertaQuestionAnsweringModel> {
        @Override
        public RobertaQuestionAnsweringModel load(String path) {
            DefaultParamsReader.Metadata metadata =
                    DefaultParamsReader.loadMetadata(path, sc(), RobertaQuestionAnsweringModel.class.getName());
            RobertaQuestionAnsweringModel stage = new RobertaQuestionAnsweringModel(metadata.uid());
            metadata.getAndSetParams(stage, Option.empty());
            try {
                FileSystem files = folder(path).getFileSystem(sc().hadoopConfiguration());
                org.apache.hadoop.fs.Path copy = files.makeQualified(folder(path));
                return files.exists(copy) ? stage.setModelFolder(local(copy)) : stage;
            } catch (IOException e) {
                throw new UncheckedIOException("%s: can't be read: %s".formatted(path, e.getMessage()), e);
            }
        }

        private static String local(org.apache.hadoop.fs.Path copy) {
            if (!copy.toUri().getScheme().equals("file")) {
                throw new UserError(
                        "%s: a model is opened from a folder that each executor sees, not from %s; copy the saved stage to a shared folder and load it from there, or save it with savesFolder false"
                                .formatted(copy, copy.toUri().getScheme()));
            }
            return copy.toUri().getPath();
        }
    }
}
