package io.sparkqa.job;

import ai.djl.Device;
import io.sparkqa.bench.BenchTable;
import io.sparkqa.bench.DecodeBench;
import io.sparkqa.bench.EvaluationBench;
import io.sparkqa.bench.Figure;
import io.sparkqa.bench.MatrixPeak;
import io.sparkqa.bench.TableBench;
import io.sparkqa.bench.TokenizerBench;
import io.sparkqa.bench.TrainBench;
import io.sparkqa.bench.WindowMix;
import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Trees;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.run.StageRun;
import io.sparkqa.spark.ExampleRow;
import io.sparkqa.spark.SquadTable;
import io.sparkqa.spark.SquadWindows;
import io.sparkqa.squad.Example;
import io.sparkqa.torch.Hardware;
import io.sparkqa.torch.ProcessMemory;
import io.sparkqa.train.Trainer;
import io.sparkqa.window.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the speed of the stages' work on this machine and prints one table. */
@Command(
        name = "bench",
        description = {
            "Measures this machine: matrix products, train and decode steps, tokenizer, tables, metrics.",
            "Without CONF it uses conf/bench.conf: a network of RoBERTa-base's shape with random weights."
        })
public final class BenchJob extends Stage {
    private static final int EVEN_BATCH = 8;
    private static final List<Integer> LENGTHS = List.of(384, 160);

    @Option(names = "--json", description = "Print one JSON object per row.")
    private boolean json;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Number of train steps to measure for each mix of windows; default: 5.")
    private int steps = 5;

    @Option(
            names = "--part",
            paramLabel = "PART",
            description = "Measure one part only: network or data. jobs/bench.sh runs one after the other.")
    private Part part;

    /** A part of the table. */
    enum Part {
        NETWORK,
        DATA
    }

    public static void main(String[] arguments) {
        System.exit(new BenchJob().run(arguments));
    }

    @Override
    protected void work(StageRun run) throws Exception {
        BenchTable table = json ? BenchTable.JSON : BenchTable.TEXT;
        if (part != Part.DATA && !table.heading().isEmpty()) {
            run.say(table.heading());
        }
        Path source = Path.of(run.experiment()
                .data()
                .train()
                .orElseThrow(() -> new UserError(
                        "data.train is not set; set it to a SQuAD file, whose questions the benchmark needs")));
        Dataset<Row> rows = SquadTable.read(run.spark(), source).cache();
        List<Example> examples =
                rows.collectAsList().stream().map(ExampleRow::toExample).toList();
        Path scratch =
                Files.createDirectories(run.folder().root()).toAbsolutePath().resolve("bench");
        try {
            if (part != Part.DATA) {
                network(run, table, tokenizer(run, examples).windows(), scratch);
            }
            if (part != Part.NETWORK) {
                table.rows(tokenizer(run, examples).measure()).forEach(run::say);
                table.rows(TableBench.measure(windows(run, rows), scratch)).forEach(run::say);
                run.say(table.row(EvaluationBench.measure(examples)));
            }
            if (!json) {
                run.say("peak memory " + ProcessMemory.peakInWords());
            }
        } finally {
            Trees.delete(scratch);
        }
    }

    private void network(StageRun run, BenchTable table, List<Window> windows, Path scratch) throws Exception {
        Experiment.Train settings = run.experiment().train();
        Device device = Hardware.device(settings.device());
        boolean bfloat16 = Hardware.bfloat16(settings.dtype(), device);
        Figure single = MatrixPeak.measure(device, false);
        run.say(table.row(single));
        Figure peak = bfloat16 ? MatrixPeak.measure(device, true) : single;
        if (bfloat16) {
            run.say(table.row(peak));
        }
        RobertaConfig config = run.inputs().startWeights().config();
        List<WindowMix> mixes = new ArrayList<>();
        LENGTHS.stream()
                .filter(length -> length <= config.longestWindow())
                .map(length -> WindowMix.even(EVEN_BATCH, length, TrainBench.WARM_UPS + steps, config.vocabSize()))
                .forEach(mixes::add);
        mixes.add(WindowMix.shuffled("the data's lengths", windows, settings.batch(), settings.seed()));
        for (WindowMix mix : mixes) {
            try (RobertaForQuestionAnswering network = network(run, device)) {
                List<Figure> step = new TrainBench(settings, network, steps).measure(mix, scratch);
                Figure before = peak;
                peak = MatrixPeak.measure(device, bfloat16);
                run.say(table.row(step.get(0).shareOfProducts(before, peak)));
                run.say(table.row(step.get(1)));
            }
            if (!json) {
                run.say("    peak memory so far " + ProcessMemory.peakInWords() + gpuMemory(device));
            }
        }
        try (RobertaForQuestionAnswering network = network(run, device).freeze()) {
            for (WindowMix mix : mixes) {
                Figure figure = DecodeBench.measure(
                        network, mix, run.experiment().decode().batchTokens());
                Figure before = peak;
                peak = MatrixPeak.measure(device, bfloat16);
                run.say(table.row(figure.shareOfProducts(before, peak)));
            }
        }
    }

    /** Returns the memory that a GPU's processes hold in words; "" for the CPU. */
    private static String gpuMemory(Device device) {
        return device.isGpu()
                ? String.format(
                        Locale.ROOT,
                        ", of the GPU %.1f of %.1f GB",
                        Hardware.memoryInUse(device) / 1e9,
                        Hardware.memory(device) / 1e9)
                : "";
    }

    private static RobertaForQuestionAnswering network(StageRun run, Device device) {
        return Trainer.network(run.experiment().train(), run.inputs().startWeights(), device);
    }

    private static TokenizerBench tokenizer(StageRun run, List<Example> examples) {
        Experiment experiment = run.experiment();
        Path tokenizer = run.inputs().tokenizer();
        return new TokenizerBench(
                tokenizer,
                examples,
                experiment.features().maxLength(),
                experiment.features().stride());
    }

    private static Dataset<Row> windows(StageRun run, Dataset<Row> examples) {
        return new SquadWindows()
                .setTokenizer(run.inputs().tokenizer())
                .setMaxLength(run.experiment().features().maxLength())
                .setStride(run.experiment().features().stride())
                .transform(examples);
    }
}
