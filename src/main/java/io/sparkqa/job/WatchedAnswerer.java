package io.sparkqa.job;

import io.sparkqa.ask.Answerer;
import io.sparkqa.config.UserError;
import io.sparkqa.decode.Prediction;
import io.sparkqa.decode.QuestionAnswerer;
import io.sparkqa.progress.Progress;
import java.time.Duration;
import java.util.List;

/** Answers questions, shows the progress of an answer that takes longer than a moment, and stops it on request. */
final class WatchedAnswerer implements Answerer {
    private static final Duration MOMENT = Duration.ofSeconds(2);

    private final QuestionAnswerer model;
    private volatile boolean stopped;

    WatchedAnswerer(QuestionAnswerer model) {
        this.model = model;
    }

    @Override
    public List<Prediction> answer(List<QuestionAnswerer.Question> questions) {
        stopped = false;
        try (Watch watch = new Watch()) {
            return model.answer(questions, watch::answered);
        }
    }

    /** Ends the answer that is under way with the message "stopped"; called on another thread. */
    void stop() {
        stopped = true;
    }

    private final class Watch implements AutoCloseable {
        private final long start = System.nanoTime();
        private Progress progress;

        void answered(int windows, int all) {
            if (stopped) {
                throw new UserError("stopped");
            }
            if (progress == null && System.nanoTime() - start > MOMENT.toNanos()) {
                progress = Progress.of("ask", "windows", all).startingAt(windows);
            }
            if (progress != null) {
                progress.at(windows);
            }
        }

        @Override
        public void close() {
            if (progress != null) {
                progress.close();
            }
        }
    }
}
