package io.sparkqa.spark;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/**
 * The params of {@link RobertaQuestionAnswering}: what it trains on, and how.
 *
 * @param <S> the stage, which its setters return
 */
public interface TrainingParams<S extends TrainingParams<S>> extends AnsweringParams<S> {
    /** Column of the known answers. */
    default Param<String> labelCol() {
        return SettingParams.text(
                this,
                "labelCol",
                "column of the known answers: an array of structs with text and answer_start (in code points); empty where the text has no answer");
    }

    default S setLabelCol(String value) {
        return with(labelCol(), value);
    }

    /** Folder of the model to start from. */
    default Param<String> startFolder() {
        return SettingParams.text(
                this, "startFolder", "HuggingFace folder of the model to start from, with its tokenizer");
    }

    default S setStartFolder(String value) {
        return with(startFolder(), value);
    }

    /** Folder in which each fit makes its model's folder. */
    default Param<String> outputFolder() {
        return SettingParams.text(
                this,
                "outputFolder",
                "folder in which each fit makes a folder with the model; on a cluster, all executors must see it");
    }

    default S setOutputFolder(String value) {
        return with(outputFolder(), value);
    }

    /** What to do with an answer that is not in its text at its offset. */
    default Param<String> mismatch() {
        return SettingParams.word(this, "mismatch");
    }

    default S setMismatch(String value) {
        return with(mismatch(), value);
    }

    /** What to do with a question that is too long for a window. */
    default Param<String> tooLong() {
        return SettingParams.word(this, "tooLong");
    }

    default S setTooLong(String value) {
        return with(tooLong(), value);
    }

    /** Windows of one batch. */
    default IntParam batch() {
        return SettingParams.whole(this, "batch");
    }

    default S setBatch(int value) {
        return with(batch(), value);
    }

    /** Batches of one optimizer step. */
    default IntParam accumulation() {
        return SettingParams.whole(this, "accumulation");
    }

    default S setAccumulation(int value) {
        return with(accumulation(), value);
    }

    /** Passes over the training windows. */
    default DoubleParam epochs() {
        return SettingParams.number(this, "epochs");
    }

    default S setEpochs(double value) {
        return with(epochs(), value);
    }

    /** Optimizer steps at most. */
    default IntParam maxSteps() {
        return SettingParams.whole(this, "maxSteps");
    }

    default S setMaxSteps(int value) {
        return with(maxSteps(), value);
    }

    /** Peak learning rate. */
    default DoubleParam lr() {
        return SettingParams.number(this, "lr");
    }

    default S setLr(double value) {
        return with(lr(), value);
    }

    /** Share of the steps in which the learning rate rises. */
    default DoubleParam warmup() {
        return SettingParams.number(this, "warmup");
    }

    default S setWarmup(double value) {
        return with(warmup(), value);
    }

    /** Decoupled weight decay. */
    default DoubleParam weightDecay() {
        return SettingParams.number(this, "weightDecay");
    }

    default S setWeightDecay(double value) {
        return with(weightDecay(), value);
    }

    /** Largest global norm of the gradients. */
    default DoubleParam clip() {
        return SettingParams.number(this, "clip");
    }

    default S setClip(double value) {
        return with(clip(), value);
    }

    /** Dropout probability. */
    default DoubleParam dropout() {
        return SettingParams.number(this, "dropout");
    }

    default S setDropout(double value) {
        return with(dropout(), value);
    }

    /** Seed of initialisation, order and dropout. */
    default LongParam seed() {
        return SettingParams.big(this, "seed");
    }

    default S setSeed(long value) {
        return with(seed(), value);
    }

    /** Tokens of one forward pass in training; if unset, what suits the device. */
    default IntParam tokenBudget() {
        return SettingParams.whole(this, "tokenBudget");
    }

    default S setTokenBudget(int value) {
        return with(tokenBudget(), value);
    }

    /** Optimizer steps between two checkpoints. */
    default IntParam checkpointSteps() {
        return SettingParams.whole(this, "checkpointSteps");
    }

    default S setCheckpointSteps(int value) {
        return with(checkpointSteps(), value);
    }

    /** Networks that train side by side as Spark tasks; 1: one, on the driver. */
    default IntParam replicas() {
        return SettingParams.whole(this, "replicas");
    }

    default S setReplicas(int value) {
        return with(replicas(), value);
    }

    /** Optimizer steps of each replica between two exchanges. */
    default IntParam roundSteps() {
        return SettingParams.whole(this, "roundSteps");
    }

    default S setRoundSteps(int value) {
        return with(roundSteps(), value);
    }
}
