package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.socket.RawError;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Raw sockets of two stacks on one wire. */
@Timeout(60)
class RawSocketTest {
    private static final IpAddress SERVER = IpAddress.parse(StackPair.SERVER);
    private static final IpAddress CLIENT = IpAddress.parse(StackPair.CLIENT);

    private static RawSocket raw(PenstockStack stack, int protocol, boolean v4) throws IOException {
        RawSocket socket = stack.rawSocket(protocol, v4);
        socket.setSoTimeout(5000);
        return socket;
    }

    @Requirement("RFC1122:IP-150")
    @Test
    void aProtocolOfOnesOwnGoesBothWaysWithItsHeader() throws Exception {
        try (StackPair pair = new StackPair();
                RawSocket here = raw(pair.client, 253, true);
                RawSocket there = raw(pair.server, 253, true)) {
            byte[] data = Packets.bytes(3000, 1);
            here.setTimeToLive(17);
            here.setTrafficClass(0xb8);
            here.send(data, 0, data.length, SERVER);
            byte[] buffer = new byte[4000];
            RawPacket got = there.receive(buffer);
            assertEquals(CLIENT, got.from());
            assertEquals(SERVER, got.to());
            assertEquals(0, got.interfaceIndex());
            assertEquals(20, got.headerLength());
            assertEquals(3020, got.length(), "put together of fragments");
            assertFalse(got.truncated());
            assertEquals(17, Ipv4Header.ttl(Packets.view(buffer), 0));
            assertEquals(0xb8, Ipv4Header.tos(Packets.view(buffer), 0));
            assertArrayEquals(data, Arrays.copyOfRange(buffer, 20, 3020));
            there.send(data, 0, 10, CLIENT);
            assertEquals(30, here.receive(buffer).length());
            here.setDontFragment(true);
            assertThrows(SocketException.class, () -> here.send(data, 0, 2000, SERVER));
            IpAddress elsewhere = IpAddress.parse("198.51.100.1");
            assertThrows(NoRouteToHostException.class, () -> here.send(data, 0, 1, elsewhere));
            assertThrows(IllegalArgumentException.class, () -> here.send(data, 0, 1, IpAddress.LOOPBACK_V6));
            assertEquals(1, pair.server.counters().get(StackCounter.RAW_IN_PACKETS));
            assertEquals(0, pair.server.counters().get(DropReason.IPV4_NO_PROTOCOL));
        }
    }

    @Test
    void errorsTellWhoSentThemAndWhatTheyQuote() throws Exception {
        try (StackPair pair = new StackPair();
                RawSocket here = raw(pair.client, 253, true)) {
            byte[] data = Packets.bytes(64, 2);
            here.send(data, 0, data.length, SERVER);
            RawError error = here.receiveError(5000);
            assertEquals(IcmpError.Kind.PROTOCOL_UNREACHABLE, error.kind());
            assertEquals(IcmpHeader.UNREACHABLE, error.type());
            assertEquals(IcmpHeader.CODE_PROTOCOL_UNREACHABLE, error.code());
            assertEquals(SERVER, new IpAddress(error.reporterHi(), error.reporterLo()));
            assertEquals(SERVER, new IpAddress(error.remoteHi(), error.remoteLo()));
            assertArrayEquals(data, error.quote());
            assertThrows(SocketTimeoutException.class, () -> here.receiveError(20));
        }
    }

    @Test
    void icmpIsFilteredByTypeAndAnsweredNevertheless() throws Exception {
        try (StackPair pair = new StackPair();
                RawSocket here = raw(pair.client, IpProtocol.ICMP, true);
                RawSocket there = raw(pair.server, IpProtocol.ICMP, true)) {
            here.setIcmpTypes(IcmpHeader.ECHO_REPLY);
            there.setIcmpTypes(IcmpHeader.ECHO_REPLY, IcmpHeader.UNREACHABLE);
            byte[] echo = Packets.icmp(IcmpHeader.ECHO_REQUEST, 0, 0x0007_0001, new byte[8]);
            here.send(echo, 0, echo.length, SERVER);
            byte[] buffer = new byte[100];
            RawPacket reply = here.receive(buffer);
            assertEquals(36, reply.length());
            assertEquals(IcmpHeader.ECHO_REPLY, buffer[20]);
            there.setSoTimeout(50);
            assertThrows(SocketTimeoutException.class, () -> there.receive(buffer), "a request, which is not wanted");
            there.setIcmpTypes();
            here.send(echo, 0, echo.length, SERVER);
            there.setSoTimeout(5000);
            assertEquals(36, there.receive(buffer).length());
            assertEquals(IcmpHeader.ECHO_REQUEST, buffer[20]);
        }
    }

    @Test
    void theChecksumOfIcmpv6IsTheStacks() throws Exception {
        try (StackPair pair = new StackPair(b -> {});
                RawSocket here = pair.client.rawSocket(IpProtocol.ICMPV6, false)) {
            here.setSoTimeout(5000);
            here.setIcmpTypes(Icmpv6Header.ECHO_REPLY);
            byte[] echo = new byte[16];
            echo[0] = (byte) Icmpv6Header.ECHO_REQUEST;
            here.send(echo, 0, echo.length, IpAddress.LOOPBACK_V6);
            byte[] buffer = new byte[100];
            RawPacket reply = here.receive(buffer);
            assertEquals(40, reply.headerLength());
            assertEquals(56, reply.length());
            assertEquals((byte) Icmpv6Header.ECHO_REPLY, buffer[40]);
        }
    }

    @Test
    void whatNobodyTakesIsLostAndCounted() throws Exception {
        try (StackPair pair = new StackPair();
                RawSocket here = raw(pair.client, 253, true);
                RawSocket there = raw(pair.server, 253, true)) {
            byte[] data = new byte[60_000];
            for (int i = 0; i < 20; i++) {
                here.send(data, 0, data.length, SERVER);
            }
            long until = System.nanoTime() + 10_000_000_000L;
            while (there.receiveDrops() == 0 && System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            assertEquals(true, there.receiveDrops() > 0);
            byte[] small = new byte[10];
            assertEquals(true, there.receive(small).truncated());
        }
    }

    @Test
    void closingWakesAndLimitsAreKept() throws Exception {
        try (StackPair pair = new StackPair()) {
            RawSocket[] all = new RawSocket[64];
            for (int i = 0; i < all.length; i++) {
                all[i] = pair.client.rawSocket(i, true);
            }
            assertThrows(SocketException.class, () -> pair.client.rawSocket(99, true));
            Thread closer = new Thread(all[0]::close);
            closer.start();
            byte[] buffer = new byte[10];
            assertThrows(SocketException.class, () -> all[0].receive(buffer));
            closer.join();
            all[0].close();
            RawSocket again = pair.client.rawSocket(99, true);
            again.close();
            assertThrows(IllegalArgumentException.class, () -> pair.client.rawSocket(256, true));
        }
    }
}
