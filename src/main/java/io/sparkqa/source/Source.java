package io.sparkqa.source;

import io.sparkqa.config.UserError;
import io.sparkqa.config.WrongUse;
import io.sparkqa.files.Checksum;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a setting names: something on this machine, or something that is fetched from elsewhere first. */
public sealed interface Source {
    /** A file or folder of this machine. */
    record Local(Path path) implements Source {}

    /** A model of the Hub. */
    record Model(HubRepository repository) implements Source {}

    /**
     * A data set of the Hub.
     *
     * @param folder the part of the repository that is meant, if it holds several data sets; empty: all of it
     */
    record DataSet(HubRepository repository, String folder) implements Source {}

    /**
     * A file of the web.
     *
     * @param sha256 what stands behind {@code #sha256=} in its address, if anything does
     */
    record Web(URI address, Optional<String> sha256) implements Source {
        /** Its folder in the cache, named as that of a data set. */
        public String folder() {
            Checksum url = Checksum.sha256().add(address.toString());
            String host = address.getRawAuthority().replaceAll("[^A-Za-z0-9.]+", "-");
            return "datasets--" + host + "--" + url.hex().substring(0, 16);
        }

        /** Its file's name. */
        public String name() {
            String path = Optional.ofNullable(address.getPath()).orElse("");
            String last = path.substring(path.lastIndexOf('/') + 1);
            return SafeName.isPart(last) ? last : "data";
        }
    }

    /** The first part of a Hub name, {@code org/name} or {@code name}; then a data set's folder, then a revision. */
    Pattern HUB = Pattern.compile("(\\w[\\w.-]*(?:/\\w[\\w.-]*)?)((?:/\\w[\\w.-]*)*)(?:@([\\w./-]+))?");

    /** The endings of data files, which no data set's name has. */
    Pattern FILE = Pattern.compile(".*\\.(json|jsonl|gz|parquet|txt|csv|zip)");

    /**
     * What a setting of a model or tokenizer means: an existing path, or else the name of a model of the Hub.
     *
     * @throws UserError if it can be neither
     */
    static Source model(String key, String value) {
        Matcher hub = HUB.matcher(value);
        if (Files.exists(Path.of(value))) {
            return new Local(Path.of(value));
        }
        if (hub.matches() && hub.group(2).isEmpty()) {
            return new Model(repository(HubRepository.Kind.MODEL, hub));
        }
        throw new UserError(
                "%s: no such folder (working directory: %s); %s takes a folder, or the name of a model of the Hub as FacebookAI/roberta-base"
                        .formatted(value, Path.of("").toAbsolutePath(), key));
    }

    /**
     * What a setting of a data set means: an address, an existing path, or else the name of a data set of the Hub.
     *
     * @throws UserError if it can be none of them
     */
    static Source data(String key, String value) {
        if (value.matches("(?i)https?://.*")) {
            return web(key, value);
        }
        Matcher hub = HUB.matcher(value);
        if (Files.exists(Path.of(value))) {
            return new Local(Path.of(value));
        }
        if (hub.matches()
                && hub.group(1).contains("/")
                && !FILE.matcher(value.toLowerCase(Locale.ROOT)).matches()) {
            return new DataSet(
                    repository(HubRepository.Kind.DATASET, hub), hub.group(2).replaceFirst("^/", ""));
        }
        throw new UserError(
                "%s: no such file or folder (working directory: %s); %s takes a file, a folder, an address as https://..., or the name of a data set of the Hub as rajpurkar/squad_v2"
                        .formatted(value, Path.of("").toAbsolutePath(), key));
    }

    private static HubRepository repository(HubRepository.Kind kind, Matcher hub) {
        return new HubRepository(
                kind, hub.group(1), Optional.ofNullable(hub.group(3)).orElse("main"));
    }

    private static Source web(String key, String value) {
        String[] parts = value.split("#sha256=", 2);
        Optional<String> sha256 = parts.length == 2 ? Optional.of(parts[1].toLowerCase(Locale.ROOT)) : Optional.empty();
        Optional<URI> address = WebAddress.parse(parts[0]);
        if (address.isEmpty()
                || sha256.filter(hex -> !hex.matches("[0-9a-f]{64}")).isPresent()) {
            throw new WrongUse(
                    "%s is no address that can be fetched: it takes https://host/path, with neither user nor password in it, and if you like #sha256= and 64 hexadecimal digits behind it"
                            .formatted(key));
        }
        return new Web(address.get(), sha256);
    }
}
