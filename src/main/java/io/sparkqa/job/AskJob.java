package io.sparkqa.job;

import io.sparkqa.ask.Conversation;
import io.sparkqa.ask.Document;
import io.sparkqa.ask.Reply;
import io.sparkqa.config.WrongUse;
import io.sparkqa.decode.QuestionAnswerer;
import io.sparkqa.run.ThresholdInUse;
import io.sparkqa.torch.NativeScratch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Answers questions from the terminal or {@code --question}, with a run's model or any fine-tuned model folder. It needs
 * neither Spark nor a run folder.
 */
@Command(
        name = "ask",
        description = {
            "Answers questions about a text with a run's model, or with a fine-tuned model folder.",
            "Without --question it reads one question per line; :help shows the commands."
        })
public final class AskJob extends Tool {
    @Parameters(index = "0", paramLabel = ModelArgument.LABEL, description = ModelArgument.DESCRIPTION)
    private Path subject;

    @Parameters(index = "1..*", paramLabel = "key=value", description = "Settings that override the file's.")
    private List<String> overrides = new ArrayList<>();

    @Option(names = "--question", paramLabel = "TEXT", description = "Answer this question and end.")
    private List<String> questions = new ArrayList<>();

    @Option(names = "--context", paramLabel = "TEXT", description = "The text to ask about.")
    private List<String> contexts = new ArrayList<>();

    @Option(
            names = "--context-file",
            paramLabel = "FILE",
            description =
                    "A text file to ask about, a folder of them (.txt, .md), or - for standard input; may be repeated.")
    private List<String> contextFiles = new ArrayList<>();

    @Option(names = "--top", paramLabel = "N", description = "Answers to show; default: ${DEFAULT-VALUE}.")
    private int top = 1;

    @Option(
            names = "--threshold",
            paramLabel = "X",
            description = "Give no answer if the null odds exceed X; default: decode.null_threshold, else the threshold"
                    + " saved with the model (spark_qa.json), else 0.")
    private Double threshold;

    @Option(names = "--json", description = "Print each answer as a JSON object on its own line.")
    private boolean json;

    public static void main(String[] arguments) {
        System.exit(new AskJob().run(arguments));
    }

    @Override
    int execute() throws IOException {
        if (top < 1) {
            throw new WrongUse("--top %s: it takes a number from 1".formatted(top));
        }
        if (threshold != null && !Double.isFinite(threshold)) {
            throw new WrongUse("--threshold %s: it takes a number".formatted(threshold));
        }
        if (questions.isEmpty() && contextFiles.contains("-") && !Prompt.isAtTerminal()) {
            throw new WrongUse("standard input holds the text, so it can't hold questions: give --question");
        }
        NativeScratch.choose();
        List<Document> documents = documents();
        if (!questions.isEmpty() && documents.isEmpty()) {
            throw new WrongUse("--question needs a text to ask about: give --context or --context-file");
        }
        ModelArgument named = ModelArgument.read(subject, overrides);
        QuestionAnswerer.Settings settings = QuestionAnswerer.Settings.of(named.experiment());
        try (QuestionAnswerer model = QuestionAnswerer.open(named.folder(), settings)) {
            WatchedAnswerer answerer = new WatchedAnswerer(model);
            double limit = threshold != null ? threshold : ThresholdInUse.of(named.experiment(), named.folder());
            if (questions.isEmpty()) {
                converse(answerer, documents, limit);
            } else {
                questions.forEach(question -> print(Reply.of(question, documents, limit, answerer)));
            }
        }
        return DONE;
    }

    private List<Document> documents() {
        List<Document> documents = new ArrayList<>();
        contexts.forEach(text -> documents.add(Document.typed(text)));
        for (String file : contextFiles) {
            documents.addAll(file.equals("-") ? List.of(Document.read(System.in)) : Document.read(Path.of(file)));
        }
        return documents;
    }

    private void print(Reply reply) {
        if (json) {
            out().println(reply.json(top));
        } else {
            reply.lines(top, Prompt.isAtTerminal()).forEach(out()::println);
        }
    }

    private void converse(WatchedAnswerer answerer, List<Document> documents, double limit) throws IOException {
        boolean atTerminal = Prompt.isAtTerminal();
        Conversation conversation = new Conversation(answerer, documents, limit, top, json, atTerminal);
        if (!atTerminal) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null && !Conversation.ends(line); line = lines.readLine()) {
                conversation.reply(line).forEach(out()::println);
            }
            return;
        }
        try (Prompt prompt = new Prompt(
                "ask", new StringsCompleter(":context", ":top", ":threshold", ":help", ":quit"), new DefaultParser())) {
            prompt.onInterrupt(answerer::stop);
            out().println(":help shows the commands" + (documents.isEmpty() ? "; begin with :context FILE" : ""));
            for (Optional<String> line = prompt.read();
                    line.isPresent() && !Conversation.ends(line.get());
                    line = prompt.read()) {
                conversation.reply(line.get()).forEach(out()::println);
            }
        }
    }
}
