package io.sparkqa.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigParseable;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Lets a HOCON file include files of this machine, but nothing from a network or the class path. */
final class LocalIncludes implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    private static final int MOST_INCLUDES = 100;

    /** What is tried for a name without one. */
    private static final List<String> ENDINGS = List.of("", ".conf", ".json", ".properties");

    private final Optional<ConfigIncluder> files;
    private final AtomicInteger included;

    private LocalIncludes(Optional<ConfigIncluder> files, AtomicInteger included) {
        this.files = files;
        this.included = included;
    }

    static LocalIncludes only() {
        return new LocalIncludes(Optional.empty(), new AtomicInteger());
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
        return files.isPresent() ? this : new LocalIncludes(Optional.of(fallback), included);
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
        if (what.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
            throw refusal(what);
        }
        for (String ending : ENDINGS) {
            ConfigParseable found = context.relativeTo(what + ending);
            if (found != null && found.origin().filename() != null) {
                check(new File(found.origin().filename()));
            }
        }
        return files.orElseThrow().include(context, what);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
        check(what);
        return ((ConfigIncluderFile) files.orElseThrow()).includeFile(context, what);
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
        throw refusal(what.toString());
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
        throw refusal(what);
    }

    private void check(File file) {
        if (!file.exists()) {
            return;
        }
        if (!file.isFile()) {
            throw new ConfigException.Generic("include \"%s\" is not a file".formatted(Printable.of(file.toString())));
        }
        // files that include one another twice would be read without end
        if (included.incrementAndGet() > MOST_INCLUDES) {
            throw new ConfigException.Generic(
                    "it includes more than %s files, those that they include counted too".formatted(MOST_INCLUDES));
        }
        try {
            ExperimentReader.requireReasonableSize(file.toPath());
        } catch (IOException e) {
            throw new ConfigException.IO(
                    ConfigOriginFactory.newFile(file.toString()), "can't be read: " + Reason.of(e), e);
        }
    }

    private static ConfigException refusal(String what) {
        return new ConfigException.Generic(
                "include \"%s\" is not a file of this machine, and only such files are included; save it next to this file and include its name"
                        .formatted(Printable.of(what)));
    }
}
