package io.sparkqa.decode;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Keeps a device busy that computes while the caller goes on: the next batch is prepared and sent while one is computed. A
 * second thread asks for a batch's result as soon as the batch is sent, since a GPU answers only after all that was sent
 * before the question.
 */
final class SendAhead<B, R> implements AutoCloseable {
    private final Iterator<B> batches;
    private final Function<B, Supplier<R>> send;
    private final Deque<Sent<B, R>> sent = new ArrayDeque<>();
    private final ExecutorService waiting = Executors.newSingleThreadExecutor(work -> {
        Thread worker = new Thread(work, "logits");
        worker.setDaemon(true);
        return worker;
    });

    /**
     * @param send begins a batch and returns what waits for its result
     */
    SendAhead(Iterator<B> batches, Function<B, Supplier<R>> send) {
        this.batches = batches;
        this.send = send;
    }

    boolean hasNext() {
        return !sent.isEmpty() || batches.hasNext();
    }

    /**
     * Sends the next two batches, unless that was done, and waits for the first. If a batch fails, this method throws after the
     * results before it are taken.
     *
     * @param take takes the batch's result
     * @return the batch
     */
    B next(BiConsumer<B, R> take) {
        while (sent.size() < 2 && batches.hasNext()) {
            sent.add(sent(batches.next()));
        }
        if (sent.isEmpty()) {
            throw new NoSuchElementException();
        }
        return sent.remove().take(take);
    }

    /** Waits for the batches that are sent, so that nothing is computed any more when this method returns. */
    @Override
    public void close() {
        sent.forEach(Sent::await);
        sent.clear();
        waiting.shutdown();
    }

    private Sent<B, R> sent(B batch) {
        try {
            return new Sent<>(batch, CompletableFuture.supplyAsync(send.apply(batch), waiting));
        } catch (RuntimeException e) {
            return new Sent<>(batch, CompletableFuture.failedFuture(e));
        }
    }

    private record Sent<B, R>(B batch, CompletableFuture<R> result) {
        B take(BiConsumer<B, R> taking) {
            R found;
            try {
                found = result.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
            taking.accept(batch, found);
            return batch;
        }

        void await() {
            result.handle((found, failure) -> failure).join();
        }
    }
}
