package io.sparkqa.source;

import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** The model or data set that a setting names: on this machine, or to be fetched first. */
public sealed interface Source {
    /** A file or folder on this machine. */
    record Local(Path path) implements Source {}

    /** A model of the Hub. */
    record Model(HubRepository repository) implements Source {}

    /**
     * A data set of the Hub.
     *
     * @param folder the folder to use if the repository holds several data sets; empty for the whole repository
     */
    record DataSet(HubRepository repository, String folder) implements Source {}

    /**
     * A file of the web.
     *
     * @param sha256 the digest after {@code #sha256=} in its address, if present
     */
    record Web(URI address, Optional<String> sha256) implements Source {}

    /**
     * Reads a setting that names a model or a tokenizer: an existing path, or else a model of the Hub.
     *
     * @param key key of the setting, for the error message
     * @throws UserError if it is neither
     */
    static Source model(String key, String value) {
        if (Files.exists(Path.of(value))) {
            return new Local(Path.of(value));
        }
        return HubName.parse(value)
                .filter(name -> name.folder().isEmpty())
                .map(name -> new Model(name.repository(HubRepository.Kind.MODEL)))
                .orElseThrow(() -> new UserError(
                        "%s: no such folder (working directory: %s); %s takes a folder, or the name of a model of the Hub such as FacebookAI/roberta-base"
                                .formatted(value, Path.of("").toAbsolutePath(), key)));
    }

    /**
     * Reads a setting that names a data set: an address, an existing path, or else a data set of the Hub.
     *
     * @param key key of the setting, for the error message
     * @throws UserError if it is none of them
     */
    static Source data(String key, String value) {
        if (value.matches("(?i)https?://.*")) {
            return web(key, value);
        }
        if (Files.exists(Path.of(value))) {
            return new Local(Path.of(value));
        }
        return HubName.parse(value)
                .filter(HubName::hasOwner)
                .filter(name -> !isFileName(value))
                .map(name -> new DataSet(name.repository(HubRepository.Kind.DATASET), name.folder()))
                .orElseThrow(() -> new UserError(
                        "%s: no such file or folder (working directory: %s); %s takes a file, a folder, an address (https://...), or the name of a data set of the Hub such as rajpurkar/squad_v2"
                                .formatted(value, Path.of("").toAbsolutePath(), key)));
    }

    /** Returns whether a name ends like a data file, unlike any data set of the Hub. */
    private static boolean isFileName(String value) {
        return value.toLowerCase(Locale.ROOT).matches(".*\\.(json|jsonl|ndjson|gz|parquet|txt|csv|zip)");
    }

    private static Source web(String key, String value) {
        String[] parts = value.split("#sha256=", 2);
        Optional<String> sha256 = parts.length == 2 ? Optional.of(parts[1].toLowerCase(Locale.ROOT)) : Optional.empty();
        Optional<URI> address = WebAddress.parse(parts[0]);
        if (address.isEmpty()
                || sha256.filter(hex -> !hex.matches("[0-9a-f]{64}")).isPresent()) {
            throw new WrongUse(
                    "%s is not an address that can be fetched: it takes https://host/path without user and password, optionally followed by #sha256= and 64 hexadecimal digits"
                            .formatted(key));
        }
        return new Web(address.get(), sha256);
    }
}
