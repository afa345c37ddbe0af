package io.sparkqa.squad;

import io.sparkqa.config.UserError;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** Reads slices in their order, each file opened once and what lies between them skipped. */
public final class ParagraphReader implements AutoCloseable {
    private String file = "";
    private InputStream in = InputStream.nullInputStream();
    private long position;

    /** The examples of a slice that stands behind the last one read, or in another file. */
    public List<Example> read(ParagraphSlice slice) {
        try {
            if (!slice.file().equals(file)) {
                in.close();
                in = ParagraphScan.open(Path.of(slice.file()));
                file = slice.file();
                position = 0;
            }
            in.skipNBytes(slice.offset() - position);
            byte[] json = in.readNBytes(slice.length());
            position = slice.offset() + slice.length();
            if (json.length < slice.length()) {
                throw new EOFException("it has become shorter");
            }
            return slice.read(json);
        } catch (IOException e) {
            throw new UserError(
                    "%s: byte %d: can't be read: %s; every executor needs the file at this very path"
                            .formatted(slice.file(), slice.offset(), e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }
}
