package io.sparkqa.spark;

import io.sparkqa.config.Printable;
import io.sparkqa.decode.QuestionAnswerer.Question;
import io.sparkqa.decode.QuestionBatch;
import io.sparkqa.decode.WindowLogits;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import scala.Option;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.runtime.AbstractFunction2;

/** The SQL function {@code answer(question, context)}, which answers one row at a time; {@link BatchedAnswers} is faster. */
final class AnswerFunction extends AbstractFunction2<String, String, Row> implements Serializable {
    private static final long serialVersionUID = 1L;

    static final String NAME = "answer";

    private static final String SETTINGS = "spark.sparkqa.";

    private final Answering answering;

    private AnswerFunction(Answering answering) {
        this.answering = answering;
    }

    Answering answering() {
        return answering;
    }

    @Override
    public Row apply(String question, String context) {
        QuestionBatch batch = answering.batch(List.of(new Question(question, context)));
        try (WindowLogits logits = answering.model().open()) {
            logits.run(batch.windows(), batch);
        }
        return answering.answers(batch).get(0);
    }

    /** Returns a call of the function with the model that a session's settings name. */
    static Expression call(SparkSession spark, Seq<Expression> arguments) {
        if (arguments.size() != 2) {
            throw new IllegalArgumentException(
                    "%s takes a question and a context, not %s arguments".formatted(NAME, arguments.size()));
        }
        Option<ExpressionEncoder<?>> text = Option.apply((ExpressionEncoder<?>) Encoders.STRING());
        return new ScalaUDF(
                new AnswerFunction(model(spark).answering(spark)),
                Answering.ANSWER,
                arguments,
                JavaConverters.asScalaBuffer(List.of(text, text)).toSeq(),
                Option.empty(),
                Option.apply(NAME),
                true,
                true);
    }

    private static RobertaQuestionAnsweringModel model(SparkSession spark) {
        RobertaQuestionAnsweringModel model = new RobertaQuestionAnsweringModel();
        JavaConverters.mapAsJavaMap(spark.conf().getAll()).forEach((key, value) -> {
            if (key.startsWith(SETTINGS)) {
                set(model, key, value);
            }
        });
        if (!model.isDefined(model.modelFolder())) {
            throw new IllegalArgumentException(
                    "%s: the setting %smodelFolder is not set; set it to the folder of a fine-tuned model"
                            .formatted(NAME, SETTINGS));
        }
        return model;
    }

    private static void set(RobertaQuestionAnsweringModel model, String key, String value) {
        String name = key.substring(SETTINGS.length());
        if (!model.hasParam(name)) {
            throw new IllegalArgumentException("%s: there is no setting %s; there are %s"
                    .formatted(
                            NAME,
                            key,
                            Stream.of(model.params())
                                    .map(param -> SETTINGS + param.name())
                                    .collect(Collectors.joining(", "))));
        }
        Param<Object> param = model.getParam(name);
        try {
            model.set(param, param.getClass() == Param.class ? value : param.jsonDecode(value));
        } catch (Exception e) { // also checked ones, which Scala does not declare
            throw new IllegalArgumentException(
                    "%s: %s = %s can't be used; it takes: %s".formatted(NAME, key, Printable.of(value), param.doc()),
                    e);
        }
    }
}
