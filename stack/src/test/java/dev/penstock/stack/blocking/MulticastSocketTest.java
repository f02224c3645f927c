package dev.penstock.stack.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Groups on blocking sockets: two stacks on one wire. */
@Timeout(60)
class MulticastSocketTest {
    private static final IpAddress G = IpAddress.parse("239.1.2.3");
    private static final IpAddress CLIENT = IpAddress.parse(StackPair.CLIENT);

    private static String next(UdpSocket socket) throws IOException {
        byte[] buffer = new byte[100];
        Received got = socket.receive(buffer);
        return new String(buffer, 0, got.length(), java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static void send(UdpSocket socket, IpAddress group, String text) throws IOException {
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        socket.send(bytes, 0, bytes.length, new Endpoint(group, 5000));
    }

    @Test
    void datagramsReachAllMembersAndNobodyElse() throws Exception {
        try (StackPair pair = new StackPair();
                UdpSocket sender = pair.client.udpSocket();
                UdpSocket one = pair.server.multicastSocket(5000);
                UdpSocket two = pair.server.multicastSocket(5000);
                UdpSocket third = pair.server.multicastSocket(5000)) {
            MulticastMembership first = one.join(G);
            MulticastMembership second = two.join(G, 0, CLIENT);
            assertTrue(first.isValid());
            assertEquals(0, first.interfaceIndex());
            assertNull(first.source());
            assertEquals(CLIENT, second.source());
            send(sender, G, "a");
            assertEquals("a", next(one));
            assertEquals("a", next(two));
            third.setSoTimeout(50);
            assertThrows(SocketTimeoutException.class, () -> next(third));
            first.block(CLIENT);
            send(sender, G, "b");
            assertEquals("b", next(two));
            first.unblock(CLIENT);
            send(sender, G, "c");
            assertEquals("c", next(one), "b was blocked");
            assertEquals("c", next(two));
            second.close();
            assertFalse(second.isValid());
            second.close();
            send(sender, G, "d");
            assertEquals("d", next(one));
            two.setSoTimeout(50);
            assertThrows(SocketTimeoutException.class, () -> next(two));
        }
    }

    @Test
    void misuseIsToldInWords() throws Exception {
        try (StackPair pair = new StackPair()) {
            UdpSocket socket = pair.server.udpSocket(5000);
            assertThrows(IllegalArgumentException.class, () -> socket.join(CLIENT));
            assertThrows(IllegalArgumentException.class, () -> socket.join(G, 0, G));
            assertThrows(SocketException.class, () -> socket.join(G, 7));
            MulticastMembership any = socket.join(G);
            assertThrows(SocketException.class, () -> socket.join(G));
            assertThrows(SocketException.class, () -> socket.join(G, 0, CLIENT));
            assertThrows(SocketException.class, () -> any.unblock(CLIENT));
            any.close();
            assertThrows(SocketException.class, () -> any.block(CLIENT));
            MulticastMembership one = socket.join(G, 0, CLIENT);
            assertThrows(SocketException.class, () -> one.block(CLIENT));
            assertThrows(IllegalArgumentException.class, () -> socket.setMulticastTimeToLive(256));
            assertThrows(BindException.class, () -> pair.server.multicastSocket(5000));
            socket.close();
            assertThrows(SocketException.class, () -> socket.join(G));
            one.close();
        }
    }

    @Test
    void theSenderHearsItselfUnlessToldNotTo() throws Exception {
        try (StackPair pair = new StackPair();
                UdpSocket socket = pair.client.udpSocket(5000)) {
            socket.join(G);
            socket.setMulticastTimeToLive(0);
            send(socket, G, "a");
            assertEquals("a", next(socket));
            socket.setMulticastLoop(false);
            send(socket, G, "b");
            socket.setSoTimeout(100);
            assertThrows(SocketTimeoutException.class, () -> next(socket));
        }
    }
}
