package io.sparkqa.spark;

import io.sparkqa.train.Replica;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The replicas that this process keeps open between rounds, with their networks and moments: as many as have ever worked at
 * the same time, at most one for each task slot of an executor.
 */
final class LiveReplicas {
    private static final Map<Key, Replica> OPEN = new LinkedHashMap<>();
    private static final Set<Key> AT_WORK = new HashSet<>();
    private static int most;

    private LiveReplicas() {}

    /**
     * The key of a replica.
     *
     * @param run distinguishes several trainings of one process
     */
    record Key(String run, int index) {}

    /** Takes a replica for a round. Closes idle ones, which Spark has moved elsewhere, to make room. */
    static synchronized Replica take(Key key, Supplier<Replica> opening) {
        AT_WORK.add(key);
        most = Math.max(most, AT_WORK.size());
        if (!OPEN.containsKey(key)) {
            close(most - 1);
            OPEN.put(key, opening.get());
        }
        return OPEN.get(key);
    }

    static synchronized void giveBack(Key key) {
        AT_WORK.remove(key);
    }

    /** Closes idle replicas until at most {@code left} are open. */
    static synchronized void close(int left) {
        Iterator<Map.Entry<Key, Replica>> entries = OPEN.entrySet().iterator();
        while (entries.hasNext() && OPEN.size() > left) {
            Map.Entry<Key, Replica> entry = entries.next();
            if (!AT_WORK.contains(entry.getKey())) {
                entry.getValue().close();
                entries.remove();
            }
        }
    }
}
