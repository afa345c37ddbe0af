package io.sparkqa.decode;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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
final class SendAhead {
    private SendAhead() {}

    /**
     * Sends all batches and takes their results, both in order and on the calling thread. If a batch fails, the results
     * before it are taken first.
     *
     * @param send begins a batch and returns what waits for its result
     * @param take takes a batch's result
     */
    static <B, R> void run(List<B> batches, Function<B, Supplier<R>> send, BiConsumer<B, R> take) {
        ExecutorService waiting = Executors.newSingleThreadExecutor(work -> {
            Thread worker = new Thread(work, "logits");
            worker.setDaemon(true);
            return worker;
        });
        Deque<Sent<B, R>> sent = new ArrayDeque<>();
        try {
            for (B batch : batches) {
                sent.add(sent(batch, send, waiting));
                if (sent.size() > 1) {
                    sent.remove().take(take);
                }
            }
            while (!sent.isEmpty()) {
                sent.remove().take(take);
            }
        } finally {
            // after a failure too, nothing is computed any more when this method returns
            sent.forEach(Sent::await);
            waiting.shutdown();
        }
    }

    private static <B, R> Sent<B, R> sent(B batch, Function<B, Supplier<R>> send, ExecutorService waiting) {
        try {
            return new Sent<>(batch, CompletableFuture.supplyAsync(send.apply(batch), waiting));
        } catch (RuntimeException e) {
            return new Sent<>(batch, CompletableFuture.failedFuture(e));
        }
    }

    private record Sent<B, R>(B batch, CompletableFuture<R> result) {
        void take(BiConsumer<B, R> taking) {
            R found;
            try {
                found = result.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
            taking.accept(batch, found);
        }

        void await() {
            result.handle((found, failure) -> failure).join();
        }
    }
}
