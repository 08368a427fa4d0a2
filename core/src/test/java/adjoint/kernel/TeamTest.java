package adjoint.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

class TeamTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void runsEachTaskOnce(int size) {
        try (var team = new Team(size)) {
            for (int round = 0; round < 2000; round++) {
                int count = round % 40;
                var calls = new AtomicIntegerArray(count);
                team.run(count, calls::incrementAndGet);
                for (int i = 0; i < count; i++) {
                    assertEquals(1, calls.get(i));
                }
            }
        }
    }

    @Test
    void eachThreadBeginsWithItsOwnShare() {
        try (var team = new Team(3)) {
            for (int round = 0; round < 50; round++) {
                var first = new ConcurrentHashMap<Thread, Integer>();
                var begun = new CountDownLatch(3);
                team.run(
                        12,
                        i -> {
                            if (first.putIfAbsent(Thread.currentThread(), i) == null) {
                                begun.countDown();
                                await(begun); // so that nobody is done before all have begun
                            }
                        });
                assertEquals(Set.of(0, 4, 8), Set.copyOf(first.values()));
                assertEquals(0, first.get(Thread.currentThread()));
            }
        }
    }

    @Test
    void workersThatSleptWakeUp() throws InterruptedException {
        try (var team = new Team(3)) {
            for (int round = 0; round < 50; round++) {
                Thread.sleep(2); // long enough for the workers to park
                var calls = new AtomicInteger();
                team.run(5, _ -> calls.incrementAndGet());
                assertEquals(5, calls.get());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aFailureReachesTheCallerAndTheTeamWorksOn(int size) {
        try (var team = new Team(size)) {
            var thrown =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    team.run(
                                            10,
                                            i -> {
                                                if (i == 4) {
                                                    throw new IllegalArgumentException("task 4");
                                                }
                                            }));
            assertEquals("task 4", thrown.getMessage());
            var calls = new AtomicInteger();
            team.run(10, _ -> calls.incrementAndGet());
            assertEquals(10, calls.get());
        }
    }

    @Test
    void anErrorStaysAnError() {
        try (var team = new Team(2)) {
            assertThrows(
                    StackOverflowError.class,
                    () ->
                            team.run(
                                    4,
                                    _ -> {
                                        throw new StackOverflowError();
                                    }));
        }
    }

    @Test
    void aTaskMayRunTasks() {
        try (var team = new Team(3)) {
            var calls = new AtomicInteger();
            team.run(20, _ -> team.run(5, _ -> calls.incrementAndGet()));
            assertEquals(100, calls.get());
        }
    }

    @Test
    void whoFindsTheTeamBusyWorksAlone() throws InterruptedException {
        try (var team = new Team(2)) {
            var entered = new CountDownLatch(1);
            var release = new CountDownLatch(1);
            var first =
                    Thread.ofPlatform()
                            .start(() ->
                                    team.run(
                                            2,
                                            _ -> {
                                                entered.countDown();
                                                await(release);
                                            }));
            entered.await();
            Thread caller = Thread.currentThread();
            team.run(10, _ -> assertEquals(caller, Thread.currentThread()));
            release.countDown();
            first.join();
        }
    }

    @Test
    void aClosedTeamWorksAlone() throws InterruptedException {
        var team = new Team(3);
        team.close();
        Thread.sleep(20);
        var calls = new AtomicInteger();
        team.run(10, _ -> calls.incrementAndGet());
        assertEquals(10, calls.get());
    }

    @Test
    void refusesToHaveNobody() {
        var thrown = assertThrows(IllegalArgumentException.class, () -> new Team(0));
        assertEquals("a team needs at least 1 thread, got 0", thrown.getMessage());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
