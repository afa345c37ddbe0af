package io.sparkqa.spark;

import io.sparkqa.config.Printable;
import io.sparkqa.config.SettingKey;
import io.sparkqa.config.TokenBudget;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import scala.Function1;

/**
 * Params of Spark ML that stand for settings of an experiment. Meaning, default and bounds are those that {@link
 * io.sparkqa.config.Experiment} declares.
 */
final class SettingParams {
    /** The setting of each param, by the param's name. */
    private static final Map<String, String> KEYS = Map.ofEntries(
            Map.entry("maxLength", "features.max_length"),
            Map.entry("stride", "features.stride"),
            Map.entry("mismatch", "features.mismatch"),
            Map.entry("tooLong", "features.too_long"),
            Map.entry("batch", "train.batch"),
            Map.entry("accumulation", "train.accumulation"),
            Map.entry("epochs", "train.epochs"),
            Map.entry("maxSteps", "train.max_steps"),
            Map.entry("lr", "train.lr"),
            Map.entry("warmup", "train.warmup"),
            Map.entry("weightDecay", "train.weight_decay"),
            Map.entry("clip", "train.clip"),
            Map.entry("dropout", "train.dropout"),
            Map.entry("seed", "train.seed"),
            Map.entry("dtype", "train.dtype"),
            Map.entry("device", "train.device"),
            Map.entry("tokenBudget", "train.token_budget"),
            Map.entry("checkpointSteps", "train.checkpoint.steps"),
            Map.entry("replicas", "train.replicas"),
            Map.entry("roundSteps", "train.rounds.steps"),
            Map.entry("batchTokens", "decode.batch_tokens"),
            Map.entry("nBest", "decode.n_best"),
            Map.entry("duplicates", "decode.duplicates"),
            Map.entry("maxAnswerLength", "decode.max_answer_length"));

    private SettingParams() {}

    static IntParam whole(Params stage, String name) {
        return new IntParam(stage, name, meaning(name), valid(name));
    }

    static LongParam big(Params stage, String name) {
        return new LongParam(stage, name, meaning(name), valid(name));
    }

    static DoubleParam number(Params stage, String name) {
        return new DoubleParam(stage, name, meaning(name), valid(name));
    }

    static Param<String> word(Params stage, String name) {
        Function1<String, Object> valid = valid(name);
        return new Param<>(stage, name, meaning(name), valid);
    }

    private static String meaning(String name) {
        SettingKey key = key(name);
        return "%s (%s)".formatted(key.declaration().value(), key.allowed());
    }

    private static <T> Function1<T, Object> valid(String name) {
        return value -> {
            require(
                    value != null && key(name).parse(value.toString()).isPresent(),
                    name,
                    value,
                    key(name).allowed());
            return true;
        };
    }

    /** Returns a param for a text that has no setting, such as a column's name. */
    static Param<String> text(Params stage, String name, String meaning) {
        Function1<String, Object> valid = value -> {
            require(value != null, name, value, "text");
            return true;
        };
        return new Param<>(stage, name, meaning, valid);
    }

    /** Returns a param for any finite number. */
    static DoubleParam finite(Params stage, String name, String meaning) {
        return new DoubleParam(stage, name, meaning, value -> {
            require(value instanceof Double number && Double.isFinite(number), name, value, "a finite number");
            return true;
        });
    }

    /** Spark's own error for a refused value does not say what is allowed, and fails for a null. */
    private static void require(boolean holds, String name, Object value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException("the parameter %s can't be %s; it takes %s"
                    .formatted(name, Printable.of(String.valueOf(value)), allowed));
        }
    }

    private static SettingKey key(String name) {
        return SettingKey.named(KEYS.get(name));
    }

    /** Sets the defaults of a stage that answers: the usual names of columns, and those of its settings. */
    static void setDefaults(AnsweringParams<?> stage) {
        stage.setDefault(stage.questionCol(), "question");
        stage.setDefault(stage.contextCol(), "context");
        stage.setDefault(stage.answerCol(), "answer");
        setDefaultsOfSettings(stage);
    }

    /** Sets the defaults of the settings that a stage's params stand for. */
    static void setDefaultsOfSettings(Params stage) {
        for (Param<?> param : stage.params()) {
            if (KEYS.containsKey(param.name())) {
                SettingKey key = key(param.name());
                String text = key.declaration().otherwise();
                // a budget that the device decides is left unset, since its param is a number
                if (!text.isEmpty() && key.type() != TokenBudget.class) {
                    Object value = key.type().isEnum() ? text : key.parse(text).orElseThrow();
                    stage.setDefault(stage.getParam(param.name()), value);
                }
            }
        }
    }

    /** Returns the settings that a stage's params stand for, by key, as far as they have a value. */
    static Map<String, String> settings(Params stage) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (Param<?> param : stage.params()) {
            if (KEYS.containsKey(param.name()) && stage.isDefined(param)) {
                settings.put(KEYS.get(param.name()), String.valueOf(stage.getOrDefault(param)));
            }
        }
        return settings;
    }
}
