package io.sparkqa.spark;

import io.sparkqa.config.UserError;
import io.sparkqa.hub.ModelFiles;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.squad.Example;
import io.sparkqa.window.QuestionTooLong;
import io.sparkqa.window.Window;
import io.sparkqa.window.WindowColumns;
import io.sparkqa.window.Windower;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;

/**
 * Spark ML stage that turns a table of examples ({@link ExampleRow#SCHEMA}) into a table of windows with the columns {@link
 * WindowColumns}. The result does not depend on how the examples are partitioned.
 */
public final class SquadWindows extends Transformer implements DefaultParamsWritable {
    private static final long serialVersionUID = 1L;
    private static final String ERROR = "error";
    private static final String SKIP = "skip";
    static final int SHORTEST = 8;

    private final String uid;
    private final Param<String> tokenizer;
    private final IntParam maxLength;
    private final IntParam stride;
    private final Param<String> tooLong;

    public SquadWindows() {
        this(Identifiable$.MODULE$.randomUID("squadWindows"));
    }

    public SquadWindows(String uid) {
        this.uid = uid; // The constructors of the parameters use it.
        this.tokenizer = new Param<>(
                this, "tokenizer", "tokenizer.json, or the folder of a model or tokenizer; read by the driver");
        this.maxLength = new IntParam(
                this, "maxLength", "longest window in tokens, special tokens included", ParamValidators.gtEq(SHORTEST));
        this.stride =
                new IntParam(this, "stride", "context tokens that neighbouring windows share", ParamValidators.gtEq(0));
        this.tooLong = new Param<>(
                this,
                "tooLong",
                "what to do with a question that is too long for a window: error, or skip (make no windows for it)",
                ParamValidators.inArray(List.of(ERROR, SKIP)));
        setDefault(maxLength, 384);
        setDefault(stride, 128);
        setDefault(tooLong, ERROR);
    }

    /** Reads a stage that {@link #save} has written. */
    public static SquadWindows load(String path) {
        return read().load(path);
    }

    public static MLReader<SquadWindows> read() {
        return new DefaultParamsReader<>();
    }

    /**
     * Returns the windows of a table of examples.
     *
     * @throws IllegalArgumentException if the table lacks a column, a parameter is not set, or {@code maxLength} is beyond
     *     the positions of the model whose folder {@code tokenizer} is
     * @throws UserError if the tokenizer can't be read; tasks throw it too, naming the row, for a null or a question that is
     *     too long
     */
    @Override
    public Dataset<Row> transform(Dataset<?> examples) {
        requirePositions();
        return transform(examples, WindowCounts.in(examples.sparkSession().sparkContext()));
    }

    /** Does the same as {@link #transform(Dataset)} and counts questions and windows. */
    public Dataset<Row> transform(Dataset<?> examples, WindowCounts counts) {
        transformSchema(examples.schema());
        SharedTokenizer read = SharedTokenizer.read(Path.of(requiredTokenizer()));
        Broadcast<SharedTokenizer> shared = JavaSparkContext.fromSparkContext(
                        examples.sparkSession().sparkContext())
                .broadcast(read);
        Cut cut = new Cut(
                shared,
                (Integer) getOrDefault(maxLength),
                (Integer) getOrDefault(stride),
                getOrDefault(tooLong).equals(SKIP),
                counts);
        return examples.toDF()
                .mapPartitions(cut, WindowRow.ENCODER)
                .withMetadata(WindowColumns.INPUT_IDS, metadata(read));
    }

    private Metadata metadata(SharedTokenizer read) {
        return WindowMetadata.of((Integer) getOrDefault(maxLength), read.sha256());
    }

    private void requirePositions() {
        Path config = Path.of(requiredTokenizer()).resolve(ModelFiles.CONFIG);
        if (Files.isRegularFile(config)) {
            int positions = RobertaConfig.read(config).longestWindow();
            int longest = (Integer) getOrDefault(maxLength);
            if (longest > positions) {
                throw new IllegalArgumentException(
                        "SquadWindows: maxLength is %s, but the model of %s has positions for %s tokens; lower maxLength"
                                .formatted(longest, config, positions));
            }
        }
    }

    private String requiredTokenizer() {
        if (!isSet(tokenizer)) {
            throw new IllegalArgumentException(
                    "SquadWindows: the parameter tokenizer is not set; set it to a tokenizer.json or a model's folder");
        }
        return getOrDefault(tokenizer);
    }

    /** @throws IllegalArgumentException if a column is missing or of another type; the message names the first of them */
    @Override
    public StructType transformSchema(StructType schema) {
        RequiredColumns.check("SquadWindows", schema, ExampleRow.SCHEMA);
        return isDefined(tokenizer)
                ? WindowMetadata.addTo(
                        WindowRow.SCHEMA, metadata(SharedTokenizer.read(Path.of(getOrDefault(tokenizer)))))
                : WindowRow.SCHEMA;
    }

    @Override
    public SquadWindows copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    @Override
    public String uid() {
        return uid;
    }

    public Param<String> tokenizer() {
        return tokenizer;
    }

    public IntParam maxLength() {
        return maxLength;
    }

    public IntParam stride() {
        return stride;
    }

    public Param<String> tooLong() {
        return tooLong;
    }

    public SquadWindows setTokenizer(Path fileOrFolder) {
        set(tokenizer, fileOrFolder.toString());
        return this;
    }

    public SquadWindows setMaxLength(int tokens) {
        set(maxLength, tokens);
        return this;
    }

    public SquadWindows setStride(int tokens) {
        set(stride, tokens);
        return this;
    }

    public SquadWindows setTooLong(String remedy) {
        set(tooLong, remedy);
        return this;
    }

    /** Cuts a partition's examples on an executor. */
    private record Cut(
            Broadcast<SharedTokenizer> tokenizer, int maxLength, int stride, boolean skipsTooLong, WindowCounts counts)
            implements MapPartitionsFunction<Row, Window> {
        @Override
        public Iterator<Window> call(Iterator<Row> rows) {
            Windower windower = new Windower(tokenizer.value().open(), maxLength, stride);
            Iterable<Row> once = () -> rows;
            return StreamSupport.stream(once.spliterator(), false)
                    .map(ExampleRow::toExample)
                    .flatMap(example -> windows(windower, example))
                    .iterator();
        }

        private Stream<Window> windows(Windower windower, Example example) {
            counts.questions().add(1);
            try {
                List<Window> windows = windower.windows(example);
                counts.windows().add(windows.size());
                counts.divided().add(windows.size() > 1 ? 1 : 0);
                return windows.stream();
            } catch (QuestionTooLong e) {
                if (!skipsTooLong) {
                    throw new UserError(e.getMessage(), e);
                }
                counts.tooLong().add(1);
                return Stream.empty();
            }
        }
    }
}
