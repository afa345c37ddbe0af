package io.sparkqa.spark;

import io.sparkqa.config.UserError;
import io.sparkqa.hub.ModelFiles;
import io.sparkqa.model.RobertaConfig;
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
    private static final String NAME = "SquadWindows";
    private static final String SKIP = "skip";

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
        this.tokenizer = SettingParams.text(
                this, "tokenizer", "tokenizer.json, or the folder of a model or tokenizer; read by the driver");
        this.maxLength = SettingParams.whole(this, "maxLength");
        this.stride = SettingParams.whole(this, "stride");
        this.tooLong = SettingParams.word(this, "tooLong");
        SettingParams.setDefaultsOfSettings(this);
    }

    /** Reads a stage that {@link #save} has written. */
    public static SquadWindows load(String path) {
        return read().load(path);
    }

    public static MLReader<SquadWindows> read() {
        return new DefaultParamsReader<>();
    }

    /**
     * Returns the windows of a table of examples; an example whose question or context is null has none. To check the rows'
     * numbers, this reads the columns {@code example_index}, {@code id} and {@code answers} at once, unless the table is a
     * stream.
     *
     * @throws IllegalArgumentException if the table lacks a column, a parameter is not set, or {@code maxLength} is beyond
     *     the positions of the model whose folder {@code tokenizer} is
     * @throws UserError if the tokenizer can't be read, two rows have the same {@code example_index}, or it, an id or an answer
     *     is null; tasks throw it too, naming the row, for a question that is too long
     */
    @Override
    public Dataset<Row> transform(Dataset<?> examples) {
        transformSchema(examples.schema());
        requirePositions();
        if (!examples.isStreaming()) {
            ExampleRow.requireUsable(NAME, examples.toDF());
        }
        return transform(examples, WindowCounts.in(examples.sparkSession().sparkContext()));
    }

    /** Returns the windows of examples whose rows are known to be usable, and counts questions and windows. */
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
                getOrDefault(tooLong).equalsIgnoreCase(SKIP),
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
                        "%s: maxLength is %s, but the model of %s has positions for %s tokens; lower maxLength"
                                .formatted(NAME, longest, config, positions));
            }
        }
    }

    private String requiredTokenizer() {
        if (!isSet(tokenizer)) {
            throw new IllegalArgumentException(
                    NAME + ": the parameter tokenizer is not set; set it to a tokenizer.json or a model's folder");
        }
        return getOrDefault(tokenizer);
    }

    /** @throws IllegalArgumentException if a column is missing or of another type; the message names the first of them */
    @Override
    public StructType transformSchema(StructType schema) {
        RequiredColumns.check(NAME, schema, ExampleRow.SCHEMA);
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
        set(tokenizer, fileOrFolder == null ? null : fileOrFolder.toString());
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
                    .flatMap(row -> windows(windower, row))
                    .iterator();
        }

        private Stream<Window> windows(Windower windower, Row row) {
            counts.questions().add(1);
            if (row.isNullAt(row.fieldIndex("question")) || row.isNullAt(row.fieldIndex("context"))) {
                return Stream.empty();
            }
            try {
                List<Window> windows = windower.windows(ExampleRow.toExample(row));
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
