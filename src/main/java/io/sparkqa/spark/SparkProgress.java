package io.sparkqa.spark;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.LongAccumulator;
import scala.Tuple4;
import scala.collection.Iterator;
import scala.collection.Seq;

/** Follows an accumulator while tasks run: the sum of finished tasks plus what running tasks report with their heartbeats. */
public final class SparkProgress extends SparkListener implements AutoCloseable {
    private final SparkContext context;
    private final LongAccumulator done;
    private final LongConsumer shown;
    private final Map<Long, Long> running = new HashMap<>();

    /**
     * @param shown receives each new value
     */
    public SparkProgress(SparkContext context, LongAccumulator done, LongConsumer shown) {
        this.context = context;
        this.done = done;
        this.shown = shown;
        context.addSparkListener(this);
    }

    @Override
    public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
        Iterator<Tuple4<Object, Object, Object, Seq<AccumulableInfo>>> tasks =
                update.accumUpdates().iterator();
        while (tasks.hasNext()) {
            Tuple4<Object, Object, Object, Seq<AccumulableInfo>> task = tasks.next();
            Iterator<AccumulableInfo> values = task._4().iterator();
            while (values.hasNext()) {
                AccumulableInfo value = values.next();
                if (value.id() == done.id() && value.update().isDefined()) {
                    running.put((Long) task._1(), ((Number) value.update().get()).longValue());
                }
            }
        }
        show();
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
        running.remove(end.taskInfo().taskId());
        show();
    }

    private void show() {
        long open = running.values().stream().mapToLong(Long::longValue).sum();
        shown.accept(done.sum() + open);
    }

    @Override
    public void close() {
        context.removeSparkListener(this);
    }
}
