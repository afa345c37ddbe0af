package io.sparkqa.spark;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The params of answering a table's questions, which {@link RobertaQuestionAnswering} and {@link
 * RobertaQuestionAnsweringModel} share.
 *
 * @param <S> the stage, which its setters return
 */
public interface AnsweringParams<S extends AnsweringParams<S>> extends Params {
    /** Column of questions, of type string. */
    default Param<String> questionCol() {
        return SettingParams.text(this, "questionCol", "column of questions, of type string");
    }

    default S setQuestionCol(String value) {
        return with(questionCol(), value);
    }

    /** Column of the texts that hold the answers, of type string. */
    default Param<String> contextCol() {
        return SettingParams.text(this, "contextCol", "column of the texts that hold the answers, of type string");
    }

    default S setContextCol(String value) {
        return with(contextCol(), value);
    }

    /** New column of answers, a struct. */
    default Param<String> answerCol() {
        return SettingParams.text(
                this,
                "answerCol",
                "new column of answers: a struct of text, probability, null_odds, start, end and n_best");
    }

    default S setAnswerCol(String value) {
        return with(answerCol(), value);
    }

    /** Longest window in tokens; a network with fewer positions has shorter ones. */
    default IntParam maxLength() {
        return SettingParams.whole(this, "maxLength");
    }

    default S setMaxLength(int value) {
        return with(maxLength(), value);
    }

    /** Context tokens that neighbouring windows share. */
    default IntParam stride() {
        return SettingParams.whole(this, "stride");
    }

    default S setStride(int value) {
        return with(stride(), value);
    }

    /** Arithmetic of the matrix products. */
    default Param<String> dtype() {
        return SettingParams.word(this, "dtype");
    }

    default S setDtype(String value) {
        return with(dtype(), value);
    }

    /** Where the network computes; {@code auto} is the task's GPU if it has one. */
    default Param<String> device() {
        return SettingParams.word(this, "device");
    }

    default S setDevice(String value) {
        return with(device(), value);
    }

    /** Tokens of one forward pass; if unset, what suits the device. */
    default IntParam batchTokens() {
        return SettingParams.whole(this, "batchTokens");
    }

    default S setBatchTokens(int value) {
        return with(batchTokens(), value);
    }

    /** Candidate answers listed for a question, and start and end tokens considered in a window. */
    default IntParam nBest() {
        return SettingParams.whole(this, "nBest");
    }

    default S setNBest(int value) {
        return with(nBest(), value);
    }

    /** Whether a candidate that is found several times is listed once or each time. */
    default Param<String> duplicates() {
        return SettingParams.word(this, "duplicates");
    }

    default S setDuplicates(String value) {
        return with(duplicates(), value);
    }

    /** Longest answer in tokens. */
    default IntParam maxAnswerLength() {
        return SettingParams.whole(this, "maxAnswerLength");
    }

    default S setMaxAnswerLength(int value) {
        return with(maxAnswerLength(), value);
    }

    /** Null odds above which a question is unanswered. */
    default DoubleParam nullThreshold() {
        return SettingParams.finite(
                this,
                "nullThreshold",
                "a question is unanswered if its null odds exceed this; if unset, the threshold in the model folder's spark_qa.json, else 0");
    }

    default S setNullThreshold(double value) {
        return with(nullThreshold(), value);
    }

    /** Sets a param and returns the stage. */
    @SuppressWarnings("unchecked")
    default <T> S with(Param<T> param, T value) {
        return (S) set(param, value);
    }
}
