package io.sparkqa.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Every setting of an experiment. A component's name in snake_case is its key ({@code train.warmup}); its
 * {@link Setting} declares default, bounds and meaning. The table in
 * docs/user-guide.md is generated from this declaration.
 *
 * @param spark Spark's settings, their keys without {@code spark.}
 */
public record Experiment(
        Run run,
        Data data,
        Model model,
        Hub hub,
        Features features,
        Train train,
        Decode decode,
        Evaluate evaluate,
        Report report,
        @Setting(value = "passed to Spark unchanged, such as spark.master or spark.executor.memory")
                Map<String, String> spark) {

    /** The folder of a run. */
    public record Run(
            @Setting(value = "folder that holds everything the run makes; default: runs/ and the conf file's name")
                    Optional<String> dir) {}

    /** The data set. */
    public record Data(
            @Setting(
                            value =
                                    "training questions: a SQuAD file (JSON or Parquet), a folder of them, an address (https://...), or a data set of the Hub (org/name)")
                    Optional<String> train,
            @Setting(value = "questions to answer and evaluate, given in the same ways") Optional<String> dev,
            @Setting(
                            value =
                                    "further sets to answer and evaluate, each with a name, such as data.more.mine=my.json",
                            names = "(?!(train|dev)$)[A-Za-z0-9_-]+")
                    Map<String, String> more) {

        /** Returns the source of each split's questions: train, dev and those of data.more, if they are set. */
        public Map<String, String> splits() {
            Map<String, String> splits = new LinkedHashMap<>();
            train.ifPresent(source -> splits.put("train", source));
            splits.putAll(evaluated());
            return splits;
        }

        /** Returns the source of each split that is answered and evaluated: dev and those of data.more, if they are set. */
        public Map<String, String> evaluated() {
            Map<String, String> splits = new LinkedHashMap<>();
            dev.ifPresent(source -> splits.put("dev", source));
            splits.putAll(more);
            return splits;
        }
    }

    /** The model to start from and its tokenizer. */
    public record Model(
            @Setting(
                            value =
                                    "HuggingFace model to start from: a folder (config.json, tokenizer, model.safetensors), or a model of the Hub (org/name, org/name@revision)")
                    Optional<String> from,
            @Setting(value = "config.json of a network to start from random weights, if model.from is unset")
                    Optional<String> config,
            @Setting(value = "folder with tokenizer.json, or a model of the Hub, if it is not model.from")
                    Optional<String> tokenizer) {}

    /** Models and data sets of the HuggingFace Hub. */
    public record Hub(
            @Setting(
                            value =
                                    "folder that jobs/fetch.sh fills and later stages read; default: HF_HUB_CACHE, or hub in HF_HOME, or ~/.cache/huggingface/hub")
                    Optional<String> cache) {}

    /** The cutting of questions into windows. */
    public record Features(
            @Setting(value = "longest window in tokens, special tokens included", otherwise = "384", min = 8)
                    int maxLength,
            @Setting(value = "context tokens that neighbouring windows share", otherwise = "128", min = 0) int stride,
            @Setting(
                            value =
                                    "an answer that is not in its context at its offset: fail, or leave the question out of training",
                            otherwise = "error")
                    Remedy mismatch,
            @Setting(
                            value =
                                    "a question too long for a window: fail, or leave it without windows (answered with \"\")",
                            otherwise = "error")
                    Remedy tooLong) {}

    /** The treatment of an unusable record. */
    public enum Remedy {
        ERROR,
        SKIP
    }

    /** Fine-tuning. */
    public record Train(
            @Setting(value = "windows of one batch", otherwise = "16", min = 1) int batch,
            @Setting(value = "batches whose gradients are averaged into one optimizer step", otherwise = "1", min = 1)
                    int accumulation,
            @Setting(value = "passes over the training windows", otherwise = "2", min = 0) double epochs,
            @Setting(value = "optimizer steps at most; overrides train.epochs", min = 1) Optional<Integer> maxSteps,
            @Setting(value = "peak learning rate", otherwise = "3e-5", min = 0, max = 1) double lr,
            @Setting(value = "share of the steps in which the learning rate rises", otherwise = "0.1", min = 0, max = 1)
                    double warmup,
            @Setting(value = "decoupled weight decay, none for biases and LayerNorm", otherwise = "0.01", min = 0)
                    double weightDecay,
            @Setting(value = "largest global norm of the gradients; 0 turns clipping off", otherwise = "1.0", min = 0)
                    double clip,
            @Setting(value = "dropout probability; default: config.json's", min = 0, max = 0.99)
                    Optional<Double> dropout,
            @Setting(value = "seed of initialisation, order and dropout", otherwise = "42", min = 0) long seed,
            @Setting(value = "arithmetic of the matrix products: auto, float32 or bfloat16", otherwise = "auto")
                    Dtype dtype,
            @Setting(
                            value = "device that the network computes on; auto: a GPU if there is one",
                            otherwise = "auto",
                            words = {"auto", "cpu", "cuda", "cuda:N"})
                    String device,
            @Setting(
                            value =
                                    "tokens of one forward pass; auto: 4096 on a CPU, on a GPU by its memory. A resumed run keeps its number",
                            otherwise = "auto")
                    TokenBudget tokenBudget,
            @Setting(
                            value =
                                    "pad windows to features.max_length and let padding take part in the loss's softmax, as run_qa.py does",
                            otherwise = "false")
                    boolean padToMaxLength,
            @Setting(value = "optimizer steps between two log lines", otherwise = "10", min = 1) int logSteps,
            Checkpoint checkpoint,
            @Setting(value = "checkpoints kept, newest first", otherwise = "2", min = 1) int keep,
            @Setting(
                            value =
                                    "networks that train side by side as Spark tasks, in rounds; 1: one, in this process",
                            otherwise = "1",
                            min = 1)
                    int replicas,
            Rounds rounds) {

        /** The averaging of the replicas' weights. */
        public record Rounds(
                @Setting(value = "optimizer steps of each replica between two exchanges", otherwise = "100", min = 1)
                        int steps,
                @Setting(
                                value = "outer learning rate: the share of the replicas' mean change that is applied",
                                otherwise = "1",
                                min = 0)
                        double lr,
                @Setting(value = "outer Nesterov momentum", otherwise = "0", min = 0, max = 0.99) double momentum) {}

        /** Returns these settings with another batch size and number of steps. */
        public Train with(int newBatch, int steps) {
            return with(newBatch, Optional.of(steps), tokenBudget, logSteps);
        }

        /** Returns these settings with another number of steps between two log lines. */
        public Train withLogSteps(int steps) {
            return with(batch, maxSteps, tokenBudget, steps);
        }

        /** Returns these settings with another token budget. */
        public Train with(TokenBudget newTokenBudget) {
            return with(batch, maxSteps, newTokenBudget, logSteps);
        }

        private Train with(int newBatch, Optional<Integer> newMaxSteps, TokenBudget newTokenBudget, int newLogSteps) {
            return new Train(
                    newBatch,
                    accumulation,
                    epochs,
                    newMaxSteps,
                    lr,
                    warmup,
                    weightDecay,
                    clip,
                    dropout,
                    seed,
                    dtype,
                    device,
                    newTokenBudget,
                    padToMaxLength,
                    newLogSteps,
                    checkpoint,
                    keep,
                    replicas,
                    rounds);
        }

        /** Snapshots for resuming. */
        public record Checkpoint(
                @Setting(value = "optimizer steps between two checkpoints", otherwise = "500", min = 1) int steps,
                @Setting(
                                value =
                                        "keep the model with the best dev F1 after an epoch as checkpoints/best; model/ is always the last one",
                                otherwise = "false")
                        boolean best) {}
    }

    /** Arithmetic of the matrix products; weights and optimizer state are always float32. */
    public enum Dtype {
        AUTO,
        FLOAT32,
        BFLOAT16
    }

    /** The decoding of logits into answers. */
    public record Decode(
            @Setting(value = "candidate answers listed for a question", otherwise = "20", min = 1) int nBest,
            @Setting(
                            value =
                                    "a candidate found several times, as in overlapping windows: merge lists it once with its best score, keep lists it each time, as run_qa.py does; answers are the same",
                            otherwise = "merge")
                    Duplicates duplicates,
            @Setting(value = "longest answer in tokens", otherwise = "30", min = 1) int maxAnswerLength,
            @Setting(
                            value =
                                    "a question is unanswered if its null score exceeds its best span's score by more than this; auto: the threshold with the best F1 on dev, which decode saves as spark_qa.json with the model; default: the one saved with the model, else 0")
                    Optional<NullThreshold> nullThreshold,
            @Setting(
                            value = "tokens of one forward pass; auto: 8192 on a CPU, on a GPU by its memory",
                            otherwise = "auto")
                    TokenBudget batchTokens) {
        /** Returns the null threshold if it is set to a number, else another one. */
        public double nullThresholdOr(double otherwise) {
            return nullThreshold
                    .map(NullThreshold::number)
                    .orElse(OptionalDouble.empty())
                    .orElse(otherwise);
        }
    }

    /** The treatment of candidates with the same place in the context. */
    public enum Duplicates {
        MERGE,
        KEEP
    }

    /** Metrics. */
    public record Evaluate(
            @Setting(
                            value =
                                    "regular expression; its first group, found in a question's id, names the question's kind: metrics are given by kind too")
                    Optional<String> kind) {}

    /** The page that shows a run. */
    public record Report(Published published) {
        /** The figures that the recipe's source reports, shown beside the run's own. */
        public record Published(
                @Setting(value = "exact match on dev that the recipe's source reports, in percent", min = 0, max = 100)
                        Optional<Double> exact,
                @Setting(value = "F1 on dev that the recipe's source reports, in percent", min = 0, max = 100)
                        Optional<Double> f1,
                @Setting(value = "where these figures are published, as a name or an address")
                        Optional<String> source) {}
    }
}
