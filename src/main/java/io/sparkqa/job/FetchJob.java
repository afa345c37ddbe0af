package io.sparkqa.job;

import io.sparkqa.hub.Fetch;
import io.sparkqa.hub.HubEnvironment;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.progress.Progress;
import io.sparkqa.run.Inputs;
import io.sparkqa.run.StageRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** Downloads models and data sets from the Hub or the web, so that no other stage needs a network. */
@Command(
        name = "fetch",
        description = {
            "Downloads models and data sets of the HuggingFace Hub, and data by its address, into the cache (hub.cache).",
            "Run it where there is a network; on a cluster, on the login node. It obeys HF_ENDPOINT, HF_HOME, HF_HUB_CACHE,"
                    + " HF_TOKEN, HF_TOKEN_PATH, HF_HUB_OFFLINE, HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
        })
public final class FetchJob extends Stage {
    private final Map<String, String> variables;

    FetchJob(Map<String, String> variables) {
        this.variables = variables;
    }

    public static void main(String[] arguments) {
        System.exit(new FetchJob(System.getenv()).run(arguments));
    }

    @Override
    protected void work(StageRun run) throws Exception {
        Inputs inputs = run.inputs(variables);
        List<Fetch.Wanted> wanted = inputs.wanted();
        if (wanted.isEmpty()) {
            run.say("fetch: nothing to fetch: model and data are files on this machine");
            return;
        }
        long start = System.nanoTime();
        Path cache = inputs.cacheFolder();
        Fetch.Result result = HubEnvironment.isOffline(variables)
                ? new Fetch.Result(0, 0, wanted.size(), List.of(cache))
                : new Fetch(HubEnvironment.of(variables), cache, run.forced()).fetch(wanted);
        // Later stages would refuse an unusable config.json; this reports it now.
        inputs.model().ifPresent(ModelFolder::config);
        inputs.models();
        inputs.splits();
        run.say(inWords(result, (System.nanoTime() - start) / 1e9));
    }

    private static String inWords(Fetch.Result result, double seconds) {
        String folders = result.folders().stream().map(Path::toString).collect(Collectors.joining(", "));
        if (result.files() == 0) {
            return "fetch: up to date (%s)".formatted(folders);
        }
        String present = result.present() > 0 ? ", %s were present".formatted(result.present()) : "";
        return String.format(
                Locale.ROOT,
                "fetch: %,d file%s%s, %,.1f MB in %s (%,.1f MB/s); see %s",
                result.files(),
                result.files() == 1 ? "" : "s",
                present,
                result.bytes() / 1e6,
                Progress.duration(Math.round(seconds)),
                result.bytes() / 1e6 / Math.max(seconds, 1e-3),
                folders);
    }
}
