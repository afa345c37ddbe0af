package io.sparkqa.run;

import io.sparkqa.progress.Progress;
import io.sparkqa.torch.ProcessMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** A stage's last line: a summary of its work, its time and memory, and the place of the result. */
final class ClosingLine {
    private final String stage;
    private final RunFolder folder;
    private final List<String> summaries = new ArrayList<>();
    private final List<Path> made = new ArrayList<>();
    private final List<Path> upToDate = new ArrayList<>();
    private double seconds;

    ClosingLine(String stage, RunFolder folder) {
        this.stage = stage;
        this.folder = folder;
    }

    void made(String summary, List<Path> outputs, double time) {
        summaries.add(summary);
        made.addAll(outputs);
        seconds += time;
    }

    void upToDate(List<Path> outputs) {
        upToDate.addAll(outputs);
    }

    /** Returns a summary of the outputs that were made; empty if none were. */
    String summary() {
        return String.join("; ", summaries);
    }

    /** Returns the line; empty if the stage had no steps. */
    Optional<String> text() {
        if (made.isEmpty()) {
            return upToDate.isEmpty() ? Optional.empty() : Optional.of(stage + ": " + paths());
        }
        String time =
                seconds < 10 ? String.format(Locale.ROOT, "%.1f s", seconds) : Progress.duration(Math.round(seconds));
        String rest = upToDate.isEmpty() ? "" : "; up to date (" + list(upToDate) + ")";
        return Optional.of("%s: %s; %s, peak memory %s; see %s%s"
                .formatted(stage, String.join("; ", summaries), time, ProcessMemory.peakInWords(), paths(), rest));
    }

    /** Returns the paths of the outputs that were made, or says that there was nothing to make. */
    String paths() {
        if (made.isEmpty()) {
            return upToDate.isEmpty() ? "nothing to do" : "up to date (" + list(upToDate) + ")";
        }
        return list(made);
    }

    /** Returns a single path unchanged, and several as the run folder followed by their paths in it. */
    private String list(List<Path> paths) {
        return paths.size() == 1
                ? paths.get(0).toString()
                : paths.stream()
                        .map(path -> folder.relative(path).orElseThrow())
                        .collect(Collectors.joining(", ", folder.root() + ": ", ""));
    }
}
