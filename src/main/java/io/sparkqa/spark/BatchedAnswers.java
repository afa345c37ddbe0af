package io.sparkqa.spark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression$;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.rules.Rule;
import scala.Function1;
import scala.Option;
import scala.PartialFunction;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.runtime.AbstractPartialFunction;

/**
 * Answers the calls of {@link AnswerFunction} in a SELECT list as {@link AnswerColumn} does, many rows at a time. Calls
 * elsewhere in a query, as in WHERE, stay as they are.
 */
final class BatchedAnswers extends Rule<LogicalPlan> {
    private final SparkSession spark;

    BatchedAnswers(SparkSession spark) {
        this.spark = spark;
    }

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
        return plan.resolveOperatorsUp(
                everywhere(node -> node instanceof Project project && project.resolved() ? batched(project) : node));
    }

    private LogicalPlan batched(Project project) {
        Map<Expression, ScalaUDF> calls = new LinkedHashMap<>();
        for (NamedExpression column : list(project.projectList())) {
            ((Expression) column).foreach(node -> {
                if (isCall(node)) {
                    calls.putIfAbsent(node.canonicalized(), (ScalaUDF) node);
                }
                return null;
            });
        }
        return calls.isEmpty() ? project : batched(project, calls);
    }

    private static boolean isCall(Expression node) {
        return node instanceof ScalaUDF udf && udf.function() instanceof AnswerFunction;
    }

    /** Puts a table of the columns needed, questions and texts below, the answers above it, and the SELECT list on top. */
    private LogicalPlan batched(Project project, Map<Expression, ScalaUDF> calls) {
        List<NamedExpression> below = new ArrayList<>();
        List<ExprId> kept = new ArrayList<>();
        for (Attribute column : list(project.child().output())) {
            if (project.references().contains(column)) {
                kept.add(column.exprId());
                below.add(alias(column, "c" + below.size(), NamedExpression$.MODULE$.newExprId()));
            }
        }
        for (ScalaUDF call : calls.values()) {
            for (Expression argument : list(call.children())) {
                below.add(alias(argument, "c" + below.size(), NamedExpression$.MODULE$.newExprId()));
            }
        }
        Project table = new Project(seq(below), project.child());
        LogicalPlan answered = answered(table, kept.size(), List.copyOf(calls.values()));
        List<Attribute> output = list(answered.output());

        Map<ExprId, Attribute> columns = new LinkedHashMap<>();
        for (int i = 0; i < kept.size(); i++) {
            columns.put(kept.get(i), output.get(i));
        }
        Map<Expression, Attribute> answers = new LinkedHashMap<>();
        for (Expression call : calls.keySet()) {
            answers.put(call, output.get(below.size() + answers.size()));
        }
        List<NamedExpression> above = new ArrayList<>();
        for (NamedExpression column : list(project.projectList())) {
            above.add(
                    column instanceof Attribute attribute
                            ? alias(columns.get(attribute.exprId()), attribute.name(), attribute.exprId())
                            : (NamedExpression) ((Expression) column)
                                    .transformDown(everywhere(node -> isCall(node)
                                            ? answers.get(node.canonicalized())
                                            : node instanceof Attribute attribute
                                                    ? columns.getOrDefault(attribute.exprId(), attribute)
                                                    : node)));
        }
        return new Project(seq(above), answered);
    }

    /** Returns the plan that adds the answers to a table, made with a table of the same columns and put onto the real one. */
    private LogicalPlan answered(Project table, int kept, List<ScalaUDF> calls) {
        LocalRelation columns = new LocalRelation(table.output(), seq(List.of()), false);
        Dataset<Row> answered = Dataset.ofRows(spark, columns);
        for (int i = 0; i < calls.size(); i++) {
            String question = "c" + (kept + 2 * i);
            String context = "c" + (kept + 2 * i + 1);
            Answering answering = ((AnswerFunction) calls.get(i).function()).answering();
            answered = new AnswerColumn(question, context, answering).addTo(answered, "a" + i);
        }
        return answered.queryExecution()
                .analyzed()
                // upwards, since the real table may hold a LocalRelation too
                .transformUp(everywhere(node -> node instanceof LocalRelation ? table : node));
    }

    private static Alias alias(Expression expression, String name, ExprId id) {
        return new Alias(expression, name, id, seq(List.of()), Option.empty(), seq(List.of()));
    }

    private static <T> List<T> list(Seq<T> values) {
        return JavaConverters.seqAsJavaList(values);
    }

    private static <T> Seq<T> seq(List<T> values) {
        return JavaConverters.asScalaBuffer(values).toList();
    }

    private static <T> PartialFunction<T, T> everywhere(UnaryOperator<T> change) {
        return new AbstractPartialFunction<>() {
            @Override
            public boolean isDefinedAt(T node) {
                return true;
            }

            @Override
            public <A extends T, B> B applyOrElse(A node, Function1<A, B> otherwise) {
                @SuppressWarnings("unchecked")
                B changed = (B) change.apply(node);
                return changed;
            }
        };
    }
}
