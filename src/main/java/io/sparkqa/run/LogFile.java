package io.sparkqa.run;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.layout.PatternLayout;

/** Writes all log events from INFO up, including Spark's, to a file, in addition to the log configuration's appenders. */
public final class LogFile implements AutoCloseable {
    private static final String NAME = "run-folder";

    private final LoggerContext context;
    private final FileAppender appender;

    private LogFile(LoggerContext context, FileAppender appender) {
        this.context = context;
        this.appender = appender;
    }

    /**
     * Appends to {@code file} until it is closed.
     *
     * @throws UserError if the file can't be written
     */
    public static LogFile open(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, new byte[0], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UserError(
                    "%s: can't be written: %s; set run.dir to another folder".formatted(file, Reason.of(e)), e);
        }
        LoggerContext context = (LoggerContext) LogManager.getContext(false);
        FileAppender appender = FileAppender.newBuilder()
                .setName(NAME)
                .withFileName(file.toString())
                .withAppend(true)
                .setLayout(PatternLayout.newBuilder()
                        .withPattern("%d{yyyy-MM-dd HH:mm:ss.SSS} %-5p %c{1.} [%t] %m%n%ex")
                        .build())
                .setConfiguration(context.getConfiguration())
                .build();
        appender.start();
        LogFile log = new LogFile(context, appender);
        log.loggers().forEach(logger -> logger.addAppender(appender, Level.INFO, null));
        context.updateLoggers();
        return log;
    }

    /** Returns the root logger and those that don't pass their events on to it. */
    private Stream<LoggerConfig> loggers() {
        LoggerConfig root = context.getConfiguration().getRootLogger();
        return context.getConfiguration().getLoggers().values().stream()
                .filter(logger -> logger.equals(root) || !logger.isAdditive());
    }

    @Override
    public void close() {
        loggers().forEach(logger -> logger.removeAppender(NAME));
        context.updateLoggers();
        appender.stop();
    }
}
