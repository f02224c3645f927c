package dev.penstock.tap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the device makes of answers that a TAP interface rarely gives: the C library answers here as it is told. */
@Timeout(30)
class BackPressureTest {
    private NetNamespace namespace;
    private TapDevice device;
    /** What write and writev answer, or 0 to let the kernel. */
    private int writeAnswer;
    /** What read answers, or 0 to let the kernel. */
    private int readAnswer;
    /** Names of the calls that wrote. */
    private final List<String> called = new ArrayList<>();
    /** Which events of the TAP device the last ppoll waited for. */
    private int awaited;

    @BeforeEach
    void open() throws Exception {
        TapRequirement.check();
        LibC real = NativeBinding.JNR.libC();
        LibC told = (LibC) Proxy.newProxyInstance(
                LibC.class.getClassLoader(), new Class<?>[] {LibC.class}, (proxy, method, args) -> {
                    boolean write = method.getName().startsWith("write") && device != null;
                    if (write) {
                        called.add(method.getName());
                    }
                    if (write && writeAnswer != 0) {
                        return (long) writeAnswer;
                    }
                    if (method.getName().equals("read") && device != null && readAnswer != 0) {
                        return (long) readAnswer;
                    }
                    if (method.getName().equals("ppoll")) {
                        UnsafeBuffer fds = new UnsafeBuffer((long) args[0], Linux.POLLFD_LENGTH);
                        awaited = fds.getShort(Linux.POLLFD_EVENTS);
                    }
                    try {
                        return method.invoke(real, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        namespace = NetNamespace.create();
        TapConfig config = TapConfig.builder().macAddress(Frames.STACK_MAC).build();
        device = namespace.call(() -> TapDevice.open(config, told));
    }

    @AfterEach
    void close() {
        if (device != null) {
            device.close();
        }
        if (namespace != null) {
            namespace.close();
        }
    }

    private static Frame frame() {
        return Frames.frame(Frames.ethernet(Frames.BROADCAST, Frames.STACK_MAC, 0x88b5, new byte[50]));
    }

    @Test
    void aFullQueueTakesNothingAndTheNextSleepWaitsForRoom() {
        device.await(1);
        assertEquals(Linux.POLLIN, awaited);
        writeAnswer = -Errno.EAGAIN;
        assertEquals(0, device.offer(frame()));
        assertEquals(0, device.errors());
        assertTrue(device.isUp());
        device.await(Long.MAX_VALUE);
        assertEquals(Linux.POLLIN | Linux.POLLOUT, awaited);
        device.await(1);
        assertEquals(Linux.POLLIN, awaited, "room was announced once");
        writeAnswer = 0;
        assertEquals(1, device.offer(frame()));
    }

    @Test
    void otherRefusalsAreLossesThatAreCounted() {
        int errors = 0;
        for (int errno : new int[] {Errno.ENOMEM, Errno.ENOBUFS, Errno.EINVAL, Errno.EFAULT, Errno.EIO, 200}) {
            writeAnswer = -errno;
            Frame frame = frame();
            frame.tx().gsoType = TxOffload.GSO_TCPV4;
            frame.tx().gsoSize = 10;
            frame.tx().headerLength = 34;
            assertEquals(3, device.offer(frame), "all 30 bytes of it, " + Errno.describe(errno));
            assertEquals(++errors, device.errors());
        }
        writeAnswer = 0;
        assertTrue(device.isUp(), "EIO is over: the link is up");
        assertEquals(1, device.offer(frame()));
    }

    @Test
    void readsThatFailOrAreCutOffHandOverNothing() {
        int[] nothing = {-Errno.EAGAIN, -Errno.EINTR};
        for (int answer : nothing) {
            readAnswer = answer;
            assertEquals(0, device.poll(f -> {}, 10));
            assertEquals(0, device.errors());
        }
        readAnswer = VnetHeader.LENGTH + 13;
        assertEquals(0, device.poll(f -> {}, 1), "too short for an Ethernet header");
        assertEquals(1, device.errors());
        readAnswer = VnetHeader.LENGTH + 65_536 + 14 + 8 + 1;
        assertEquals(0, device.poll(f -> {}, 1), "filled to the brim: cut off");
        assertEquals(2, device.errors());
        readAnswer = VnetHeader.LENGTH + 65_536 + 14 + 8;
        assertEquals(1, device.poll(f -> assertEquals(65_558, f.length()), 1));
        readAnswer = -Errno.EBADFD;
        assertEquals(0, device.poll(f -> {}, 10));
        assertEquals(3, device.errors());
        assertFalse(device.isUp());
    }

    @Test
    void afterAQuietTimeASingleFrameIsReadAndThenTwiceAsManyEachTimeUpToTheBurst() {
        readAnswer = -Errno.EAGAIN;
        assertEquals(0, device.poll(f -> {}, 100));
        readAnswer = VnetHeader.LENGTH + 60;
        for (int expected : new int[] {1, 2, 4, 8, 16, 32, 64, 64}) {
            assertEquals(expected, device.poll(f -> {}, 100));
        }
        assertEquals(5, device.poll(f -> {}, 5), "no more than asked for");
        readAnswer = -Errno.EAGAIN;
        assertEquals(0, device.poll(f -> {}, 100));
        readAnswer = VnetHeader.LENGTH + 60;
        assertEquals(1, device.poll(f -> {}, 100), "quiet again");
    }

    @Test
    void aShortPayloadIsWrittenInOnePieceAndTheFrameStaysAsItWas() {
        UnsafeBuffer payload = NativeMemory.allocate(1024);
        for (int length : new int[] {1, 256, 257, 1024}) {
            Frame frame = new Frame(400);
            frame.append(60);
            int head = frame.headLength();
            frame.addSlice(payload, 0, length / 2);
            frame.addSlice(payload, length / 2, length - length / 2);
            called.clear();
            assertEquals(1, device.offer(frame));
            assertEquals(List.of(length <= 256 ? "write" : "writev"), called);
            assertEquals(head, frame.headLength());
            assertEquals(head + length, frame.length());
        }
    }
}
