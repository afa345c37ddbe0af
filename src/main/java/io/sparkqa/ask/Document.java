package io.sparkqa.ask;

import io.sparkqa.config.Reason;
import io.sparkqa.config.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A text that questions are asked about.
 *
 * @param file file that it was read from; empty if it was typed
 */
public record Document(Optional<Path> file, String text) {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    /** Returns a text that was typed. */
    public static Document typed(String text) {
        return new Document(Optional.empty(), text);
    }

    /**
     * Reads a text file, or all files below a folder that end in .txt or .md, in the order of their names.
     *
     * @throws UserError if there is no such file, or if a file is not text in UTF-8
     */
    public static List<Document> read(Path fileOrFolder) {
        if (!Files.isDirectory(fileOrFolder)) {
            return List.of(file(fileOrFolder));
        }
        try (Stream<Path> files = Files.walk(fileOrFolder)) {
            List<Document> documents = new ArrayList<>();
            for (Path path : files.filter(Document::isText).sorted().toList()) {
                documents.add(file(path));
            }
            if (documents.isEmpty()) {
                throw new UserError(fileOrFolder + ": holds no file that ends in .txt or .md");
            }
            return documents;
        } catch (IOException e) {
            throw new UserError("%s: can't be read: %s".formatted(fileOrFolder, Reason.of(e)), e);
        }
    }

    /** Reads a text from a stream to its end. */
    public static Document read(InputStream in) {
        try {
            return typed(text(in.readAllBytes(), "standard input"));
        } catch (IOException e) {
            throw new UserError("standard input can't be read: " + Reason.of(e), e);
        }
    }

    private static boolean isText(Path path) {
        String name = path.getFileName().toString();
        return (name.endsWith(".txt") || name.endsWith(".md")) && Files.isRegularFile(path);
    }

    private static Document file(Path path) {
        try {
            return new Document(Optional.of(path), text(Files.readAllBytes(path), path.toString()));
        } catch (IOException e) {
            throw new UserError("%s: the text file does not exist or can't be read".formatted(path), e);
        }
    }

    private static String text(byte[] bytes, String source) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new UserError(source + ": is not text in UTF-8; convert it first", e);
        }
    }
}
