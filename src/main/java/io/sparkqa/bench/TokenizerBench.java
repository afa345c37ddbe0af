package io.sparkqa.bench;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.sparkqa.squad.Example;
import io.sparkqa.window.PairTokenizer;
import io.sparkqa.window.QuestionTooLong;
import io.sparkqa.window.Window;
import io.sparkqa.window.Windower;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Times the conversion of questions to windows, and the tokenizers library's own encoding of pairs for comparison. */
public final class TokenizerBench {
    private final Path tokenizer;
    private final List<Example> examples;
    private final int maxLength;
    private final int stride;

    /**
     * Prepares a measurement.
     *
     * @param tokenizer tokenizer.json or its folder
     * @param maxLength longest window in tokens
     * @param stride context tokens that neighbouring windows share
     */
    public TokenizerBench(Path tokenizer, List<Example> examples, int maxLength, int stride) {
        this.tokenizer = tokenizer;
        this.examples = examples;
        this.maxLength = maxLength;
        this.stride = stride;
    }

    /** Returns the windows of all examples. */
    public List<Window> windows() throws QuestionTooLong {
        try (PairTokenizer opened = PairTokenizer.open(tokenizer)) {
            return windows(opened, examples);
        }
    }

    private List<Window> windows(PairTokenizer opened, List<Example> some) throws QuestionTooLong {
        Windower windower = new Windower(opened, maxLength, stride);
        List<Window> windows = new ArrayList<>();
        for (Example example : some) {
            windows.addAll(windower.windows(example));
        }
        return windows;
    }

    /** Returns the rates of the library with one thread and of {@link Windower} with one and two threads. */
    public List<Figure> measure() throws Exception {
        try (HuggingFaceTokenizer library = HuggingFaceTokenizer.builder()
                        .optTokenizerPath(tokenizer)
                        .optMaxLength(maxLength)
                        .optStride(stride)
                        .optTruncateSecondOnly()
                        .optWithOverflowingTokens(true)
                        .build();
                PairTokenizer opened = PairTokenizer.open(tokenizer)) {
            Figure limit = figure("the tokenizers library's pair encoding, 1 thread", () -> encodePairs(library));
            return List.of(
                    limit,
                    figure("questions to windows, 1 thread", () -> windows(opened, examples))
                            .shareOf(limit, "the library's"),
                    figure("questions to windows, 2 threads", () -> inParallel(opened, 2))
                            .shareOf(limit, "the library's"));
        }
    }

    private Figure figure(String what, Stopwatch.Work work) throws Exception {
        return Figure.of(what, Stopwatch.median(2, 5, work), examples.size(), "questions");
    }

    private void inParallel(PairTokenizer opened, int threads) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<List<Window>>> parts = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                List<Example> part =
                        examples.subList(examples.size() * i / threads, examples.size() * (i + 1) / threads);
                parts.add(pool.submit(() -> windows(opened, part)));
            }
            for (Future<List<Window>> part : parts) {
                part.get();
            }
        } finally {
            pool.shutdown();
        }
    }

    /** Encodes like a program that lets the library cut the windows and reads the ids and offsets of each. */
    private void encodePairs(HuggingFaceTokenizer library) {
        for (Example example : examples) {
            Encoding encoding = library.encode(example.question().strip(), example.context());
            read(encoding);
            for (Encoding overflow : encoding.getOverflowing()) {
                read(overflow);
            }
        }
    }

    private static void read(Encoding encoding) {
        if (encoding.getIds().length != encoding.getCharTokenSpans().length) {
            throw new IllegalStateException("an encoding has as many offsets as ids");
        }
    }
}
