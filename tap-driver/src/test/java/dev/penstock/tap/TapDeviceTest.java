package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.device.DeviceCapabilities;
import dev.penstock.tap.Frames.Received;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A TAP device against the kernel, in a network namespace of its own, through both bindings. */
@Timeout(30)
class TapDeviceTest {
    private static final int KERNEL = Frames.address(10, 9, 0, 1);
    private static final int STACK = Frames.address(10, 9, 0, 2);
    private static final int UDP = 17;

    private NetNamespace namespace;
    private final List<TapDevice> open = new ArrayList<>();

    @BeforeEach
    void makeNamespace() throws Exception {
        TapRequirement.check();
        namespace = NetNamespace.create();
    }

    @AfterEach
    void removeNamespace() {
        open.forEach(TapDevice::close);
        if (namespace != null) {
            namespace.close();
        }
    }

    private static TapConfig.Builder config(NativeBinding binding) {
        return TapConfig.builder()
                .binding(binding)
                .macAddress(Frames.STACK_MAC)
                .name("tap7")
                .hostAddress("10.9.0.1/24");
    }

    private TapDevice open(TapConfig.Builder builder) throws Exception {
        TapConfig config = builder.build();
        TapDevice device = namespace.call(() -> TapDevice.open(config));
        open.add(device);
        return device;
    }

