package dev.penstock.apps.iperf;

import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.wire.Wire;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A stream of datagrams to and from one peer. Each begins with the moment of sending, in seconds and microseconds, and a number
 * from 1 on, of 32 or 64 bits, all most significant byte first.
 */
final class UdpDataStream extends DataStream {
    private static final int MAX_BURST = 256;
    private static final long RETRY_NS = 1_000_000;
    private static final long TURN_NS = 1;

    private final UdpEndpoint endpoint;
    private final DeadlineQueue deadlines;
    private final long peerHi;
    private final long peerLo;
    private final int peerPort;
    private final boolean ownsEndpoint;
    private final UnsafeBuffer data;
    /** The highest number that came. */
    private long highest;

    private long lastTransitNs;
    private boolean hasTransit;

    /** @param ownsEndpoint closed with the stream */
    UdpDataStream(
            IperfSettings settings,
            boolean sender,
            UdpEndpoint endpoint,
            boolean ownsEndpoint,
            long peerHi,
            long peerLo,
            int peerPort,
            DeadlineQueue deadlines) {
        super(settings, sender, deadlines);
        this.endpoint = endpoint;
        this.deadlines = deadlines;
        this.ownsEndpoint = ownsEndpoint;
        this.peerHi = peerHi;
        this.peerLo = peerLo;
        this.peerPort = peerPort;
        data = new UnsafeBuffer(ByteBuffer.allocateDirect(sender ? settings.effectiveLength() : 4));
    }

    boolean isFrom(long hi, long lo, int port) {
        return hi == peerHi && lo == peerLo && port == peerPort;
    }

    /** Sends one word as it lies in the memory of the machines that speak this: least significant byte first. */
    void sendWord(int word, long nowNs) {
        UnsafeBuffer four = new UnsafeBuffer(ByteBuffer.allocateDirect(4));
        four.putInt(0, word, ByteOrder.LITTLE_ENDIAN);
        endpoint.send(peerHi, peerLo, peerPort, four, 0, 4, nowNs);
    }

    @Override
    void pump(long nowNs) {
        int length = settings.effectiveLength();
        for (int i = 0; i < MAX_BURST; i++) {
            if (allowance(length, true, nowNs) == 0) {
                return;
            }
            Wire.u32(data, 0, (int) (nowNs / 1_000_000_000L));
            Wire.u32(data, 4, (int) (nowNs / 1000 % 1_000_000));
            if (settings.wideCounters) {
                Wire.u64(data, 8, packets + 1);
            } else {
                Wire.u32(data, 8, (int) (packets + 1));
            }
            int result = endpoint.send(peerHi, peerLo, peerPort, data, 0, length, nowNs);
            if (result == UdpEndpoint.WOULD_BLOCK || result == UdpEndpoint.UNRESOLVED) {
                return; // onWritable follows
            }
            if (result != UdpEndpoint.OK) {
                deadlines.schedule(this, nowNs + RETRY_NS);
                return;
            }
            packets++;
            sent(length);
        }
        // Others want their turn, and input, too.
        deadlines.schedule(this, nowNs + TURN_NS);
    }

    /** A datagram with data; one that is too short for its header is none. */
    void onDatagram(DirectBuffer buffer, int offset, int length, long arrivedNs) {
        if (length < (settings.wideCounters ? 16 : 12) || isStopped()) {
            return;
        }
        long number = settings.wideCounters ? Wire.i64(buffer, offset + 8) : Wire.u32(buffer, offset + 8);
        count(length);
        if (number > highest) {
            lost += number - highest - 1;
            highest = number;
            packets = highest;
        } else {
            outOfOrder++;
            lost = Math.max(0, lost - 1);
        }
        long sentNs = Wire.u32(buffer, offset) * 1_000_000_000L + Wire.u32(buffer, offset + 4) * 1000L;
        long transit = arrivedNs - sentNs;
        if (hasTransit) {
            // RFC 3550, section A.8: "J(i) = J(i-1) + (|D(i-1,i)| - J(i-1))/16".
            jitterNs += (Math.abs(transit - lastTransitNs) - jitterNs) / 16;
        }
        lastTransitNs = transit;
        hasTransit = true;
    }

    @Override
    void close(long nowNs) {
        stop();
        if (ownsEndpoint) {
            endpoint.close();
        }
    }
}
