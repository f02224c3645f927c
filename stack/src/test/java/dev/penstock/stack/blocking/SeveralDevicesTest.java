package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.device.MemoryWire;
import dev.penstock.stack.wire.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stacks on several devices, on VLANs, and on none, each on a thread of its own. */
@Timeout(30)
class SeveralDevicesTest {

    private static MemoryWire wire(ThreadParker ours) {
        return MemoryWire.builder().parkers(ours, new ThreadParker()).build();
    }

    private static void echo(TcpListener listener) {
        Thread thread = new Thread(() -> {
            try (TcpSocket s = listener.accept()) {
                s.getInputStream().transferTo(s.getOutputStream());
                s.shutdownOutput();
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void roundTrip(TcpSocket s) throws Exception {
        byte[] said = "through and back".getBytes(StandardCharsets.UTF_8);
        s.getOutputStream().write(said);
        s.shutdownOutput();
        assertArrayEquals(said, s.getInputStream().readAllBytes());
    }

    /** Both wires share a parker, or do not and are looked at in turn; frames of the second wake the thread as well. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aThreadSleepsOnAllDevices(boolean shared) throws Exception {
        ThreadParker parker = new ThreadParker();
        MemoryWire first = wire(parker);
        MemoryWire second = wire(shared ? parker : new ThreadParker());
        try (PenstockStack us = PenstockStack.builder()
                        .idle(IdleMode.BLOCKING)
                        .networkInterface("eth0", first.a(), i -> i.address("192.0.2.1/24"))
                        .networkInterface("eth1", second.a(), i -> i.address("198.51.100.1/24"))
                        .start();
                PenstockStack left = PenstockStack.start(first.b(), "192.0.2.2/24");
                PenstockStack right = PenstockStack.start(second.b(), "198.51.100.2/24");
                TcpListener listener = us.listen(7)) {
            List<Long> times = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Thread.sleep(3); // has the thread fall asleep
                long began = System.nanoTime();
                echo(listener);
                try (TcpSocket s = i % 2 == 0 ? right.connect("198.51.100.1", 7) : left.connect("192.0.2.1", 7)) {
                    roundTrip(s);
                }
                times.add(System.nanoTime() - began);
            }
            // The longest sleep is a second: a thread that does not hear of a device takes that long.
            times.sort(null);
            assertTrue(
                    times.get(10) < TimeUnit.MILLISECONDS.toNanos(300), "a round trip took " + times.get(10) + " ns");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "127.1.2.3"})
    void aStackWithoutADeviceTalksToItself(String address) throws Exception {
        try (PenstockStack stack = PenstockStack.builder().start();
                TcpListener listener = stack.listen(7)) {
            echo(listener);
            try (TcpSocket s = stack.connect(address, 7)) {
                roundTrip(s);
            }
            try (UdpSocket a = stack.udpSocket(9);
                    UdpSocket b = stack.udpSocket()) {
                b.send(new byte[] {1, 2, 3}, 0, 3, Endpoint.of(address, 9));
                byte[] got = new byte[10];
                Received r = a.receive(got);
                assertEquals(3, r.length());
                assertEquals(IpAddress.parse(address).isV4(), r.from().address().isV4());
            }
            assertEquals(0, stack.counters().get(StackCounter.FRAMES_OUT));
            assertThrows(java.io.IOException.class, () -> stack.connect("192.0.2.1", 7), "there is no way out");
        }
    }

    @Test
    void vlansAreInterfacesOfTheirOwn() throws Exception {
        MemoryWire wire = wire(new ThreadParker());
        try (PenstockStack us = PenstockStack.builder()
                        .device(wire.a())
                        .address("192.0.2.1/24")
                        .vlan("eth0", 100, i -> i.address("198.51.100.1/24"))
                        .start();
                PenstockStack peer = PenstockStack.builder()
                        .device(wire.b())
                        .address("192.0.2.2/24")
                        .vlan("eth0", 100, i -> i.address("198.51.100.2/24"))
                        .start();
                TcpListener listener = us.listen(7)) {
            for (String address : List.of("192.0.2.1", "198.51.100.1")) {
                echo(listener);
                try (TcpSocket s = peer.connect(address, 7)) {
                    roundTrip(s);
                }
            }
        }
    }

    @Test
    void whatIsMissingIsNamed() {
        assertEquals(
                "an address, a gateway or DHCP needs a device; for several interfaces, say both at each networkInterface",
                assertThrows(IllegalStateException.class, () -> PenstockStack.builder()
                                .address("192.0.2.1/24")
                                .start())
                        .getMessage());
        try (MemoryWire wire = MemoryWire.plain(1500)) {
            assertEquals(
                    "the device has no address",
                    assertThrows(IllegalStateException.class, () -> PenstockStack.builder()
                                    .device(wire.a())
                                    .start())
                            .getMessage());
        }
    }
}
