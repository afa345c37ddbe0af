package io.sparkqa.spark;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTableOrView;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.UnresolvedWith;
import org.apache.spark.sql.execution.command.ExplainCommand;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.runtime.AbstractPartialFunction;

/**
 * Replaces the names of tables in a parsed query by names of views, so that a name may have parts, as {@code run1.answers},
 * and a view is created only for a query that names it. A column may be written with the table's parts in front of it, as
 * {@code run1.answers.id}.
 */
public final class TableNames extends AbstractPartialFunction<LogicalPlan, LogicalPlan> {
    private static final long serialVersionUID = 1;

    private final transient Function<List<String>, Optional<String>> views;

    private TableNames(Function<List<String>, Optional<String>> views) {
        this.views = views;
    }

    /**
     * Returns the query with other names of tables.
     *
     * @param views returns the view that a name means, given the name's parts; empty: Spark looks for the name itself
     */
    public static LogicalPlan replace(LogicalPlan query, Function<List<String>, Optional<String>> views) {
        return query.transformDownWithSubqueries(new TableNames(views));
    }

    @Override
    public boolean isDefinedAt(LogicalPlan plan) {
        return true;
    }

    @Override
    public LogicalPlan apply(LogicalPlan plan) {
        if (plan instanceof UnresolvedRelation table) {
            List<String> name = parts(table.multipartIdentifier());
            return views.apply(name)
                    .filter(view -> name.size() > 1)
                    .<LogicalPlan>map(view ->
                            new SubqueryAlias(alias(name), table.copy(seq(view), table.options(), table.isStreaming())))
                    .orElse(table);
        }
        if (plan instanceof UnresolvedTableOrView table) {
            return views.apply(parts(table.multipartIdentifier()))
                    .<LogicalPlan>map(view -> table.copy(seq(view), table.commandName(), table.allowTempView()))
                    .orElse(table);
        }
        // what these two hold are not their children, which Spark transforms itself
        if (plan instanceof UnresolvedWith with) {
            return with.copy(
                    with.child(),
                    seq(parts(with.cteRelations()).stream()
                            .map(each -> new Tuple2<>(each._1(), (SubqueryAlias) replace(each._2(), views)))
                            .toList()));
        }
        if (plan instanceof ExplainCommand explain) {
            return explain.copy(replace(explain.logicalPlan(), views), explain.mode());
        }
        return plan;
    }

    private static AliasIdentifier alias(List<String> name) {
        int last = name.size() - 1;
        return new AliasIdentifier(name.get(last), seq(name.subList(0, last)));
    }

    private static <T> List<T> parts(Seq<T> name) {
        return JavaConverters.seqAsJavaList(name);
    }

    private static Seq<String> seq(String view) {
        return seq(List.of(view));
    }

    private static <T> Seq<T> seq(List<T> parts) {
        return JavaConverters.asScalaBuffer(parts).toList();
    }
}
