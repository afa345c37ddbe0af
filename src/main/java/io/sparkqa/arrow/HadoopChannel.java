package io.sparkqa.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A file on a Hadoop file system as a channel that Arrow can read. */
final class HadoopChannel implements SeekableByteChannel {
    private static final int CHUNK = 1 << 20;

    private final FSDataInputStream in;
    private final long size;
    private final byte[] chunk = new byte[CHUNK];
    private boolean open = true;

    private HadoopChannel(FSDataInputStream in, long size) {
        this.in = in;
        this.size = size;
    }

    static HadoopChannel open(Path path, Configuration hadoop) throws IOException {
        FileSystem files = path.getFileSystem(hadoop);
        return new HadoopChannel(files.open(path), files.getFileStatus(path).getLen());
    }

    /** Copies through an array, since not every Hadoop file system can read into a buffer. */
    @Override
    public int read(ByteBuffer into) throws IOException {
        int read = in.read(chunk, 0, Math.min(chunk.length, into.remaining()));
        if (read > 0) {
            into.put(chunk, 0, read);
        }
        return read;
    }

    @Override
    public long position() throws IOException {
        return in.getPos();
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
        in.seek(position);
        return this;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long newSize) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() throws IOException {
        open = false;
        in.close();
    }
}
