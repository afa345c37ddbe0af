package io.sparkqa.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparkqa.config.UserError;
import io.sparkqa.files.Staging;
import io.sparkqa.hub.ModelFiles;
import io.sparkqa.model.CardScores;
import io.sparkqa.model.ModelCard;
import io.sparkqa.source.Source;
import io.sparkqa.source.WebAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** The model card of a run's model. */
public final class RunCard {
    private final StageRun run;

    public RunCard(StageRun run) {
        this.run = run;
    }

    /**
     * Returns the card of the model that a training makes.
     *
     * @param decisive settings by key, and digests of inputs by {@code contents of NAME}
     */
    public ModelCard of(Map<String, String> decisive) {
        Map<String, String> inputs = new TreeMap<>(decisive);
        run.completed()
                .inputs(run.folder().windows("train"))
                .forEach((path, sha256) ->
                        inputs.put(ModelCard.CONTENTS + "data.train, " + fileName(path.toString()), sha256));
        Optional<Source> start = run.experiment().model().from().map(name -> Source.model("model.from", name));
        Optional<Source.Model> hub =
                start.filter(Source.Model.class::isInstance).map(Source.Model.class::cast);
        String words = hub.map(model -> model.repository().toString())
                .or(() -> run.experiment().model().from().map(RunCard::fileName))
                .orElse("random weights");
        return new ModelCard(
                name(),
                words,
                hub.map(model -> model.repository().id()),
                run.inputs().model().map(ModelCard::licenseOf).orElse(ModelCard.UNKNOWN),
                run.experiment().data().train().map(RunCard::dataSet).stream().toList(),
                inputs);
    }

    private String name() {
        return fileName(run.folder().root().toAbsolutePath().normalize().toString());
    }

    /**
     * Fills the scores of this run's evaluated splits into its model's card. Scores of another model or of an earlier one are
     * left out.
     */
    public void fillIn() throws IOException {
        RunFolder folder = run.folder();
        Path card = folder.model().resolve(ModelFiles.CARD);
        if (!run.isComplete(folder.model()) || !Files.isRegularFile(card)) {
            return;
        }
        StaleOutputs stale = new StaleOutputs(folder);
        List<CardScores.Split> splits = new ArrayList<>();
        for (Map.Entry<String, String> split :
                run.experiment().data().evaluated().entrySet()) {
            Path metrics = folder.metrics(split.getKey());
            if (run.isComplete(metrics)
                    && run.completed().inputs(folder.logits(split.getKey())).containsKey(folder.model())
                    && stale.why(metrics).isEmpty()) {
                splits.add(scores(
                        split.getKey(), dataSet(split.getValue()), new ObjectMapper().readTree(metrics.toFile())));
            }
        }
        String text = Files.readString(card);
        String filled = CardScores.filledInto(text, name(), splits);
        if (!splits.isEmpty() && !filled.equals(text)) {
            Staging.write(card, filled);
        }
    }

    private static CardScores.Split scores(String split, ModelCard.DataSet data, JsonNode metrics) {
        return new CardScores.Split(
                split,
                data.inWords(),
                data.hubName(),
                metrics.path("total").asInt(),
                metrics.path("exact").asDouble(),
                metrics.path("f1").asDouble(),
                number(metrics, "HasAns_f1"),
                number(metrics, "NoAns_f1"));
    }

    private static OptionalDouble number(JsonNode metrics, String key) {
        return metrics.path(key).isNumber()
                ? OptionalDouble.of(metrics.path(key).doubleValue())
                : OptionalDouble.empty();
    }

    /** Returns a setting's data set. Of a path it keeps the last name only, since a card is published. */
    private static ModelCard.DataSet dataSet(String value) {
        Source source = source(value);
        if (source instanceof Source.DataSet set) {
            return new ModelCard.DataSet(
                    set.repository().toString(), Optional.of(set.repository().id()));
        }
        if (source instanceof Source.Web web) {
            return new ModelCard.DataSet(WebAddress.inWords(web.address()), Optional.empty());
        }
        return new ModelCard.DataSet(fileName(value), Optional.empty());
    }

    private static Source source(String value) {
        try {
            return Source.data("data.train", value);
        } catch (UserError e) {
            // Files may be gone once they are preprocessed.
            return new Source.Local(Path.of(value));
        }
    }

    private static String fileName(String path) {
        return Optional.ofNullable(Path.of(path).getFileName())
                .map(Path::toString)
                .orElse(path);
    }
}
