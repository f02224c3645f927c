package dev.penstock.conformance.kernel;

import static dev.penstock.conformance.kernel.KernelLink.KERNEL;
import static dev.penstock.conformance.kernel.KernelLink.STACK;
import static dev.penstock.conformance.kernel.KernelPeers.difference;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.Received;
import dev.penstock.stack.blocking.UdpSocket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.util.Arrays;

/** Datagrams between the kernel and the stack. */
final class UdpPeers {
    private static final int TIMEOUT_MS = 5000;
    private static final int CLOSED_PORT = 4712;

    private final KernelLink link;

    UdpPeers(KernelLink link) {
        this.link = link;
    }

    /** The kernel sends to the stack's echo port. */
    void echoOfTheStack(int... sizes) throws Exception {
        link.onKernel(() -> {
            try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(KERNEL, 0))) {
                socket.setSoTimeout(TIMEOUT_MS);
                socket.connect(new InetSocketAddress(STACK, KernelLink.ECHO));
                for (int size : sizes) {
                    byte[] data = KernelPeers.pattern(size);
                    socket.send(new DatagramPacket(data, size));
                    DatagramPacket back = new DatagramPacket(new byte[65_536], 65_536);
                    socket.receive(back);
                    assertEquals(-1, difference(data, Arrays.copyOf(back.getData(), back.getLength())), "size " + size);
                }
            }
            return null;
        });
    }

    /** The stack sends to an echo of the kernel's. */
    void echoOfTheKernel(int... sizes) throws Exception {
        try (DatagramSocket echo = link.onKernel(() -> new DatagramSocket(new InetSocketAddress(KERNEL, 0)));
                UdpSocket socket = link.stack().udpSocket()) {
            Thread server = new Thread(() -> answer(echo, sizes.length));
            server.start();
            socket.setSoTimeout(TIMEOUT_MS);
            Endpoint to = Endpoint.of(KERNEL, echo.getLocalPort());
            for (int size : sizes) {
                byte[] data = KernelPeers.pattern(size);
                socket.send(data, 0, size, to);
                byte[] back = new byte[65_536];
                Received received = socket.receive(back);
                assertEquals(to, received.from());
                assertEquals(-1, difference(data, Arrays.copyOf(back, received.length())), "size " + size);
            }
            server.join();
        }
    }

    private static void answer(DatagramSocket echo, int datagrams) {
        try {
            echo.setSoTimeout(TIMEOUT_MS);
            for (int i = 0; i < datagrams; i++) {
                DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
                echo.receive(packet);
                echo.send(packet);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A connected socket of the kernel's gets ECONNREFUSED. */
    void theKernelLearnsThatAPortIsClosed() throws Exception {
        link.onKernel(() -> {
            try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(KERNEL, 0))) {
                socket.setSoTimeout(TIMEOUT_MS);
                socket.connect(new InetSocketAddress(STACK, CLOSED_PORT));
                socket.send(new DatagramPacket(new byte[10], 10));
                DatagramPacket back = new DatagramPacket(new byte[10], 10);
                assertThrows(PortUnreachableException.class, () -> socket.receive(back));
            }
            return null;
        });
    }

    /** And one of ours the same. */
    void theStackLearnsThatAPortIsClosed() throws Exception {
        try (UdpSocket socket = link.stack().udpSocket()) {
            socket.setSoTimeout(TIMEOUT_MS);
            socket.connect(Endpoint.of(KERNEL, CLOSED_PORT));
            socket.send(new byte[10], 0, 10);
            assertThrows(PortUnreachableException.class, () -> socket.receive(new byte[10]));
        }
    }
}
