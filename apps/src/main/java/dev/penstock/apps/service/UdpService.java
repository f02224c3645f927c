package dev.penstock.apps.service;

import dev.penstock.stack.blocking.Endpoint;
import dev.penstock.stack.blocking.PenstockStack;
import dev.penstock.stack.blocking.Received;
import dev.penstock.stack.blocking.UdpSocket;
import dev.penstock.stack.wire.IpAddress;
import java.io.IOException;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Echo, discard and chargen on UDP, each on a thread of its own. They can be no one's amplifier and no part of a loop:
 * an answer is never longer than its question, and none goes to a port below 1024, where such services live, nor to an
 * address that is not a single station's.
 */
public final class UdpService implements AutoCloseable {
    private static final int LOWEST_ANSWERED_PORT = 1024;
    /** RFC 864: a datagram "containing a random number (between 0 and 512) of characters". */
    private static final int CHARGEN_MOST = 512;

    /** What is done with a datagram. */
    public enum Kind {
        ECHO,
        DISCARD,
        CHARGEN
    }

    private final Kind kind;
    private final UdpSocket socket;
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong unanswered = new AtomicLong();
    private int chargenAt;

    private UdpService(Kind kind, UdpSocket socket) {
        this.kind = kind;
        this.socket = socket;
    }

    /** Binds the port and starts the thread. */
    public static UdpService start(PenstockStack stack, Kind kind, int port) throws IOException {
        UdpService service = new UdpService(kind, stack.udpSocket(port));
        Thread thread = new Thread(service::run, "udp-" + port);
        thread.setDaemon(true);
        thread.start();
        return service;
    }

    private void run() {
        byte[] data = new byte[65_536];
        while (!socket.isClosed()) {
            try {
                Received got = socket.receive(data);
                received.incrementAndGet();
                answer(data, got);
            } catch (SocketException e) {
                // A single datagram could not be sent, or the socket or the stack was closed: the loop looks.
                if (isOver(e)) {
                    return;
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    private boolean isOver(SocketException e) {
        String message = String.valueOf(e.getMessage());
        return socket.isClosed() || message.contains("losed");
    }

    private void answer(byte[] data, Received got) throws IOException {
        if (kind == Kind.DISCARD) {
            return;
        }
        if (!mayAnswer(got.from())) {
            unanswered.incrementAndGet();
            return;
        }
        int length = got.length();
        if (kind == Kind.CHARGEN) {
            length = Math.min(length, CHARGEN_MOST);
            for (int i = 0; i < length; i++) {
                data[i] = ChargenPattern.BYTES.getByte(chargenAt);
                chargenAt = (chargenAt + 1) % ChargenPattern.LENGTH;
            }
        }
        socket.send(data, 0, length, got.from());
        answered.incrementAndGet();
    }

    static boolean mayAnswer(Endpoint to) {
        IpAddress a = to.address();
        return to.port() >= LOWEST_ANSWERED_PORT && !a.isAny() && !a.isMulticast() && !a.equals(IpAddress.BROADCAST_V4);
    }

    /** Datagrams that came. */
    public long received() {
        return received.get();
    }

    /** Answers sent. */
    public long answered() {
        return answered.get();
    }

    /** Datagrams not answered for the sake of others. */
    public long unanswered() {
        return unanswered.get();
    }

    @Override
    public void close() {
        socket.close();
    }
}
