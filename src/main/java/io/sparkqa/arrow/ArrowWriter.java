package io.sparkqa.arrow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.OutputWriter;

/** Writes the rows of a Spark task to an Arrow IPC file, in record batches. */
final class ArrowWriter extends OutputWriter {
    private final String path;
    private final ArrowColumns columns;
    private final ArrowFileWriter file;

    ArrowWriter(String path, ArrowColumns columns, Configuration hadoop) throws IOException {
        this.path = path;
        this.columns = columns;
        Path target = new Path(path);
        this.file = new ArrowFileWriter(
                columns.root(),
                null,
                Channels.newChannel(target.getFileSystem(hadoop).create(target, false)));
        file.start();
    }

    @Override
    public void write(InternalRow row) {
        columns.append(row);
        if (columns.isFull()) {
            writeBatch();
        }
    }

    private void writeBatch() {
        try {
            columns.endBatch();
            file.writeBatch();
            columns.startBatch();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        try (columns;
                file) {
            if (columns.rows() > 0) {
                writeBatch();
            }
            file.end();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private UncheckedIOException failed(IOException reason) {
        return new UncheckedIOException(path + ": can't be written: " + reason.getMessage(), reason);
    }

    @Override
    public String path() {
        return path;
    }
}
