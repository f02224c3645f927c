package dev.penstock.conformance.junit;

import dev.penstock.stack.sim.SimulatedHost;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A protocol as users of the simulated network write them: lines over UDP, one at a time, each sent again until it is
 * acknowledged; a byte says which of two a line is.
 */
final class StopAndWait implements UdpHandler {
    private static final int PORT = 7000;
    private static final long RETRY_NS = 100_000_000;

    private final SimulatedHost host;
    private final SimulatedHost peer;
    private final UdpEndpoint udp;
    private final UnsafeBuffer packet = new UnsafeBuffer(new byte[1400]);
    private final List<String> toSend = new ArrayList<>();
    private final List<String> received = new ArrayList<>();
    private int acknowledged;
    private final Deadline retry = new Deadline() {
        @Override
        protected void onDeadline(long nowNs) {
            sendNext(nowNs);
        }
    };

    StopAndWait(SimulatedHost host, SimulatedHost peer) {
        this.host = host;
        this.peer = peer;
        udp = host.stack().openUdp(this);
        udp.bind(0, 0, PORT);
    }

    void send(List<String> lines) {
        toSend.addAll(lines);
        sendNext(host.nowNs());
    }

    boolean isDone() {
        return acknowledged == toSend.size();
    }

    List<String> received() {
        return received;
    }

    private void sendNext(long nowNs) {
        if (!isDone()) {
            byte[] text = toSend.get(acknowledged).getBytes(StandardCharsets.US_ASCII);
            packet.putByte(0, (byte) (acknowledged & 1));
            packet.putBytes(1, text);
            send(1 + text.length, nowNs);
            host.stack().deadlines().schedule(retry, nowNs + RETRY_NS);
        }
    }

    private void send(int length, long nowNs) {
        long hi = peer.address().hi();
        udp.send(hi, peer.address().lo(), PORT, packet, 0, length, nowNs);
    }

    @Override
    public void onDatagram(
            DirectBuffer b, int at, int length, long hi, long lo, int port, long toHi, long toLo, long nowNs) {
        if (length == 1) {
            if (!isDone() && b.getByte(at) == (byte) (acknowledged & 1)) {
                acknowledged++;
                host.stack().deadlines().cancel(retry);
                sendNext(nowNs);
            }
            return;
        }
        byte which = b.getByte(at);
        if (which == (byte) (received.size() & 1)) {
            received.add(b.getStringWithoutLengthAscii(at + 1, length - 1));
        }
        packet.putByte(0, which);
        send(1, nowNs);
    }
}
