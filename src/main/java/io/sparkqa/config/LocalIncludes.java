package io.sparkqa.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseable;
import java.io.File;
import java.net.URL;
import java.util.Optional;

/** Lets a HOCON file include files of this machine, but nothing from a network or the class path. */
final class LocalIncludes implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    private final Optional<ConfigIncluder> files;

    private LocalIncludes(Optional<ConfigIncluder> files) {
        this.files = files;
    }

    static LocalIncludes only() {
        return new LocalIncludes(Optional.empty());
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
        return files.isPresent() ? this : new LocalIncludes(Optional.of(fallback));
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
        if (what.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
            throw refusal(what);
        }
        ConfigParseable included = context.relativeTo(what);
        if (included != null && included.origin().filename() != null) {
            requireFile(new File(included.origin().filename()));
        }
        return files.orElseThrow().include(context, what);
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
        requireFile(what);
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

    private static void requireFile(File file) {
        if (file.exists() && !file.isFile()) {
            throw new ConfigException.Generic("include \"%s\" is not a file".formatted(Printable.of(file.toString())));
        }
    }

    private static ConfigException refusal(String what) {
        return new ConfigException.Generic(
                "include \"%s\" is not a file of this machine, and only such files are included; save it next to this file and include its name"
                        .formatted(Printable.of(what)));
    }
}
