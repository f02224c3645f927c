package dev.penstock.stack.shard;

import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.device.Sleeper;
import java.util.List;

/**
 * What an idle shard sleeps on: its device; of several, the first, which also looks after the others ({@link
 * BlockingDevice#awaitAlso}). Devices of different kinds cannot be slept on together: then the others are looked at every
 * millisecond. Shard thread, but for {@link #wakeUp}.
 */
final class ShardSleep {
    /** Between two looks at devices that cannot be slept on. */
    private static final long SLICE_NS = 1_000_000;

    private final Sleeper sleeper;
    private final BlockingDevice[] delaying;
    private final boolean joined;

    /**
     * @param devices of the shard, perhaps none
     * @param otherwise what to sleep on without a device, or null
     */
    ShardSleep(List<? extends NetworkDevice> devices, Sleeper otherwise) {
        BlockingDevice first = null;
        boolean all = true;
        for (NetworkDevice device : devices) {
            if (!(device instanceof BlockingDevice blocking)) {
                all = false;
            } else if (first == null) {
                first = blocking;
            } else {
                all &= first.awaitAlso(blocking.sleepsOn());
            }
        }
        sleeper = devices.isEmpty() ? otherwise : first;
        joined = all;
        delaying = devices.stream()
                .filter(d -> d instanceof BlockingDevice)
                .map(d -> (BlockingDevice) d)
                .toArray(BlockingDevice[]::new);
    }

    /** False when it cannot sleep at all. */
    boolean isPossible() {
        return sleeper != null;
    }

    void await(long timeoutNs) {
        long timeout = joined ? timeoutNs : Math.min(timeoutNs, SLICE_NS);
        for (int i = 1; i < delaying.length; i++) {
            timeout = Math.min(timeout, delaying[i].dueInNs());
        }
        if (timeout > 0) {
            sleeper.await(timeout);
        }
    }

    /** Any thread. */
    void wakeUp() {
        if (sleeper != null) {
            sleeper.wakeUp();
        }
    }
}
