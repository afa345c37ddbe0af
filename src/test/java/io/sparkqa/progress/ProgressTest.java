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
            progress.note("loss 1.5", "1.5");
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
    void aNarrowTerminalShowsTheBriefNoteAndNoLineIsLongerThanTheTerminal() {
        String note = "loss 4.543, lr 2.70e-05, 2,037 tokens/s, 27 % of the peak, epoch 0.01 of 1.00";
        String brief = "epoch 0.01, loss 4.54, 2,037 tok/s, 27 %, lr 2.7e-05";
        String wide = shown(160, note, brief);
        assertThat(wide).contains(note).contains("6/1027").contains("steps/s");
        assertThat(shown(120, note, brief)).contains("6/1027").contains("loss 4.543, lr 2.70e-05");
        assertThat(shown(80, note, brief)).containsPattern("train 6/1,027 \\d+:\\d\\d left, " + brief);
        assertThat(shown(60, note, brief)).containsPattern("train 6/1,027 \\d+:\\d\\d left, epoch 0.01, loss 4.54");
    }

    /** Returns what a terminal shows at the sixth step of a training that resumed at the third one. */
    private String shown(int columns, String note, String brief) {
        bytes.reset();
        try (Progress progress = Progress.bar("train", "steps", 1_027, new ConsoleProgressBarConsumer(out, columns))) {
            progress.startingAt(3);
            progress.note(note, brief);
            progress.at(6);
        }
        assertThat(printed().split("[\r\n]"))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(columns));
        return printed();
    }

    @Test
    void durationsAreInWords() {
        assertThat(Progress.duration(59)).isEqualTo("59 s");
        assertThat(Progress.duration(200)).isEqualTo("3 min 20 s");
        assertThat(Progress.duration(7500)).isEqualTo("2 h 5 min");
    }
}
