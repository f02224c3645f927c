package dev.penstock.conformance.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.blocking.PacketSocket;
import dev.penstock.stack.blocking.RawPacket;
import dev.penstock.stack.blocking.RawSocket;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.tap.TapRequirement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Packet and raw sockets of the stack, and those of Linux on the other side. */
@Timeout(60)
class RawSocketPeerTest extends LinkFixture {
    /** RFC 3692: for experiments. */
    private static final int PROTOCOL = 253;
    /** IEEE 802, local experiments. */
    private static final int ETHER_TYPE = 0x88b5;

    /** Sends back what comes, once, by a packet socket and by raw sockets of both families. */
    private static final String ECHO =
            """
            import select, socket
            link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
            link.bind(('pen0', 0x88b5))
            four = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
            six = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 253)
            print('ready', flush=True)
            for i in range(3):
                s = select.select([link, four, six], [], [], 20)[0][0]
                data, peer = s.recvfrom(2000)
                if s is link:
                    s.send(data[6:12] + data[0:6] + data[12:])
                else:
                    s.sendto(data[20:] if s is four else data, peer)
            """;

    @Test
    void linuxTakesTheirFramesAndPacketsAndTheyTakeIts() throws Exception {
        TapRequirement.check();
        KernelPeers.requireCommands("ip", "python3");
        link = new KernelLink.Setup()
                .services(false)
                .prepare("ip -6 address add 2001:db8:9::1/64 dev pen0 nodad")
                .stack(b -> b.address("2001:db8:9::2/64"))
                .open();
        Path script = Files.writeString(directory.resolve("echo.py"), ECHO);
        Process echo = link.namespace().start(new ProcessBuilder("python3", script.toString()));
        try {
            assertEquals("ready", echo.inputReader().readLine());
            frames();
            packets(KernelLink.KERNEL, 20);
            packets("2001:db8:9::1", 40);
            assertTrue(echo.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, echo.exitValue());
        } finally {
            echo.destroy();
        }
        link.stop();
        assertEquals(java.util.List.of(), link.faults());
        assertEquals("", link.stack().leaks());
    }

    private void frames() throws Exception {
        byte[] frame = new byte[100];
        Arrays.fill(frame, 0, 6, (byte) 0xff);
        System.arraycopy(mac(link.stack().macAddress()), 0, frame, 6, 6);
        frame[12] = (byte) (ETHER_TYPE >>> 8);
        frame[13] = (byte) ETHER_TYPE;
        System.arraycopy("frame".getBytes(StandardCharsets.US_ASCII), 0, frame, 14, 5);
        try (PacketSocket incoming =
                link.stack().packetSocket(0, ETHER_TYPE, (buffer, offset, length, outgoing) -> !outgoing)) {
            incoming.setSoTimeout(10_000);
            incoming.send(frame, 0, frame.length);
            byte[] got = new byte[2000];
            PacketSocket.Captured captured = incoming.receive(got);
            assertEquals(100, captured.wireLength());
            assertFalse(captured.outgoing());
            assertArrayEquals(mac(link.stack().macAddress()), Arrays.copyOf(got, 6), "sent back");
            assertArrayEquals(Arrays.copyOfRange(frame, 14, 100), Arrays.copyOfRange(got, 14, 100));
            assertEquals(0, incoming.receiveDrops());
        }
    }

    private void packets(String kernel, int header) throws Exception {
        IpAddress to = IpAddress.parse(kernel);
        byte[] data = KernelPeers.pattern(1200);
        try (RawSocket raw = link.stack().rawSocket(PROTOCOL, to.isV4())) {
            raw.setSoTimeout(10_000);
            raw.send(data, 0, data.length, to);
            byte[] got = new byte[2000];
            RawPacket packet = raw.receive(got);
            assertEquals(to, packet.from());
            assertEquals(header, packet.headerLength());
            assertArrayEquals(data, Arrays.copyOfRange(got, header, packet.length()));
        }
    }

    private static byte[] mac(long address) {
        byte[] bytes = new byte[6];
        for (int i = 0; i < 6; i++) {
            bytes[i] = (byte) (address >>> 8 * (5 - i));
        }
        return bytes;
    }
}
