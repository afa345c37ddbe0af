package io.sparkqa.spark;

import io.sparkqa.train.Replica;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The replicas that stay open in this process between rounds, with their networks and moments: as many as have ever been
 * at work at a time, so one for each of an executor's task slots.
 */
final class LiveReplicas {
    private static final Map<Key, Replica> OPEN = new LinkedHashMap<>();
    private static final Set<Key> AT_WORK = new HashSet<>();
    private static int most;

    private LiveReplicas() {}

    /**
     * Names a replica.
     *
     * @param run tells trainings apart that one process sees
     */
    record Key(String run, int index) {}

    /** Takes a replica for a round. Idle ones that Spark has moved elsewhere make room. */
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

    /** Closes idle replicas until only so many are open. */
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
