package dev.penstock.apps.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.Received;
import dev.penstock.stack.blocking.TcpSocket;
import dev.penstock.stack.blocking.UdpSocket;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Echo, discard and chargen between two stacks in memory. */
@Timeout(60)
class ServicesTest {
    private static final String SERVER = "192.0.2.2";

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static Thread sending(TcpSocket socket, byte[] data, AtomicReference<IOException> failure) {
        Thread sender = new Thread(() -> {
            try {
                socket.write(data);
                socket.shutdownOutput();
            } catch (IOException e) {
                failure.set(e);
            }
        });
        sender.start();
        return sender;
    }

    @Test
    void echoSendsBackEveryByteAndThenCloses() throws Exception {
        try (TwoStacks stacks = new TwoStacks();
                EchoService echo = new EchoService()) {
            echo.start(stacks.server, 7);
            byte[] data = random(9_000_001);
            AtomicReference<IOException> failure = new AtomicReference<>();
            try (TcpSocket socket = stacks.client.connect(SERVER, 7)) {
                Thread sender = sending(socket, data, failure);
                assertArrayEquals(data, socket.getInputStream().readAllBytes());
                sender.join();
            }
            assertEquals(null, failure.get());
            assertEquals(data.length, echo.bytes());
            assertEquals(1, echo.accepted());
        }
    }

    @Test
    void echoWaitsForAReaderThatIsSlow() throws Exception {
        try (TwoStacks stacks = new TwoStacks();
                EchoService echo = new EchoService()) {
            echo.start(stacks.server, 7);
            // More than all buffers hold together: the sender must be held back, and nothing may be lost.
            byte[] data = random(24 << 20);
            AtomicReference<IOException> failure = new AtomicReference<>();
            try (TcpSocket socket = stacks.client.connect(SERVER, 7)) {
                Thread sender = sending(socket, data, failure);
                sender.join(300);
                assertTrue(sender.isAlive());
                assertArrayEquals(data, socket.getInputStream().readNBytes(data.length));
                sender.join();
                assertEquals(-1, socket.read(new byte[1]));
            }
            assertEquals(null, failure.get());
        }
    }

    /** What echo had not sent back yet was never given back to the stack's memory. */
    @Test
    void aPeerThatResetsLeavesNothingBehind() throws Exception {
        try (TwoStacks stacks = new TwoStacks();
                EchoService echo = new EchoService()) {
            echo.start(stacks.server, 7);
            AtomicReference<IOException> failure = new AtomicReference<>();
            TcpSocket socket = stacks.client.connect(SERVER, 7);
            Thread sender = sending(socket, random(24 << 20), failure);
            sender.join(300);
            assertTrue(sender.isAlive());
            socket.abort();
            sender.join();
            assertTrue(failure.get() != null);
            while (stacks.server.call(shard -> shard.tcp().connections()) > 0) {
                Thread.sleep(1);
            }
            int kept = stacks.server.call(shard -> shard.chunks().outstanding());
            assertEquals(0, kept);
        }
    }

    @Test
    void discardTakesEverythingAndSaysNothing() throws Exception {
        try (TwoStacks stacks = new TwoStacks();
                DiscardService discard = new DiscardService()) {
            discard.start(stacks.server, 9);
            try (TcpSocket socket = stacks.client.connect(SERVER, 9)) {
                socket.write(random(5_000_000));
                socket.shutdownOutput();
                assertEquals(-1, socket.read(new byte[10]));
            }
            assertEquals(5_000_000, discard.bytes());
        }
    }

    @Test
    void chargenRepeatsItsPattern() throws Exception {
        try (TwoStacks stacks = new TwoStacks();
                ChargenService chargen = new ChargenService()) {
            chargen.start(stacks.server, 19);
            byte[] got;
            try (TcpSocket socket = stacks.client.connect(SERVER, 19)) {
                got = socket.getInputStream().readNBytes(2_000_003);
            }
            for (int i = 0; i < got.length; i++) {
                int line = i / 74 % 95;
                int column = i % 74;
                int expected = column == 72 ? '\r' : column == 73 ? '\n' : ' ' + (line + column) % 95;
                assertEquals(expected, got[i], "byte " + i);
            }
        }
    }

    @Test
    void aPortIsTakenOnce() throws Exception {
        try (TwoStacks stacks = new TwoStacks();
                EchoService first = new EchoService();
                EchoService second = new EchoService()) {
            first.start(stacks.server, 7);
            assertThrows(IOException.class, () -> second.start(stacks.server, 7));
        }
    }

    private static String ask(UdpSocket socket, int port, String text) throws IOException {
        byte[] data = text.getBytes(StandardCharsets.US_ASCII);
        socket.send(data, 0, data.length, Endpoint.of(SERVER, port));
        byte[] buffer = new byte[2000];
        Received got = socket.receive(buffer);
        return new String(buffer, 0, got.length(), StandardCharsets.US_ASCII);
    }

    @Test
    void datagramsAreEchoedButNeverAmplified() throws Exception {
        try (TwoStacks stacks = new TwoStacks();
                UdpService echo = UdpService.start(stacks.server, UdpService.Kind.ECHO, 7);
                UdpService chargen = UdpService.start(stacks.server, UdpService.Kind.CHARGEN, 19);
                UdpSocket socket = stacks.client.udpSocket()) {
            socket.setSoTimeout(30_000);
            assertEquals("hello", ask(socket, 7, "hello"));
            assertEquals(" !\"", ask(socket, 19, "abc"));
            assertEquals("#$%&", ask(socket, 19, "abcd"));
            assertEquals(512, ask(socket, 19, "x".repeat(1000)).length());
            assertEquals(1, echo.answered());
            assertEquals(3, chargen.received());
        }
    }

    @Test
    void noLoopBetweenTwoServices() throws Exception {
        try (TwoStacks stacks = new TwoStacks();
                UdpService echo = UdpService.start(stacks.server, UdpService.Kind.ECHO, 7);
                UdpSocket forged = stacks.client.udpSocket(19);
                UdpSocket honest = stacks.client.udpSocket()) {
            forged.setSoTimeout(50);
            assertThrows(SocketTimeoutException.class, () -> ask(forged, 7, "loop"));
            honest.setSoTimeout(30_000);
            assertEquals("hello", ask(honest, 7, "hello"));
            assertEquals(1, echo.unanswered());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 1024, true",
        "192.0.2.1, 65535, true",
        "192.0.2.1, 1023, false",
        "192.0.2.1, 7, false",
        "0.0.0.0, 5000, false",
        "224.0.0.1, 5000, false",
        "255.255.255.255, 5000, false"
    })
    void answersOnlyWhomItMay(String address, int port, boolean may) {
        assertEquals(may, UdpService.mayAnswer(Endpoint.of(address, port)));
    }

    @Test
    void discardAnswersNoDatagram() throws Exception {
        try (TwoStacks stacks = new TwoStacks();
                UdpService discard = UdpService.start(stacks.server, UdpService.Kind.DISCARD, 9);
                UdpSocket socket = stacks.client.udpSocket()) {
            socket.setSoTimeout(100);
            assertThrows(SocketTimeoutException.class, () -> ask(socket, 9, "x"));
            while (discard.received() == 0) {
                Thread.onSpinWait();
            }
            assertEquals(0, discard.answered());
        }
    }
}
