package io.sparkqa.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Uses real blocks of malloc that are too small for malloc to give them back one by one. */
@EnabledOnOs(OS.LINUX)
class NativeMemoryTest {
    private static final int BLOCK = 64 << 10;

    /** One block in this many is kept, so that malloc can't join the free blocks around it. */
    private static final int KEPT = 16;

    private final NativeMemory memory = new NativeMemory();
    private final List<Long> kept = new ArrayList<>();
    private double needed;

    @BeforeEach
    void aStepHasShownWhatItNeeds() {
        memory.beforeStep();
        memory.afterStep();
        needed = resident();
    }

    @AfterEach
    void freeTheRest() {
        kept.forEach(Native::free);
    }

    @Test
    void manyHolesAreReturned() {
        double holes = leaveHoles(0.5 * needed);

        memory.beforeStep();

        assertThat(resident()).isLessThan(needed + 0.3 * holes);
    }

    @Test
    void fewHolesStayForTheNextStep() {
        double holes = leaveHoles(0.08 * needed);

        memory.beforeStep();

        assertThat(resident()).isGreaterThan(needed + 0.7 * holes);
    }

    @Test
    void memoryHeldAfterTheFirstStepWithoutHolesIsNeeded() {
        leaveHoles(0.5 * needed);
        memory.beforeStep();
        double holes = leaveHoles(0.5 * needed);
        memory.afterStep();

        memory.beforeStep();

        assertThat(resident()).isGreaterThan(needed + 0.7 * holes);
    }

    @Test
    void memoryHeldBetweenStepsIsNotNeeded() {
        leaveHoles(0.5 * needed);
        memory.beforeStep();
        memory.afterStep();
        double holes = leaveHoles(0.5 * needed);
        memory.afterStep();

        memory.beforeStep();

        assertThat(resident()).isLessThan(needed + 0.3 * holes);
    }

    /** Returns how many megabytes malloc holds and nobody uses. */
    private double leaveHoles(double megabytes) {
        long count = Math.round(megabytes * 1e6 / BLOCK);
        List<Long> blocks = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            long block = Native.malloc(BLOCK);
            new Pointer(block).setMemory(0, BLOCK, (byte) 1);
            blocks.add(block);
        }
        for (int i = 0; i < count; i++) {
            if (i % KEPT == KEPT - 1 || i == count - 1) {
                kept.add(blocks.get(i));
            } else {
                Native.free(blocks.get(i));
            }
        }
        return megabytes * (KEPT - 1) / KEPT;
    }

    private static double resident() {
        return ProcessMemory.resident().orElseThrow();
    }
}
