package io.sparkqa.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparkqa.model.RobertaForQuestionAnswering;
import io.sparkqa.model.TinyNetwork;
import io.sparkqa.window.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of batches on a device that computes while Java goes on, run on the CPU. */
@Timeout(60)
class LogitsRunnerTest {
    private static final int BATCHES = 4;

    @Test
    void aBatchIsSentWhileTheOneBeforeIsComputed() {
        List<CountDownLatch> sent =
                IntStream.range(0, BATCHES).mapToObj(i -> new CountDownLatch(1)).toList();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        List<String> events = new ArrayList<>();
        sendAhead(
                batch -> {
                    events.add("send " + batch);
                    sent.get(batch).countDown();
                    return () -> {
                        threads.add(Thread.currentThread());
                        // the result is there only after the next batch was sent
                        await(sent.get(Math.min(batch + 1, BATCHES - 1)));
                        return "take " + batch;
                    };
                },
                (batch, result) -> events.add(result));

        assertThat(events)
                .containsExactly("send 0", "send 1", "take 0", "send 2", "take 1", "send 3", "take 2", "take 3");
        assertThat(threads).hasSize(1).doesNotContain(Thread.currentThread());
    }

    @Test
    void theResultsBeforeABatchThatFailsAreTaken() {
        assertThat(takenBefore(batch -> {
                    failIfThird(batch);
                    return () -> batch;
                }))
                .as("as it is sent")
                .containsExactly(0, 1);
        assertThat(takenBefore(batch -> () -> {
                    failIfThird(batch);
                    return batch;
                }))
                .as("as it is computed")
                .containsExactly(0, 1);
    }

    @Test
    void afterAFailureNothingIsComputedAnyMore() {
        Set<Integer> computed = ConcurrentHashMap.newKeySet();
        assertThatThrownBy(() -> sendAhead(
                        batch -> () -> {
                            computed.add(batch);
                            return batch;
                        },
                        (batch, result) -> {
                            throw new IllegalStateException("the sink is full");
                        }))
                .hasMessage("the sink is full");
        assertThat(computed).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void aRunAheadGivesTheSameWindowsAndLogitsInTheSameOrder() {
        List<Window> windows = windows(0, 40);
        try (RobertaForQuestionAnswering inTurn = TinyNetwork.open(TinyNetwork.noDropout());
                RobertaForQuestionAnswering ahead = TinyNetwork.openPacked(0, false)) {
            List<Window> expectedWindows = new ArrayList<>();
            List<float[]> expected = new ArrayList<>();
            new LogitsRunner(inTurn, 100).run(windows, (window, start, end) -> {
                expectedWindows.add(window);
                expected.add(start);
                expected.add(end);
            });
            List<Window> found = new ArrayList<>();
            new LogitsRunner(ahead, 100).run(windows, (window, start, end) -> {
                int i = 2 * found.size();
                found.add(window);
                assertThat(start).containsExactly(expected.get(i), within(1e-5f));
                assertThat(end).containsExactly(expected.get(i + 1), within(1e-5f));
            });
            assertThat(found).hasSize(40).isEqualTo(expectedWindows);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void blocksThatFollowEachOtherHaveTheLogitsThatEachHasAlone(boolean runsAhead) {
        List<List<Window>> blocks = List.of(windows(0, 30), windows(30, 3), List.of(), windows(33, 20));
        try (RobertaForQuestionAnswering network =
                runsAhead ? TinyNetwork.openPacked(0, false) : TinyNetwork.open(TinyNetwork.noDropout())) {
            LogitsRunner runner = new LogitsRunner(network, 100);
            List<String> read = new ArrayList<>();
            List<String> afterFirst = new ArrayList<>();
            List<String> found = new ArrayList<>();
            Iterator<Collected> given = IntStream.range(0, blocks.size())
                    .mapToObj(i -> {
                        read.add("block " + i);
                        return new Collected(blocks.get(i), new ArrayList<>());
                    })
                    .iterator();
            try (WindowLogits.Stream<Collected> computed = runner.stream(given)) {
                while (computed.hasNext()) {
                    found.addAll(computed.next().logits());
                    if (afterFirst.isEmpty()) {
                        afterFirst.addAll(read);
                    }
                }
            }
            List<String> alone = new ArrayList<>();
            for (List<Window> block : blocks) {
                Collected collected = new Collected(block, new ArrayList<>());
                runner.run(block, collected);
                alone.addAll(collected.logits());
            }
            assertThat(found).hasSize(53).isEqualTo(alone);
            assertThat(afterFirst)
                    .as("the blocks that are read when the first is computed")
                    .containsExactlyElementsOf(runsAhead ? List.of("block 0", "block 1") : List.of("block 0"));
        }
    }

    /** Collects the logits of a block, with all their bits. */
    private record Collected(List<Window> windows, List<String> logits) implements WindowLogits.Block {
        @Override
        public void accept(Window window, float[] startLogits, float[] endLogits) {
            logits.add(window.exampleId() + Arrays.toString(startLogits) + Arrays.toString(endLogits));
        }
    }

    @Test
    void whatNobodyAsksForIsNotComputed() {
        Set<Integer> computed = ConcurrentHashMap.newKeySet();
        try (SendAhead<Integer, Integer> ahead = new SendAhead<>(batches(), batch -> () -> {
            computed.add(batch);
            return batch;
        })) {
            ahead.next((batch, result) -> {});
        }
        assertThat(computed).containsExactlyInAnyOrder(0, 1);
    }

    private static <R> void sendAhead(Function<Integer, Supplier<R>> send, BiConsumer<Integer, R> take) {
        try (SendAhead<Integer, R> ahead = new SendAhead<>(batches(), send)) {
            while (ahead.hasNext()) {
                ahead.next(take);
            }
        }
    }

    private static Iterator<Integer> batches() {
        return IntStream.range(0, BATCHES).iterator();
    }

    private static List<Window> windows(int from, int count) {
        SplittableRandom random = new SplittableRandom(3 + from);
        return IntStream.range(from, from + count)
                .mapToObj(i -> new Window(
                        i,
                        "q" + i,
                        0,
                        random.ints(random.nextInt(6, 36), 4, 60).toArray(),
                        1,
                        4,
                        0,
                        0,
                        new int[0],
                        new int[0]))
                .toList();
    }

    private static List<Integer> takenBefore(Function<Integer, Supplier<Integer>> send) {
        List<Integer> taken = new ArrayList<>();
        assertThatThrownBy(() -> sendAhead(send, (batch, result) -> taken.add(result)))
                .hasMessage("the third fails");
        return taken;
    }

    private static void failIfThird(int batch) {
        if (batch == 2) {
            throw new IllegalStateException("the third fails");
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
