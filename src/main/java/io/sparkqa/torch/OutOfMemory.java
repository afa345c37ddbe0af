package io.sparkqa.torch;

import java.util.Optional;
import java.util.regex.Pattern;

/** The memory of a device does not hold what a program needs. The message is libtorch's, in one line. */
public final class OutOfMemory extends RuntimeException {
    private static final Pattern MESSAGE =
            Pattern.compile("(?m)^.*(out of memory|can't allocate memory|CUBLAS_STATUS_ALLOC_FAILED).*$");

    private OutOfMemory(String message, Throwable cause) {
        super(message, cause);
    }

    /** Returns the lack of memory that an error of libtorch reports; empty if it reports something else. */
    public static Optional<OutOfMemory> of(RuntimeException error) {
        return MESSAGE.matcher(String.valueOf(error.getMessage()))
                .results()
                .findFirst()
                .map(line -> new OutOfMemory(line.group().strip(), error));
    }
}
