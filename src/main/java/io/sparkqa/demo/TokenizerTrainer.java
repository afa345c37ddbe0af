package io.sparkqa.demo;

import io.sparkqa.window.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a tokenizer of RoBERTa's kind on SQuAD files or the demo's own phrases and writes it as {@code tokenizer.json}. */
@Command(
        name = "tokenizer-trainer",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        description = "Trains a byte-level BPE tokenizer of RoBERTa's kind.")
public final class TokenizerTrainer implements Callable<Integer> {
    private static final List<String> SPECIAL = List.of("<s>", "<pad>", "</s>", "<unk>");
    private static final String MASK = "<mask>";

    @Option(names = "--vocabulary", defaultValue = "3000", description = "Number of tokens, the special ones included.")
    private int vocabulary;

    @Option(names = "--out", required = true, description = "Folder for tokenizer.json.")
    private Path out;

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE",
            description = "SQuAD files; without any, the phrases of the demo's and the start model's worlds.")
    private List<Path> files = List.of();

    public static void main(String[] arguments) {
        System.exit(DemoCommand.run(new TokenizerTrainer(), arguments));
    }

    @Override
    public Integer call() throws IOException {
        List<String> texts = files.isEmpty() ? WorldTexts.all() : SquadTexts.read(files);
        Files.createDirectories(out);
        Files.write(out.resolve("tokenizer.json"), train(texts, vocabulary));
        return CommandLine.ExitCode.OK;
    }

    /**
     * The bytes of a {@code tokenizer.json}: RoBERTa's special tokens at the ids that it gives them, then the bytes, the
     * merges, and the mask last.
     *
     * @param vocabulary number of tokens; fewer if the texts are too short for it
     */
    static byte[] train(List<String> texts, int vocabulary) throws IOException {
        BytePairs pairs = BytePairs.learn(texts, vocabulary - SPECIAL.size() - 256 - 1);
        Map<String, Integer> ids = new LinkedHashMap<>();
        SPECIAL.forEach(token -> ids.put(token, ids.size()));
        pairs.alphabet().forEach(token -> ids.put(token, ids.size()));
        // Two merges may spell the same token, which then has one id.
        pairs.merges().forEach(merge -> ids.putIfAbsent(merge.token(), ids.size()));
        ids.put(MASK, ids.size());
        List<String> merges = pairs.merges().stream()
                .map(merge -> merge.left() + " " + merge.right())
                .toList();
        return TokenizerJson.of(ids, merges);
    }
}
