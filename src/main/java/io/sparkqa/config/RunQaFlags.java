package io.sparkqa.config;

import static java.util.Map.entry;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The options of HuggingFace's {@code run_qa.py} for its users: the corresponding setting of each option, or why there is
 * none.
 */
public final class RunQaFlags {
    private static final String NO_STEP_PROGRAM =
            "there is no counterpart: every stage is a script of its own, as jobs/train.sh, and jobs/pipeline.sh runs all";
    private static final String NO_PYTHON =
            "there is no counterpart: it is a setting of PyTorch or Accelerate, which spark-qa does not use";
    private static final String NO_REPORTING =
            "there is no counterpart: the training's log is the table train_log, and jobs/report.sh draws it";

    /** The meaning of each option, by its name without leading hyphens. */
    private static final Map<String, String> MEANINGS = Map.ofEntries(
            entry("model_name_or_path", "here it is model.from"),
            entry("tokenizer_name", "here it is model.tokenizer"),
            entry("config_name", "here it is model.config, and starts from random weights"),
            entry("cache_dir", "here it is hub.cache"),
            entry("model_revision", "here it stands behind the model's name: model.from=org/name@revision"),
            entry("token", "here it is the environment variable HF_TOKEN"),
            entry("use_auth_token", "here it is the environment variable HF_TOKEN"),
            entry("trust_remote_code", "there is no counterpart: no code of a model or data set is ever run"),
            entry("use_fast_tokenizer", "there is no counterpart: the tokenizer is always the fast one"),
            entry("dataset_name", "here the name, as rajpurkar/squad_v2, is given as data.train and as data.dev"),
            entry("dataset_config_name", "here it is a folder behind the name, as data.train=org/name/folder"),
            entry("train_file", "here it is data.train"),
            entry("validation_file", "here it is data.dev"),
            entry("test_file", "here it is data.more.test"),
            entry("max_seq_length", "here it is features.max_length"),
            entry("doc_stride", "here it is features.stride"),
            entry("pad_to_max_length", "here it is train.pad_to_max_length"),
            entry("max_answer_length", "here it is decode.max_answer_length"),
            entry("n_best_size", "here it is decode.n_best"),
            entry("null_score_diff_threshold", "here it is decode.null_threshold"),
            entry(
                    "version_2_with_negative",
                    "there is no counterpart: questions without an answer are always allowed, as in SQuAD 2.0"),
            entry("max_train_samples", "there is no counterpart: train.max_steps limits the training"),
            entry("max_eval_samples", "there is no counterpart: give a smaller file as data.dev"),
            entry("max_predict_samples", "there is no counterpart: give a smaller file as data.more.NAME"),
            entry("preprocessing_num_workers", "here it is Spark's master: --master local[N]"),
            entry("overwrite_cache", "here it is --force with jobs/preprocess.sh"),
            entry("output_dir", "here it is run.dir"),
            entry("overwrite_output_dir", "here it is --force"),
            entry("do_train", NO_STEP_PROGRAM),
            entry("do_eval", NO_STEP_PROGRAM),
            entry("do_predict", NO_STEP_PROGRAM),
            entry("learning_rate", "here it is train.lr"),
            entry("per_device_train_batch_size", "here it is train.batch"),
            entry("per_gpu_train_batch_size", "here it is train.batch"),
            entry("per_device_eval_batch_size", "here it is decode.batch_tokens, in tokens"),
            entry("per_gpu_eval_batch_size", "here it is decode.batch_tokens, in tokens"),
            entry("auto_find_batch_size", "there is no counterpart: train.token_budget bounds the memory of a batch"),
            entry("gradient_accumulation_steps", "here it is train.accumulation"),
            entry("gradient_checkpointing", "there is no counterpart: train.token_budget bounds the memory of a pass"),
            entry("num_train_epochs", "here it is train.epochs"),
            entry("max_steps", "here it is train.max_steps"),
            entry("warmup_ratio", "here it is train.warmup"),
            entry("warmup_steps", "here it is train.warmup, as a share of all steps"),
            entry(
                    "lr_scheduler_type",
                    "there is no counterpart: the learning rate falls linearly, run_qa.py's default"),
            entry("weight_decay", "here it is train.weight_decay"),
            entry("max_grad_norm", "here it is train.clip"),
            entry("seed", "here it is train.seed"),
            entry("data_seed", "here it is train.seed"),
            entry("fp16", "here it is train.dtype: float32, bfloat16 or auto; there is no float16"),
            entry("bf16", "here it is train.dtype=bfloat16"),
            entry("tf32", "there is no counterpart; train.dtype chooses the arithmetic"),
            entry("optim", "there is no counterpart: the optimizer is AdamW, run_qa.py's default"),
            entry("adam_beta1", "there is no counterpart: it is 0.9, run_qa.py's default"),
            entry("adam_beta2", "there is no counterpart: it is 0.999, run_qa.py's default"),
            entry("adam_epsilon", "there is no counterpart: it is 1e-8, run_qa.py's default"),
            entry("label_smoothing_factor", "there is no counterpart: run_qa.py's default, none, holds"),
            entry("group_by_length", "there is no counterpart: a batch is padded only to its own longest window"),
            entry("logging_steps", "here it is train.log_steps"),
            entry("save_steps", "here it is train.checkpoint.steps"),
            entry("save_strategy", "here it is train.checkpoint.steps, in steps"),
            entry("save_total_limit", "here it is train.keep"),
            entry("load_best_model_at_end", "here it is train.checkpoint.best"),
            entry("metric_for_best_model", "here it is train.checkpoint.best, by dev's F1"),
            entry("eval_steps", "there is no counterpart: dev is evaluated after each epoch"),
            entry("eval_strategy", "there is no counterpart: dev is evaluated after each epoch"),
            entry("evaluation_strategy", "there is no counterpart: dev is evaluated after each epoch"),
            entry("resume_from_checkpoint", "there is no counterpart: the same command continues where it stopped"),
            entry("no_cuda", "here it is train.device=cpu"),
            entry("use_cpu", "here it is train.device=cpu"),
            entry("local_rank", NO_PYTHON),
            entry("dataloader_num_workers", NO_PYTHON),
            entry("deepspeed", NO_PYTHON),
            entry("fsdp", NO_PYTHON),
            entry("torch_compile", NO_PYTHON),
            entry("report_to", NO_REPORTING),
            entry("logging_dir", NO_REPORTING),
            entry("run_name", NO_REPORTING),
            entry(
                    "push_to_hub",
                    "there is no counterpart: the model is a HuggingFace folder, which the Hub's client uploads"),
            entry(
                    "hub_model_id",
                    "there is no counterpart: the model is a HuggingFace folder, which the Hub's client uploads"));

    private RunQaFlags() {}

    /**
     * Returns the meaning of an option of run_qa.py in this project.
     *
     * @param name the option as {@code --learning_rate}, {@code --learning-rate=1e-5}, {@code learning_rate} or {@code
     *     train.learning_rate}
     * @return a clause such as {@code here it is train.lr}; empty if run_qa.py has no such option
     */
    public static Optional<String> meaning(String name) {
        String plain = name.replaceFirst("^-+", "").replaceFirst("=.*", "");
        String last =
                plain.substring(plain.lastIndexOf('.') + 1).replace('-', '_').toLowerCase(Locale.ROOT);
        return Optional.ofNullable(MEANINGS.get(last));
    }

    /** Returns all options and their meanings. */
    static Map<String, String> meanings() {
        return MEANINGS;
    }
}
