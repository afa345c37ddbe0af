package io.sparkqa.run;

import io.sparkqa.config.Experiment;
import io.sparkqa.config.UserError;
import io.sparkqa.hub.Fetch;
import io.sparkqa.hub.HubCache;
import io.sparkqa.hub.HubEnvironment;
import io.sparkqa.hub.ModelFiles;
import io.sparkqa.model.ModelFolder;
import io.sparkqa.model.RobertaConfig;
import io.sparkqa.source.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Finds an experiment's model and data: given paths, and names of the Hub and web addresses in the cache, which
 * jobs/fetch.sh fills. Never uses a network.
 */
public final class Inputs {
    private final Experiment experiment;
    private final Path cacheFolder;
    private final HubCache cache;

    /**
     * @param conf the experiment's file, for error messages
     * @param variables the environment variables
     */
    public Inputs(Experiment experiment, Path conf, Map<String, String> variables) {
        this.experiment = experiment;
        this.cacheFolder = experiment.hub().cache().map(Path::of).orElseGet(() -> HubEnvironment.cache(variables));
        String offline = HubEnvironment.isOffline(variables) ? "HF_HUB_OFFLINE is set; unset it and " : "";
        this.cache = new HubCache(
                cacheFolder,
                "%srun jobs/fetch.sh %s where there is a network (on a cluster: on the login node), or correct the name"
                        .formatted(offline, conf));
    }

    /** Returns the cache's folder. */
    public Path cacheFolder() {
        return cacheFolder;
    }

    /** Returns the folder of {@code model.from}, if it is set. */
    public Optional<Path> model() {
        return modelSource().map(cache::model);
    }

    /** Returns the network's config.json: that of {@code model.from}, or else {@code model.config}; empty if neither is set. */
    public Optional<Path> networkConfig() {
        return model().map(folder -> folder.resolve(ModelFiles.CONFIG))
                .or(() -> experiment.model().config().map(Path::of));
    }

    /** Returns a training's start model by setting: {@code model.from}, {@code model.config}, {@code model.tokenizer}. */
    public Map<String, Path> models() {
        Map<String, Path> models = new LinkedHashMap<>();
        model().ifPresent(path -> models.put("model.from", path));
        experiment.model().config().ifPresent(path -> models.put("model.config", Path.of(path)));
        tokenizerSource().ifPresent(source -> models.put("model.tokenizer", cache.tokenizer(source)));
        return models;
    }

    /** Returns a training's start weights: {@code model.from}'s, or random ones for {@code model.config}. */
    public ModelFolder.Weights startWeights() {
        long seed = experiment.train().seed();
        return model().map(folder -> ModelFolder.read(folder, seed)).orElseGet(() -> {
            String config = experiment
                    .model()
                    .config()
                    .orElseThrow(
                            () -> new UserError(
                                    "neither model.from (a model folder) nor model.config (a config.json) is set; set one of them"));
            return ModelFolder.random(RobertaConfig.read(Path.of(config)), seed);
        });
    }

    /** Returns the folder of the tokenizer. */
    public Path tokenizer() {
        return tokenizerSource()
                .map(cache::tokenizer)
                .or(this::model)
                .orElseThrow(
                        () -> new UserError(
                                "no tokenizer is set; set model.from to a model's folder, or model.tokenizer to a folder with a tokenizer.json"));
    }

    /** Returns each split's questions: a SQuAD file, a folder of JSON files, or Parquet files in their order. */
    public Map<String, List<Path>> splits() {
        Map<String, List<Path>> splits = new LinkedHashMap<>();
        splitSources().forEach((split, source) -> splits.put(split, cache.questions(source, split)));
        return splits;
    }

    /** Returns the models and data sets that must be fetched before the other stages can run. */
    public List<Fetch.Wanted> wanted() {
        List<Fetch.Wanted> wanted = new ArrayList<>();
        modelSource().ifPresent(source -> wanted.add(new Fetch.Wanted(source, "", true)));
        tokenizerSource().ifPresent(source -> wanted.add(new Fetch.Wanted(source, "", false)));
        splitSources().forEach((split, source) -> wanted.add(new Fetch.Wanted(source, split, true)));
        wanted.removeIf(one -> one.source() instanceof Source.Local);
        return wanted;
    }

    /** Returns a sentence for each model or data set that is not on this machine, with the remedy. */
    public List<String> missing() {
        List<String> missing = new ArrayList<>();
        check(() -> model().stream(), missing);
        check(() -> experiment.model().config().stream().map(Path::of), missing);
        check(() -> tokenizerSource().map(cache::tokenizer).stream(), missing);
        experiment
                .data()
                .splits()
                .forEach((split, name) ->
                        check(() -> cache.questions(Source.data(key(split), name), split).stream(), missing));
        return missing;
    }

    private static void check(Supplier<Stream<Path>> paths, List<String> missing) {
        try {
            paths.get()
                    .filter(path -> !Files.exists(path))
                    .map(path -> "%s: no such file or folder (working directory: %s)"
                            .formatted(path, Path.of("").toAbsolutePath()))
                    .forEach(missing::add);
        } catch (UserError e) {
            missing.add(e.getMessage());
        }
    }

    private Optional<Source> modelSource() {
        return experiment.model().from().map(name -> Source.model("model.from", name));
    }

    private Optional<Source> tokenizerSource() {
        return experiment.model().tokenizer().map(name -> Source.model("model.tokenizer", name));
    }

    private static String key(String split) {
        return split.equals("train") || split.equals("dev") ? "data." + split : "data.more." + split;
    }

    private Map<String, Source> splitSources() {
        Map<String, Source> sources = new LinkedHashMap<>();
        experiment.data().splits().forEach((split, name) -> sources.put(split, Source.data(key(split), name)));
        return sources;
    }
}