    private String run(String... command) throws Exception {
        Process process = namespace.start(new ProcessBuilder(command).redirectErrorStream(true));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> String.join(" ", command) + ": " + output);
        return output;
    }

    private DatagramSocket kernelSocket() throws Exception {
        return namespace.call(() -> {
            DatagramSocket socket = new DatagramSocket(5000, InetAddress.getByName("10.9.0.1"));
            socket.setSoTimeout(2000);
            return socket;
        });
    }

    private static void sendToStack(DatagramSocket socket, int bytes) throws Exception {
        byte[] payload = new byte[bytes];
        socket.send(new DatagramPacket(payload, bytes, InetAddress.getByName("10.9.0.2"), 6000));
    }

    /** Answers the kernel's ARP request for the stack's address and returns the kernel's MAC address. */
    private long resolve(TapDevice device) throws Exception {
        try (DatagramSocket socket = kernelSocket()) {
            sendToStack(socket, 1);
        }
        Received request = Frames.await(device, 3000, f -> f.isArpRequestFor(STACK));
        assertNotNull(request, "the kernel must ask for the stack's address");
        assertEquals(Frames.BROADCAST, request.mac(0));
        assertEquals(KERNEL, request.u32(28));
        long kernelMac = request.mac(22);
        byte[] reply = Frames.ethernet(
                kernelMac, Frames.STACK_MAC, Frames.ARP, Frames.arp(2, Frames.STACK_MAC, STACK, kernelMac, KERNEL));
        assertEquals(1, device.offer(Frames.frame(reply)));
        assertNotNull(Frames.await(device, 3000, f -> f.isIpv4(UDP)), "the datagram that waited for ARP must arrive");
        return kernelMac;
    }

    private static byte[] datagram(long kernelMac, byte[] payload, boolean finished) {
        int length = 8 + payload.length;
        int pseudo = Frames.pseudoSum(UDP, STACK, KERNEL, length);
        byte[] udp = Frames.udp(6000, 5000, payload, finished ? 0 : pseudo);
        if (finished) {
            Frames.put16(udp, 6, ~Frames.fold(pseudo + Frames.sum(udp, 0, udp.length)) & 0xffff);
        }
        return Frames.ethernet(kernelMac, Frames.STACK_MAC, Frames.IPV4, Frames.ipv4(UDP, STACK, KERNEL, udp));
    }

    private static byte[] pattern(int length) {
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            out[i] = (byte) (i * 31 + i / 251);
        }
        return out;
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void setsUpTheKernelsSideItself(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding)
                .mtu(1400)
                .txQueueLength(777)
                .hostAddress("10.9.1.1/31")
                .hostAddress("fd00:9::1/64"));
        assertEquals("tap7", device.name());
        assertEquals(1400, device.capabilities().mtu());
        assertEquals(Frames.STACK_MAC, device.macAddress());
        assertTrue(device.isUp());
        String addresses = run("ip", "-j", "addr", "show", "dev", "tap7").replace(" ", "");
        assertTrue(addresses.contains("\"mtu\":1400"), addresses);
        assertTrue(addresses.contains("\"txqlen\":777"), addresses);
        assertTrue(addresses.contains("\"UP\""), addresses);
        assertTrue(
                addresses.contains("\"local\":\"10.9.0.1\",\"prefixlen\":24,\"broadcast\":\"10.9.0.255\""), addresses);
        assertTrue(addresses.contains("\"local\":\"10.9.1.1\",\"prefixlen\":31,\"scope\""), addresses);
        assertTrue(
                addresses.contains("\"local\":\"fd00:9::1\",\"prefixlen\":64,\"scope\":\"global\",\"nodad\":true"),
                "usable at once: " + addresses);

        device.close();
        device.close();
        assertFalse(device.isUp());
        assertFalse(run("ip", "-j", "link").contains("tap7"), "the interface must be gone with its device");
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void theKernelChoosesANameAndLeavesTheLinkDown(NativeBinding binding) throws Exception {
        TapDevice device = open(TapConfig.builder()
                .binding(binding)
                .macAddress(Frames.STACK_MAC)
                .up(false));
        assertEquals("tap0", device.name());
        assertFalse(device.isUp());
        byte[] frame = Frames.ethernet(Frames.BROADCAST, Frames.STACK_MAC, 0x88b5, new byte[50]);
        assertEquals(1, device.offer(Frames.frame(frame)), "a frame on a link that is down is lost, not stuck");
        assertEquals(1, device.errors());
        run("ip", "link", "set", "tap0", "up");
        assertTrue(device.isUp());
        assertEquals(1, device.offer(Frames.frame(frame)));
        assertEquals(1, device.errors());
        run("ip", "link", "set", "tap0", "down");
        assertEquals(1, device.offer(Frames.frame(frame)));
        assertFalse(device.isUp());
        assertEquals(2, device.errors());
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void framesGoInAndOutWithAndWithoutSlices(NativeBinding binding) throws Exception {
        for (boolean vnet : new boolean[] {true, false}) {
            TapDevice device = open(config(binding).vnetHeader(vnet));
            assertEquals(vnet, device.hasVnetHeader());
            assertEquals(vnet, device.capabilities().txChecksum());
            assertEquals(vnet, device.capabilities().tso4());
            long kernelMac = resolve(device);
            byte[] payload = pattern(1000);
            byte[] frame = datagram(kernelMac, payload, true);
            try (DatagramSocket socket = kernelSocket()) {
                DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
                assertEquals(1, device.offer(Frames.frame(frame)));
                socket.receive(packet);
                assertArrayEquals(payload, Arrays.copyOf(packet.getData(), packet.getLength()));

                assertEquals(1, device.offer(sliced(frame, 42, Frame.HEADROOM)));
                socket.receive(packet);
                assertArrayEquals(payload, Arrays.copyOf(packet.getData(), packet.getLength()));

                // Without room for the virtio-net header in front of the head it is a piece of its own.
                assertEquals(1, device.offer(sliced(frame, 42, 4)));
                socket.receive(packet);
                assertArrayEquals(payload, Arrays.copyOf(packet.getData(), packet.getLength()));
            }
            assertEquals(0, device.errors());
            device.close();
        }
    }

    /** The frame with its first {@code head} bytes in place and the rest in as many slices as there can be. */
    private static Frame sliced(byte[] bytes, int head, int headroom) {
        Frame frame = new Frame(bytes.length);
        frame.reset(headroom);
        frame.buffer().putBytes(frame.append(head), bytes, 0, head);
        int at = head;
        for (int i = 0; i < Frame.MAX_SLICES; i++) {
            int end = i == Frame.MAX_SLICES - 1 ? bytes.length : at + (bytes.length - head) / Frame.MAX_SLICES;
            byte[] slice = new byte[3 + end - at];
            System.arraycopy(bytes, at, slice, 3, end - at);
            frame.addSlice(Frames.offHeap(slice), 3, end - at);
            at = end;
        }
        return frame;
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void theKernelFinishesChecksumsAndHandsOverUnfinishedOnes(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding));
        long kernelMac = resolve(device);
        byte[] payload = pattern(777);
        Frame frame = Frames.frame(datagram(kernelMac, payload, false));
        frame.tx().checksumNeeded = true;
        frame.tx().csumStart = 34;
        frame.tx().csumOffset = 6;
        try (DatagramSocket socket = kernelSocket()) {
            assertEquals(1, device.offer(frame));
            DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
            socket.receive(packet);
            assertArrayEquals(payload, Arrays.copyOf(packet.getData(), packet.getLength()));

            sendToStack(socket, 100);
            Received received = Frames.await(device, 2000, f -> f.isIpv4(UDP));
            assertNotNull(received);
            assertTrue(received.partial(), "a local sender leaves the checksum to the device");
            assertEquals(0, received.gsoSize());
            assertEquals(Frames.pseudoSum(UDP, KERNEL, STACK, 108), received.u16(40));
        }
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void aPlainDeviceGetsFinishedChecksumsAndRefusesUnfinishedOnes(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding).vnetHeader(false));
        long kernelMac = resolve(device);
        try (DatagramSocket socket = kernelSocket()) {
            sendToStack(socket, 100);
            Received received = Frames.await(device, 2000, f -> f.isIpv4(UDP));
            assertNotNull(received);
            assertFalse(received.partial());
            long sum = Frames.pseudoSum(UDP, KERNEL, STACK, 108) + Frames.sum(received.bytes(), 34, 108);
            assertEquals(0xffff, Frames.fold(sum));
            Frame frame = Frames.frame(datagram(kernelMac, pattern(10), false));
            frame.tx().checksumNeeded = true;
            assertEquals(1, device.offer(frame), "never sent, never asked for again");
            assertEquals(1, device.errors());
        }
    }

    /** A super-datagram goes in and is cut by the kernel: what a super-segment needs, without a TCP connection. */
    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void theKernelCutsSuperFrames(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding));
        assertTrue(device.capabilities().uso());
        long kernelMac = resolve(device);
        byte[] payload = pattern(10 * 1400 + 100);
        byte[] bytes = datagram(kernelMac, payload, false);
        Frame frame = sliced(bytes, 42, Frame.HEADROOM);
        frame.tx().checksumNeeded = true;
        frame.tx().csumStart = 34;
        frame.tx().csumOffset = 6;
        frame.tx().gsoType = TxOffload.GSO_UDP_L4;
        frame.tx().gsoSize = 1400;
        frame.tx().headerLength = 42;
        try (DatagramSocket socket = kernelSocket()) {
            assertEquals(11, device.offer(frame), "all pieces are taken at once");
            DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
            for (int i = 0; i < 11; i++) {
                socket.receive(packet);
                byte[] piece = Arrays.copyOfRange(payload, i * 1400, Math.min(payload.length, (i + 1) * 1400));
                assertArrayEquals(piece, Arrays.copyOf(packet.getData(), packet.getLength()), "piece " + i);
            }
        }
        assertEquals(0, device.errors());
    }

    /** 40 KB each way over a TCP connection: what leaves and what arrives are super-segments with a GSO size. */
    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void superSegmentsOfTcpGoBothWays(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding));
        long kernelMac = resolve(device);
        byte[] payload = pattern(40_000);
        TcpPeer peer = new TcpPeer(device, kernelMac, STACK, KERNEL, 5001);
        try (ServerSocket server = namespace.call(() -> new ServerSocket(5001, 1, InetAddress.getByName("10.9.0.1")))) {
            peer.connect();
            try (Socket socket = server.accept()) {
                socket.setSoTimeout(5000);
                assertEquals(28, peer.send(payload), "40,000 bytes are 28 segments of 1448");
                assertArrayEquals(payload, socket.getInputStream().readNBytes(payload.length));

                socket.getOutputStream().write(payload);
                assertArrayEquals(payload, peer.receive(payload.length));
                assertTrue(TcpPeer.payloadLength(peer.largest) > TcpPeer.MSS, "joined segments must arrive");
                assertEquals(TcpPeer.MSS, peer.largest.gsoSize());
                assertTrue(peer.largest.partial());
            }
        }
        assertEquals(0, device.errors());
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void withoutSegmentationItOffersChecksumsOnlyAndGetsNoJoinedFrames(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding).segmentation(false));
        assertEquals(new DeviceCapabilities(1500, true, false, false, false, 1500), device.capabilities());
        long kernelMac = resolve(device);
        TcpPeer peer = new TcpPeer(device, kernelMac, STACK, KERNEL, 5001);
        try (ServerSocket server = namespace.call(() -> new ServerSocket(5001, 1, InetAddress.getByName("10.9.0.1")))) {
            peer.connect();
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(pattern(10_000));
                assertArrayEquals(pattern(10_000), peer.receive(10_000));
                assertEquals(TcpPeer.MSS, TcpPeer.payloadLength(peer.largest));
                assertEquals(0, peer.largest.gsoSize());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void anEmptyDeviceAndALimitedPollHandOverNoMore(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding).burst(2));
        resolve(device);
        drain(device);
        assertEquals(0, device.poll(frame -> {}, 100));
        try (DatagramSocket socket = kernelSocket()) {
            for (int i = 0; i < 5; i++) {
                sendToStack(socket, 10);
            }
        }
        List<Integer> alignments = new ArrayList<>();
        assertEquals(1, device.poll(frame -> alignments.add(alignment(frame)), 1));
        assertEquals(2, device.poll(frame -> alignments.add(alignment(frame)), 100), "no more than the burst");
        assertEquals(List.of(0, 0, 0), alignments, "IP headers are aligned to four bytes");
        assertEquals(0, device.errors());
    }

    private static int alignment(Frame frame) {
        return (int) ((frame.buffer().addressOffset() + frame.start() + 14) % 4);
    }

    private static void drain(TapDevice device) {
        do {
            device.await(TimeUnit.MILLISECONDS.toNanos(50));
        } while (device.poll(frame -> {}, 100) > 0);
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void whatTheKernelRefusesIsCountedNotThrown(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding));
        assertEquals(1, device.offer(Frames.frame(new byte[5])));
        Frame frame = Frames.frame(new byte[100]);
        frame.tx().checksumNeeded = true;
        frame.tx().csumStart = 5000;
        assertEquals(1, device.offer(frame));
        assertEquals(2, device.errors());
        device.close();
        assertEquals(1, device.offer(Frames.frame(new byte[100])));
        assertEquals(0, device.poll(f -> {}, 10));
        assertEquals(3, device.errors());
        device.wakeUp();
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void anInterfaceThatAnotherDeletesIsGoneAndSleepsStill(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding));
        run("ip", "link", "del", "tap7");
        device.await(TimeUnit.SECONDS.toNanos(5));
        device.poll(f -> {}, 10);
        assertFalse(device.isUp());
        assertEquals(1, device.offer(Frames.frame(new byte[100])));
        long begin = System.nanoTime();
        device.await(TimeUnit.MILLISECONDS.toNanos(50));
        assertTrue(System.nanoTime() - begin >= TimeUnit.MILLISECONDS.toNanos(50), "must not spin");
        device.wakeUp();
        device.await(TimeUnit.SECONDS.toNanos(20));
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void anotherDeviceOfTheSameNameIsBusyUntilTheFirstIsClosed(NativeBinding binding) throws Exception {
        TapDevice first = open(config(binding));
        TapException busy = assertThrows(TapException.class, () -> open(config(binding)));
        assertEquals(Errno.EBUSY, busy.errno());
        assertTrue(
                busy.getMessage().contains("tap7") && busy.getMessage().contains("another process"), busy.getMessage());

        Thread closer = new Thread(() -> {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            first.close();
        });
        closer.start();
        assertEquals("tap7", open(config(binding)).name(), "a busy interface is tried again");
        closer.join();
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void attachesToAPersistentDeviceAndLeavesIt(NativeBinding binding) throws Exception {
        run("ip", "tuntap", "add", "dev", "tap7", "mode", "tap");
        run("ip", "link", "set", "tap7", "mtu", "1400", "up");
        TapDevice device = open(config(binding).mtu(1400));
        assertTrue(device.isUp());
        resolve(device);
        device.close();
        assertTrue(run("ip", "link").contains("tap7"));
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void opensSeveralQueues(NativeBinding binding) throws Exception {
        TapConfig config = config(binding).multiQueue(true).build();
        List<TapDevice> queues = namespace.call(() -> TapDevice.openQueues(config, 3));
        open.addAll(queues);
        assertEquals(3, queues.size());
        for (TapDevice queue : queues) {
            assertEquals("tap7", queue.name());
            assertTrue(queue.isUp());
        }
        TapConfig single = config(binding).build();
        TapException e = assertThrows(TapException.class, () -> TapDevice.openQueues(single, 2));
        assertTrue(e.getMessage().contains("multiQueue(true)"), e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void aNameThatIsNoTapIsRefused(NativeBinding binding) {
        TapException e =
                assertThrows(TapException.class, () -> open(config(binding).name("lo")));
        assertEquals(Errno.EINVAL, e.errno());
        assertTrue(e.getMessage().contains("TAP interface lo"), e.getMessage());
        assertTrue(e.getMessage().contains("choose another name"), e.getMessage());
        assertNull(e.getCause());
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void oneSleepEndsForFramesOfSeveralDevices(NativeBinding binding) throws Exception {
        TapDevice first = open(config(binding));
        TapDevice second = open(config(binding).name("tap8").hostAddress("10.9.8.1/24"));
        assertTrue(first.awaitAlso(second.sleepsOn()));
        drain(first);
        drain(second);
        long began = System.nanoTime();
        try (DatagramSocket socket = kernelSocket()) {
            // The kernel asks for an address on the second link.
            socket.send(new DatagramPacket(new byte[1], 1, InetAddress.getByName("10.9.8.2"), 6000));
        }
        Received request = null;
        while (request == null && System.nanoTime() - began < TimeUnit.SECONDS.toNanos(5)) {
            first.await(TimeUnit.SECONDS.toNanos(10));
            request = Frames.await(second, 1, f -> f.isArpRequestFor(Frames.address(10, 9, 8, 2)));
        }
        assertNotNull(request);
        assertTrue(System.nanoTime() - began < TimeUnit.SECONDS.toNanos(5), "the sleep did not end");
        drain(first);
        drain(second);
        long asleep = System.nanoTime();
        first.wakeUp();
        first.await(TimeUnit.SECONDS.toNanos(10));
        assertTrue(System.nanoTime() - asleep < TimeUnit.SECONDS.toNanos(5), "it is woken as before");
        second.close();
        first.await(TimeUnit.MILLISECONDS.toNanos(5));
        assertTrue(first.isUp());
    }

    @ParameterizedTest
    @EnumSource(NativeBinding.class)
    void sleepsExactlyAndIsWokenFromAnotherThread(NativeBinding binding) throws Exception {
        TapDevice device = open(config(binding).up(false));
        long begin = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            device.await(100_000);
        }
        long slept = System.nanoTime() - begin;
        assertTrue(slept >= 20 * 100_000, "a short sleep must not become none: " + slept);
        assertTrue(slept < TimeUnit.SECONDS.toNanos(2), "nor a long one: " + slept);

        device.wakeUp();
        device.wakeUp();
        begin = System.nanoTime();
        device.await(Long.MAX_VALUE);
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(5), "woken before it slept");
        begin = System.nanoTime();
        device.await(20_000_000);
        assertTrue(System.nanoTime() - begin >= 20_000_000, "two wake-ups before a sleep are one");

        Thread waker = new Thread(() -> {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            device.wakeUp();
        });
        waker.start();
        device.await(Long.MAX_VALUE);
        waker.join();
        begin = System.nanoTime();
        device.await(0);
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(1));
    }
}
