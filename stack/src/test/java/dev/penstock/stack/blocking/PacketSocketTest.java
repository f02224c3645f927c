package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.ip.Packets;
import dev.penstock.stack.wire.EthernetHeader;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Wire;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Taps on the links of two stacks on one wire. */
@Timeout(60)
class PacketSocketTest {
    private static final int OWN_TYPE = 0x88b5;

    @Test
    void framesOfATypeOfOnesOwnGoBothWays() throws Exception {
        try (StackPair pair = new StackPair();
                PacketSocket here = pair.client.packetSocket(0, OWN_TYPE, null);
                PacketSocket there = pair.server.packetSocket(0, OWN_TYPE, null)) {
            byte[] frame = Packets.ethernet(
                    pair.server.macAddress(), pair.client.macAddress(), OWN_TYPE, Packets.bytes(100, 1));
            here.send(frame, 0, frame.length);
            byte[] buffer = new byte[200];
            there.setSoTimeout(5000);
            PacketSocket.Captured got = there.receive(buffer);
            assertEquals(114, got.length());
            assertEquals(114, got.wireLength());
            assertFalse(got.outgoing());
            assertArrayEquals(frame, Arrays.copyOf(buffer, 114));
            here.setSoTimeout(5000);
            assertTrue(here.receive(buffer).outgoing(), "what is sent is seen, too");
            here.setSoTimeout(20);
            assertThrows(SocketTimeoutException.class, () -> here.receive(buffer));
            assertThrows(IllegalArgumentException.class, () -> here.send(frame, 0, 13));
            assertThrows(IllegalArgumentException.class, () -> here.send(new byte[2000], 0, 2000));
        }
    }

    @Test
    void theFilterDecidesAndTheStackAnswersNevertheless() throws Exception {
        try (StackPair pair = new StackPair();
                PacketSocket icmp = pair.client.packetSocket(
                        0, EthernetHeader.TYPE_IPV4, (b, at, n, out) -> Wire.u8(b, at + 23) == IpProtocol.ICMP);
                PingSocket ping = pair.server.pingSocket()) {
            assertTrue(ping.ping(IpAddress.parse(StackPair.CLIENT), 56, 5000).isReply());
            byte[] buffer = new byte[2000];
            icmp.setSoTimeout(5000);
            PacketSocket.Captured request = icmp.receive(buffer);
            assertEquals(98, request.length());
            assertFalse(request.outgoing());
            assertEquals(8, buffer[34]);
            PacketSocket.Captured reply = icmp.receive(buffer);
            assertTrue(reply.outgoing());
            assertEquals(0, buffer[34]);
            byte[] little = new byte[20];
            ping.ping(IpAddress.parse(StackPair.CLIENT), 56, 5000);
            assertEquals(20, icmp.receive(little).length());
            assertEquals(98, icmp.receive(little).wireLength());
        }
    }

    @Test
    void limitsAndEndsAreTold() throws Exception {
        try (StackPair pair = new StackPair()) {
            assertThrows(SocketException.class, () -> pair.client.packetSocket(3, OWN_TYPE, null));
            PacketSocket[] all = new PacketSocket[16];
            for (int i = 0; i < all.length; i++) {
                all[i] = pair.client.packetSocket(0, PacketSocket.ANY_TYPE, null);
            }
            assertThrows(SocketException.class, () -> pair.client.packetSocket(0, OWN_TYPE, null));
            all[3].close();
            assertThrows(SocketException.class, () -> all[3].receive(new byte[10]));
            assertFalse(pair.client.packetSocket(0, OWN_TYPE, null).isClosed());
        }
    }

    @Test
    void whatNobodyTakesIsLostAndCounted() throws Exception {
        try (StackPair pair = new StackPair();
                PacketSocket there = pair.server.packetSocket(0, OWN_TYPE, null);
                PacketSocket here = pair.client.packetSocket(0, OWN_TYPE + 1, null)) {
            byte[] frame = Packets.ethernet(
                    pair.server.macAddress(), pair.client.macAddress(), OWN_TYPE, Packets.bytes(1400, 1));
            long until = System.nanoTime() + 20_000_000_000L;
            while (there.receiveDrops() == 0 && System.nanoTime() < until) {
                try {
                    here.send(frame, 0, frame.length);
                } catch (SocketException full) {
                    Thread.onSpinWait();
                }
            }
            assertTrue(there.receiveDrops() > 0);
            assertEquals(1414, there.receive(new byte[2000]).length());
        }
    }
}
