package dev.penstock.perf.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** Processors, and which of them a thread may run on. */
public final class Cpu {
    /** No processor in particular: a thread is left where the scheduler puts it. */
    public static final int ANY = -1;

    private static final int MASK_BYTES = 128;
    private static final List<Integer> ALLOWED = allowed();

    private Cpu() {}

    /** The processors that this process may use, by number. */
    public static List<Integer> usable() {
        return ALLOWED;
    }

    private static List<Integer> allowed() {
        UnsafeBuffer mask = new UnsafeBuffer(ByteBuffer.allocateDirect(MASK_BYTES));
        if (KernelCalls.C.sched_getaffinity(0, MASK_BYTES, mask.addressOffset()) < 0) {
            return List.of(0);
        }
        List<Integer> found = new ArrayList<>();
        for (int cpu = 0; cpu < MASK_BYTES * Byte.SIZE; cpu++) {
            if ((mask.getByte(cpu / Byte.SIZE) >> (cpu % Byte.SIZE) & 1) != 0) {
                found.add(cpu);
            }
        }
        return List.copyOf(found);
    }

    /** Has the calling thread run on {@code cpu} alone from now on; {@link #ANY} for all that the process may use. */
    public static void pin(int cpu) {
        UnsafeBuffer mask = new UnsafeBuffer(ByteBuffer.allocateDirect(MASK_BYTES));
        mask.setMemory(0, MASK_BYTES, (byte) 0);
        for (int each : cpu == ANY ? ALLOWED : List.of(cpu)) {
            mask.putByte(each / Byte.SIZE, (byte) (mask.getByte(each / Byte.SIZE) | 1 << each % Byte.SIZE));
        }
        int result = KernelCalls.told(KernelCalls.C.sched_setaffinity(0, MASK_BYTES, mask.addressOffset()));
        if (result < 0) {
            throw new IllegalStateException("a thread cannot be put on processor " + cpu + ": error " + -result);
        }
    }
}
