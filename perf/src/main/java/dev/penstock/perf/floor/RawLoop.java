package dev.penstock.perf.floor;

import static dev.penstock.perf.floor.RawFrames.ETHERNET;
import static dev.penstock.perf.floor.RawFrames.HEADERS;
import static dev.penstock.perf.floor.RawFrames.NETWORK;
import static dev.penstock.perf.floor.RawFrames.TCP;

import dev.penstock.perf.kernel.Service;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.BlockingDevice;
import dev.penstock.stack.device.FrameHandler;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The floor of a device in Java: TCP by hand for a well-behaved kernel, on one thread, with headers at fixed places, no timers, no
 * congestion control, no options but those of the SYN. It acknowledges every frame where it lies; sends super-segments with one
 * copy of the payload; or sends each segment's payload back. Nothing here is a TCP to be used: it verifies nothing.
 */
public final class RawLoop implements FrameHandler, Runnable {
    private static final int PORTS = 65_536;
    private static final int MOST = 64;
    private static final int BURST = 64;
    private static final int OFFLOADED_WINDOW = 0x8000;
    private static final int PLAIN_WINDOW = 0x2000;
    private static final int SHIFT = 7;
    private static final long STALLED_NS = 5_000_000;
    private static final long SLEEP_NS = 1_000_000;

    private final BlockingDevice device;
    private final long mac;
    private final int address;
    private final Service job;
    private final boolean offload;
    private final boolean blocking;
    private final int message;
    private final UnsafeBuffer payload = new UnsafeBuffer(ByteBuffer.allocateDirect(1 << 20));
    private final RawConnection[] byPort = new RawConnection[PORTS];
    private final RawConnection[] all = new RawConnection[MOST];
    private int count;
    private int payloadAt;
    private long bytesIn;
    private long datagramsIn;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong datagrams = new AtomicLong();
    private volatile boolean stop;
    private final AtomicLong restarts = new AtomicLong();

    /**
     * Of a device that this closes in the end.
     *
     * @param address IPv4, of this end
     * @param offload the device takes super-segments and unfinished checksums
     * @param blocking sleeps when there is nothing to do; otherwise it looks again at once
     */
    public RawLoop(BlockingDevice device, int address, Service job, boolean offload, boolean blocking) {
        this.device = device;
        this.mac = device.macAddress();
        this.address = address;
        this.job = job;
        this.offload = offload;
        this.blocking = blocking;
        this.message = offload ? RawConnection.LARGEST : RawConnection.MSS;
    }

    /** Payload bytes received so far. Any thread. */
    public long bytes() {
        return bytes.get();
    }

    /** UDP datagrams received so far. Any thread. */
    public long datagrams() {
        return datagrams.get();
    }

    /** How often nothing was acknowledged for 5 ms, and sending began anew. Any thread. */
    public long restarts() {
        return restarts.get();
    }

    /** Ends {@link #run} soon. Any thread. */
    public void stop() {
        stop = true;
        device.wakeUp();
    }

    @Override
    public void run() {
        while (!stop) {
            int work = device.poll(this, BURST);
            bytes.lazySet(bytesIn);
            datagrams.lazySet(datagramsIn);
            if (job == Service.CHARGEN) {
                work += generate();
            }
            if (work == 0) {
                if (blocking) {
                    device.await(SLEEP_NS);
                } else {
                    Thread.onSpinWait();
                }
            }
        }
        device.close();
    }

    private int generate() {
        int sent = 0;
        for (int i = 0; i < count; i++) {
            RawConnection c = all[i];
            if (c.sndNxt - c.sndUna + message <= c.peerWindow) {
                if (payloadAt + message > payload.capacity()) {
                    payloadAt = 0;
                }
                if (!c.sendData(payload, payloadAt, message)) {
                    return sent;
                }
                payloadAt += message;
                sent++;
            } else if (sent == 0) {
                lookForStall(c);
            }
        }
        return sent;
    }

    private void lookForStall(RawConnection c) {
        long now = System.nanoTime();
        if (c.sndNxt == c.sndUna) {
            c.lastProgressNs = now;
        } else if (now - c.lastProgressNs > STALLED_NS) {
            c.sndNxt = c.sndUna;
            c.lastProgressNs = now;
            restarts.incrementAndGet();
        }
    }

    @Override
    public void onFrame(Frame frame) {
        UnsafeBuffer b = frame.buffer();
        int at = frame.start();
        int type = RawFrames.u16(b, at + RawFrames.ETHER_TYPE);
        if (type == RawFrames.TYPE_ARP) {
            if (RawFrames.answerArp(frame, mac, address)) {
                device.offer(frame);
            }
            return;
        }
        if (type != RawFrames.TYPE_IPV4 || frame.length() < ETHERNET + 28) {
            return;
        }
        int protocol = b.getByte(at + RawFrames.IP_PROTOCOL);
        if (protocol == RawFrames.PROTOCOL_UDP) {
            datagramsIn++;
        } else if (protocol == RawFrames.PROTOCOL_TCP && frame.length() >= HEADERS) {
            onSegment(frame, b, at);
        }
    }

    private void onSegment(Frame frame, UnsafeBuffer b, int at) {
        int port = RawFrames.u16(b, at + RawFrames.TCP_SOURCE_PORT);
        int flags = b.getByte(at + RawFrames.TCP_FLAGS);
        RawConnection c = byPort[port];
        if ((flags & RawFrames.SYN) != 0) {
            if (c == null && count < MOST) {
                c = new RawConnection(frame, device, offload, offload ? OFFLOADED_WINDOW : PLAIN_WINDOW, SHIFT);
                byPort[port] = c;
                all[count++] = c;
            }
            if (c != null) {
                c.sendSynAck();
            }
            return;
        }
        if (c == null || (flags & RawFrames.RST) != 0) {
            return;
        }
        int headers = TCP + ((b.getByte(at + RawFrames.TCP_HEADER_LENGTH) >> 4 & 15) << 2);
        int length = RawFrames.u16(b, at + RawFrames.IP_LENGTH) + ETHERNET - headers;
        int ack = b.getInt(at + RawFrames.TCP_ACK, NETWORK);
        if (ack - c.sndUna > 0) {
            c.sndUna = ack;
            c.lastProgressNs = job == Service.CHARGEN ? System.nanoTime() : 0;
            if (ack - c.sndNxt > 0) {
                c.sndNxt = ack;
            }
        }
        c.onWindow(RawFrames.u16(b, at + RawFrames.TCP_WINDOW));
        if (length > 0) {
            onPayload(c, b, at, headers, length);
        } else if ((flags & RawFrames.FIN) != 0) {
            c.rcvNxt++;
            c.sendAck();
        }
    }

    private void onPayload(RawConnection c, UnsafeBuffer b, int at, int headers, int length) {
        if (b.getInt(at + RawFrames.TCP_SEQ, NETWORK) == c.rcvNxt) {
            c.rcvNxt += length;
            bytesIn += length;
            if (job == Service.ECHO) {
                c.sendData(b, at + headers, Math.min(length, message));
                return;
            }
        }
        c.sendAck();
    }
}
