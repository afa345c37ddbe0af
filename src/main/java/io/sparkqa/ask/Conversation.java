package io.sparkqa.ask;

import io.sparkqa.config.Printable;
import io.sparkqa.config.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Replies to lines of questions and commands. A line that begins with a colon is a command, any other line a question.
 */
public final class Conversation {
    /** The descriptions of the commands. */
    public static final List<String> HELP = List.of(
            "question                    asks about the current text",
            ":context FILE|FOLDER|TEXT   sets another text to ask about",
            ":top N                      shows the N best answers",
            ":threshold X                gives no answer if the null odds exceed X",
            ":help                       shows this help",
            ":quit                       ends");

    private final Answerer model;
    private List<Document> documents;
    private double threshold;
    private int top;
    private final boolean json;
    private final boolean colours;

    /**
     * @param documents the first texts to ask about; if there are none, questions are refused until :context sets some
     * @param threshold null odds above which there is no answer
     * @param top number of answers shown for a question
     * @param json whether answers are JSON objects
     * @param colours whether the terminal shows colours and bold letters
     */
    public Conversation(
            Answerer model, List<Document> documents, double threshold, int top, boolean json, boolean colours) {
        this.model = model;
        this.documents = documents;
        this.threshold = threshold;
        this.top = top;
        this.json = json;
        this.colours = colours;
    }

    /** Returns the lines of the reply to a line. */
    public List<String> reply(String line) {
        String text = line.strip();
        if (text.isEmpty()) {
            return List.of();
        }
        try {
            return text.startsWith(":") ? obey(text) : answer(text);
        } catch (UserError e) {
            return List.of(e.getMessage());
        }
    }

    /** Returns whether a line ends the conversation. */
    public static boolean ends(String line) {
        return List.of(":quit", ":q", ":exit").contains(line.strip());
    }

    private List<String> answer(String question) {
        if (documents.isEmpty()) {
            return List.of("there is no text yet: give one with :context FILE, :context FOLDER or :context TEXT");
        }
        Reply reply = Reply.of(question, documents, threshold, model);
        return json ? List.of(reply.json(top)) : reply.lines(top, colours);
    }

    private List<String> obey(String command) {
        String[] parts = command.split("\\s+", 2);
        String value = parts.length > 1 ? parts[1].strip() : "";
        switch (parts[0]) {
            case ":context" -> {
                documents = documents(value);
                int characters = documents.stream()
                        .mapToInt(document -> document.text().length())
                        .sum();
                return List.of("%,d %s, %,d characters"
                        .formatted(documents.size(), documents.size() == 1 ? "text" : "texts", characters));
            }
            case ":top" -> {
                top = (int) number(parts[0], value, 1, 1000);
                return List.of();
            }
            case ":threshold" -> {
                threshold = number(parts[0], value, -1e9, 1e9);
                return List.of();
            }
            case ":help" -> {
                return HELP;
            }
            default -> throw new UserError(Printable.of(parts[0]) + ": no such command; :help shows them");
        }
    }

    private static List<Document> documents(String value) {
        if (value.isEmpty()) {
            throw new UserError(":context takes a file, a folder of text files, or a text");
        }
        // A value without spaces, or one that begins like a path, is a path even if no such file exists: then it is a
        // mistake and not a text.
        boolean isName = !value.contains(" ") || value.matches("(?s)(~|\\.{0,2})/.*") || Files.exists(Path.of(value));
        return isName ? Document.read(Path.of(value)) : List.of(Document.typed(value));
    }

    private static double number(String command, String value, double least, double most) {
        try {
            double number = Double.parseDouble(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new UserError("%s needs a number, not \"%s\"".formatted(command, Printable.of(value)), e);
        }
        throw new UserError("%s %s: give a number from %.0f to %.0f".formatted(command, value, least, most));
    }
}
