package io.sparkqa.job;

import io.sparkqa.evaluate.OfficialEvaluation;
import io.sparkqa.evaluate.SquadMetrics;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of SQuAD 2.0's official evaluation script: same arguments and output, without Spark. */
@Command(name = "evaluate", description = "Evaluates predictions as SQuAD 2.0's official script does.")
final class OfficialScript extends Tool {
    @Parameters(index = "0", paramLabel = "data.json", description = "The data set, in SQuAD's format.")
    private Path data;

    @Parameters(index = "1", paramLabel = "predictions.json", description = "Question id to answer.")
    private Path predictions;

    @Option(
            names = {"-o", "--out-file"},
            paramLabel = "eval.json",
            description = "Write the metrics to this file instead of stdout.")
    private Optional<Path> outFile;

    @Option(
            names = {"-n", "--na-prob-file"},
            paramLabel = "na_prob.json",
            description = "Question id to the probability (or odds) of having no answer.")
    private Optional<Path> nullOdds;

    @Option(
            names = {"-t", "--na-prob-thresh"},
            paramLabel = "NUMBER",
            defaultValue = "1.0",
            description = "A question with a greater number counts as unanswered (default: ${DEFAULT-VALUE}).")
    private double threshold;

    @Option(
            names = {"-p", "--out-image-dir"},
            paramLabel = "FOLDER",
            description = "Draw precision-recall curves and histograms in this folder; needs -n.")
    private Optional<Path> images;

    @Option(
            names = {"-v", "--verbose"},
            description = "Accepted for compatibility; has no effect.")
    @SuppressWarnings("UnusedVariable") // picocli accepts the option because the field exists
    private boolean verbose;

    /** Returns whether the arguments are the official script's (two files) and not a stage's (one file and settings). */
    static boolean isMeantBy(String... commandLine) {
        return Arrays.stream(commandLine)
                        .filter(argument ->
                                new File(argument).isFile() || (argument.endsWith(".json") && !argument.contains("=")))
                        .count()
                > 1;
    }

    @Override
    int execute() throws IOException {
        SquadMetrics metrics =
                new OfficialEvaluation(data, predictions, nullOdds, threshold, images).run(out()::println);
        if (outFile.isPresent()) {
            Files.writeString(outFile.get(), metrics.toJson());
        } else {
            out().println(metrics.toIndentedJson());
        }
        return DONE;
    }
}
