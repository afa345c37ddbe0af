package io.sparkqa.slurm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Skips tests, and reports each with the reason, where SLURM is missing and can't be installed. */
final class SlurmIsThere implements ExecutionCondition {
    private static Optional<String> hindrance;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return hindrance()
                .map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("SLURM is installed"));
    }

    private static synchronized Optional<String> hindrance() {
        if (hindrance == null) {
            try {
                hindrance = SlurmCluster.install();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return hindrance;
    }
}
