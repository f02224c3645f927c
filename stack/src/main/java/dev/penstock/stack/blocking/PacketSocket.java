package dev.penstock.stack.blocking;

import dev.penstock.stack.link.EthernetPort;
import dev.penstock.stack.socket.PacketPort;
import dev.penstock.stack.udp.DatagramInfo;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A tap on a link: copies of the frames that go in and out, and whole frames sent, past IP. Frames that do not pass the filter are
 * not copied. Code that is to see frames without any copy runs on the shard: {@link EthernetPort#openTap}. Any thread may use it but
 * the stack's own.
 */
public final class PacketSocket extends PortSocket<PacketPort> {
    /** All EtherTypes. */
    public static final int ANY_TYPE = EthernetPort.ANY_TYPE;

    private static final int BUFFER = 1 << 20;
    private static final int MOST = 65_535;

    /**
     * A frame as {@link #receive} stored it.
     *
     * @param length bytes that were stored, link header included
     * @param wireLength bytes that it had
     * @param outgoing we sent it: then it may be a super-segment, and lack its checksum
     * @param timeNs when, by the stack's clock
     */
    public record Captured(int length, int wireLength, boolean outgoing, long timeNs) {}

    private final ReentrantLock receiveLock = new ReentrantLock();
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final DatagramInfo info = new DatagramInfo();

    private PacketSocket(PenstockStack stack) {
        super(stack);
    }

    static PacketSocket open(PenstockStack stack, int interfaceIndex, int etherType, PacketPort.Matcher matcher)
            throws IOException {
        PacketSocket socket = new PacketSocket(stack);
        socket.open(
                PacketPort.open(stack.commands(), socket::onReady, interfaceIndex, etherType, matcher, MOST, BUFFER));
        return socket;
    }

    @Override
    SocketException refused() {
        return new SocketException("No such interface, or too many taps on it");
    }

    /**
     * Waits for a frame; what does not fit is lost.
     *
     * @throws SocketTimeoutException "Receive timed out"
     */
    public Captured receive(byte[] dst) throws IOException {
        receiveLock.lock();
        try {
            view.wrap(dst);
            while (true) {
                ensureOpen();
                int n = port.receive(view, 0, dst.length, info);
                if (n >= 0) {
                    return new Captured(n, (int) info.srcLo, info.srcPort == 1, info.timeNs);
                }
                awaitReceive(port::isReceiveReady);
            }
        } finally {
            view.wrap(0, 0);
            receiveLock.unlock();
        }
    }

    /**
     * Sends a frame as it is, link header included.
     *
     * @throws IllegalArgumentException shorter than a link header, or longer than the device takes
     * @throws SocketException the device has no room now, or is down
     */
    public void send(byte[] frame, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, frame.length);
        ensureOpen();
        UnsafeBuffer copy = new UnsafeBuffer(Arrays.copyOfRange(frame, offset, offset + length));
        int taken = stack.ask(shard -> port.sendNow(copy, length));
        if (taken <= 0) {
            throw new SocketException("No buffer space available");
        }
    }

    /** How long a receive waits, milliseconds; 0 for ever. */
    public void setSoTimeout(int ms) {
        soTimeout(ms);
    }

    /** Frames lost because nobody received them in time. */
    public long receiveDrops() {
        return port.receiveDrops();
    }
}
