package io.sparkqa.spark;

import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import scala.Tuple3;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * Adds the function {@code answer(question, context)} to Spark SQL: {@code
 * spark.sql.extensions=io.sparkqa.spark.AnswerExtensions}. The session's setting {@code spark.sparkqa.modelFolder} names the
 * model's folder; {@code spark.sparkqa.NAME} sets any other param of {@link RobertaQuestionAnsweringModel}.
 */
public final class AnswerExtensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
    private static final String USAGE = AnswerFunction.NAME
            + "(question, context) - Returns the answer to a question that a text holds: text (empty: none), probability, null_odds, start, end, n_best.";

    /** How Spark classifies functions. */
    private static final String SOURCE = "scala_udf";

    @Override
    public BoxedUnit apply(SparkSessionExtensions extensions) {
        extensions.injectFunction(new Tuple3<>(
                new FunctionIdentifier(AnswerFunction.NAME),
                new ExpressionInfo(
                        AnswerFunction.class.getName(),
                        null,
                        AnswerFunction.NAME,
                        USAGE,
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        SOURCE),
                arguments -> AnswerFunction.call(SparkSession.active(), arguments)));
        extensions.injectPostHocResolutionRule(BatchedAnswers::new);
        return BoxedUnit.UNIT;
    }
}
