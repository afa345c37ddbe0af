package io.sparkqa.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import scala.Option;

/** A saved {@link RobertaQuestionAnsweringModel}: Spark ML's metadata and, beside it, a copy of the model folder. */
final class SavedModel {
    private static final String FOLDER = "model";

    private SavedModel() {}

    private static Path folder(String path) {
        return new Path(path, FOLDER);
    }

    /** Writes a stage. */
    static final class Writer extends MLWriter {
        private final RobertaQuestionAnsweringModel stage;
        private final String modelFolder;

        /**
         * @param modelFolder to copy, on any file system; null: none
         */
        Writer(RobertaQuestionAnsweringModel stage, String modelFolder) {
            this.stage = stage;
            this.modelFolder = modelFolder;
        }

        /** @throws IllegalArgumentException if the path holds the model folder, which overwriting would delete */
        @Override
        public void save(String path) throws IOException {
            if (modelFolder != null) {
                String source = qualified(LocalCopies.hadoopPath(modelFolder));
                if ((source + "/").startsWith(qualified(new Path(path)) + "/")) {
                    throw new IllegalArgumentException(
                            "%s: the stage can't be saved over its own model folder, %s; save it elsewhere"
                                    .formatted(path, modelFolder));
                }
            }
            super.save(path);
        }

        private String qualified(Path path) throws IOException {
            return path.getFileSystem(sc().hadoopConfiguration())
                    .makeQualified(path)
                    .toString();
        }

        @Override
        public void saveImpl(String path) {
            DefaultParamsWriter.saveMetadata(stage, path, sc(), Option.empty(), Option.empty());
            if (modelFolder != null) {
                Path source = LocalCopies.hadoopPath(modelFolder);
                Path copy = folder(path);
                Configuration settings = sc().hadoopConfiguration();
                try {
                    FileUtil.copy(
                            source.getFileSystem(settings),
                            source,
                            copy.getFileSystem(settings),
                            copy,
                            false,
                            settings);
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
                Path copy = files.makeQualified(folder(path));
                return files.exists(copy) ? stage.setModelFolder(name(copy)) : stage;
            } catch (IOException e) {
                throw new UncheckedIOException("%s: can't be read: %s".formatted(path, e.getMessage()), e);
            }
        }

        private static String name(Path copy) {
            return LocalCopies.isRemote(copy.toString())
                    ? copy.toString()
                    : copy.toUri().getPath();
        }
    }
}
