package io.sparkqa.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aLineShowsProgressRateAndTimeLeft() {
        try (Progress progress = Progress.lines("decode", "windows", 4000, out, Duration.ZERO)) {
            progress.note("loss 1.5");
            progress.add(1000);
        }
        assertThat(printed())
                .matches("decode: 1,000 of 4,000 windows \\(25 %\\), [\\d,.]+ windows/s, \\d+ s left, loss 1.5\n");
    }

    @Test
    void betweenTwoLinesSomeTimePasses() {
        try (Progress progress = Progress.lines("decode", "windows", 4000, out, Duration.ofHours(1))) {
            progress.at(1000);
            progress.at(2000);
        }
        assertThat(printed()).isEmpty();
    }

    @Test
    void unitsOfAnEarlierProcessDoNotCountForTheRate() {
        try (Progress progress = Progress.lines("train", "steps", 4000, out, Duration.ZERO)) {
            progress.startingAt(3000).at(3000);
        }
        assertThat(printed()).isEqualTo("train: 3,000 of 4,000 steps (75 %), 0.0 steps/s\n");
    }

    @Test
    void aBarOnANarrowTerminalHasRoomForTheNote() {
        String note = "loss 4.543, lr 2.70e-05, 2,037 tokens/s, 27 % of the peak";
        try (Progress progress = Progress.bar("train", "steps", 10_270, new ConsoleProgressBarConsumer(out, 108))) {
            progress.note(note);
            progress.at(6);
        }
        assertThat(printed()).contains(note);
    }

    @Test
    void durationsAreInWords() {
        assertThat(Progress.duration(59)).isEqualTo("59 s");
        assertThat(Progress.duration(200)).isEqualTo("3 min 20 s");
        assertThat(Progress.duration(7500)).isEqualTo("2 h 5 min");
    }
}
