package io.sparkqa.spark;

import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.Utils;

/**
 * Folders on file systems of Hadoop, such as HDFS and S3, as folders of this machine. A process copies a folder once, below
 * Spark's local folder, and deletes the copy when it ends.
 */
final class LocalCopies {
    private static final Map<String, Path> COPIES = new HashMap<>();

    private LocalCopies() {}

    /** Returns whether a folder's name is the URI of a file system other than this machine's. */
    static boolean isRemote(String folder) {
        return folder.matches("[a-zA-Z][a-zA-Z0-9+.-]*:/.*") && !folder.startsWith("file:");
    }

    /** Returns the path under which Hadoop knows a folder. */
    static org.apache.hadoop.fs.Path hadoopPath(String folder) {
        return isRemote(folder)
                ? new org.apache.hadoop.fs.Path(folder)
                : new org.apache.hadoop.fs.Path(local(folder).toAbsolutePath().toUri());
    }

    private static Path local(String folder) {
        return folder.startsWith("file:")
                ? Path.of(new org.apache.hadoop.fs.Path(folder).toUri().getPath())
                : Path.of(folder);
    }

    /**
     * Returns a folder of this machine, or the copy of another one.
     *
     * @param settings of Hadoop, which say how to reach its file system
     * @throws UserError if it can't be copied
     */
    static Path of(String folder, Configuration settings) {
        if (!isRemote(folder)) {
            return local(folder);
        }
        org.apache.hadoop.fs.Path source = hadoopPath(folder);
        try {
            FileSystem files = source.getFileSystem(settings);
            StringBuilder contents = new StringBuilder(folder);
            for (FileStatus file : files.listStatus(source)) {
                contents.append('\n')
                        .append(file.getPath().getName())
                        .append(' ')
                        .append(file.getLen());
                contents.append(' ').append(file.getModificationTime());
            }
            synchronized (COPIES) {
                Path known = COPIES.get(contents.toString());
                if (known != null && Files.isDirectory(known)) {
                    return known;
                }
                Path copy = Utils.createTempDir(Utils.getLocalDir(SparkEnv.get().conf()), "model")
                        .toPath()
                        .resolve(source.getName());
                files.copyToLocalFile(false, source, new org.apache.hadoop.fs.Path(copy.toUri()), true);
                COPIES.put(contents.toString(), copy);
                return copy;
            }
        } catch (IOException e) {
            throw new UserError(
                    "%s: the model folder can't be copied to this machine: %s; check the address and Hadoop's settings"
                            .formatted(folder, e.getMessage()),
                    e);
        }
    }
}
