package dev.penstock.tap;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.FrameHandler;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;

/** Measures what the calls of the data path cost, for the table in the README. Takes a few seconds; needs privilege. */
final class CallCosts {
    private static final int BATCHES = 60;
    private static final int CALLS = 5_000;
    private static final FrameHandler IGNORE = frame -> {};

    private CallCosts() {}

    private interface Action {
        void run(int times);
    }

    public static void main(String[] args) throws Exception {
        System.out.printf("%-52s %8s %8s%n", "median ns", "JNR", "JNA");
        double[][] costs = {measure(NativeBinding.JNR), measure(NativeBinding.JNA)};
        String[] names = {
            "first call, library loading included (ms)",
            "read of an empty eventfd (EAGAIN)",
            "ioctl, variadic",
            "poll() of an empty device",
            "offer() of 64 bytes, nobody listens",
            "offer() of 1514 bytes in two slices, nobody listens",
            "isUp()",
            "wakeUp() of an awake device",
            "wakeUp() and the await() that it ends, one thread",
            "await() of 1 ns",
            "await() of 100 us"
        };
        for (int i = 0; i < names.length; i++) {
            System.out.printf(Locale.ROOT, "%-52s %8.0f %8.0f%n", names[i], costs[0][i], costs[1][i]);
        }
    }

    private static double[] measure(NativeBinding binding) throws Exception {
        long begin = System.nanoTime();
        LibC c = binding.libC();
        int eventFd = c.eventfd(0, Linux.EFD_NONBLOCK | Linux.EFD_CLOEXEC);
        double firstMillis = (System.nanoTime() - begin) / 1e6;
        UnsafeBuffer eight = NativeMemory.allocate(8);
        TapConfig config = TapConfig.builder()
                .binding(binding)
                .macAddress(Frames.STACK_MAC)
                .build();
        // Nothing arrives on a link that is down: there a sleep is a sleep.
        TapConfig down = TapConfig.builder()
                .binding(binding)
                .macAddress(Frames.STACK_MAC)
                .up(false)
                .build();
        try (NetNamespace namespace = NetNamespace.create();
                TapDevice device = namespace.call(() -> TapDevice.open(config));
                TapDevice silent = namespace.call(() -> TapDevice.open(down))) {
            Frame small = Frames.frame(Frames.ethernet(Frames.BROADCAST, Frames.STACK_MAC, 0x88b5, new byte[50]));
            Frame sliced = Frames.frame(Frames.ethernet(Frames.BROADCAST, Frames.STACK_MAC, 0x88b5, new byte[40]));
            sliced.addSlice(Frames.offHeap(new byte[1000]), 0, 1000);
            sliced.addSlice(Frames.offHeap(new byte[460]), 0, 460);
            TimeUnit.SECONDS.sleep(2); // Until the kernel has sent its IPv6 router solicitations.
            device.poll(IGNORE, 100);
            double[] out = {
                firstMillis,
                median(CALLS, n -> {
                    for (int i = 0; i < n; i++) {
                        c.read(eventFd, eight.addressOffset(), 8);
                    }
                }),
                median(CALLS, n -> {
                    for (int i = 0; i < n; i++) {
                        c.ioctl(eventFd, Linux.TUNGETIFF, eight.addressOffset());
                    }
                }),
                median(CALLS, n -> {
                    for (int i = 0; i < n; i++) {
                        device.poll(IGNORE, 64);
                    }
                }),
                median(CALLS, n -> {
                    for (int i = 0; i < n; i++) {
                        device.offer(small);
                    }
                }),
                median(CALLS, n -> {
                    for (int i = 0; i < n; i++) {
                        device.offer(sliced);
                    }
                }),
                median(CALLS, n -> {
                    for (int i = 0; i < n; i++) {
                        device.isUp();
                    }
                }),
                median(CALLS, n -> {
                    for (int i = 0; i < n; i++) {
                        device.wakeUp();
                    }
                }),
                median(CALLS, n -> {
                    for (int i = 0; i < n; i++) {
                        silent.wakeUp();
                        silent.await(1_000_000_000);
                    }
                }),
                median(CALLS, n -> {
                    silent.await(0);
                    for (int i = 0; i < n; i++) {
                        silent.await(1);
                    }
                }),
                median(100, n -> {
                    for (int i = 0; i < n; i++) {
                        silent.await(100_000);
                    }
                })
            };
            c.close(eventFd);
            return out;
        }
    }

    private static double median(int calls, Action action) {
        double[] each = new double[BATCHES];
        for (int i = 0; i < BATCHES; i++) {
            long begin = System.nanoTime();
            action.run(calls);
            each[i] = (double) (System.nanoTime() - begin) / calls;
        }
        Arrays.sort(each, BATCHES / 3, BATCHES); // The first third is the warm-up.
        return each[BATCHES / 3 + BATCHES / 3];
    }
}
