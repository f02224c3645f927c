package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.FrameHandler;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Warmed up, the data path allocates nothing, through either binding. */
@Timeout(60)
class AllocationTest {
    private static final FrameHandler IGNORE = frame -> {};

    @Test
    void jnrAllocatesNothing() throws Exception {
        assertAllocatesNothing(NativeBinding.JNR);
    }

    @Test
    void jnaAllocatesNothing() throws Exception {
        assertAllocatesNothing(NativeBinding.JNA);
    }

    private static void assertAllocatesNothing(NativeBinding binding) throws Exception {
        TapRequirement.check();
        TapConfig config = TapConfig.builder()
                .binding(binding)
                .macAddress(Frames.STACK_MAC)
                .build();
        try (NetNamespace namespace = NetNamespace.create();
                TapDevice device = namespace.call(() -> TapDevice.open(config))) {
            byte[] bytes = Frames.ethernet(Frames.BROADCAST, Frames.STACK_MAC, 0x88b5, new byte[100]);
            Frame whole = Frames.frame(bytes);
            Frame sliced = Frames.frame(bytes);
            sliced.addSlice(Frames.offHeap(new byte[1000]), 0, 1000);
            run(device, whole, sliced, 20_000);
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            threads.getCurrentThreadAllocatedBytes();
            long best = Long.MAX_VALUE;
            // The first rounds may still see a compiler's or a class loader's own allocations.
            for (int round = 0; round < 5 && best > 0; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                run(device, whole, sliced, 2_000);
                best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
            }
            assertEquals(0, best, "bytes in 2,000 rounds");
        }
    }

    private static void run(TapDevice device, Frame whole, Frame sliced, int rounds) {
        for (int i = 0; i < rounds; i++) {
            device.offer(whole);
            device.offer(sliced);
            device.poll(IGNORE, 16);
            device.isUp();
            device.wakeUp();
            device.await(TimeUnit.SECONDS.toNanos(1));
            device.await(0);
        }
    }
}
