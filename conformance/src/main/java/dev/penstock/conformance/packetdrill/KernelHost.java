package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.device.PcapngWriter;
import dev.penstock.stack.wire.EthernetHeader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The Linux kernel that this runs on, in a network namespace of its own, at one end of a TUN device. Time is real: what the
 * kernel sends is stamped by a thread that waits for it, and so are the ends of system calls.
 */
final class KernelHost implements Machine {
    private static final long MS = 1_000_000L;
    /** How much later than its time a packet may be seen here and still have been sent in time. */
    private static final long GRACE_NS = 3 * MS;

    private static final long LOOK_AHEAD_NS = 3_000 * MS;
    private static final long PATIENCE_NS = 60_000 * MS;
    private static final int MAX_PACKET = 65_536;
    private static final int POLLIN = 1;
    private static final int WAIT_MS = 20;
    private static final int EAGAIN = 11;
    private static final int ENOBUFS = 105;

    private final WireSettings wire;
    private final PcapngWriter capture;
    private final int captured;
    private final KernelLink link;
    private final long wallLimitNs;
    private final ConcurrentLinkedQueue<Packet> arrived = new ConcurrentLinkedQueue<>();
    private final AtomicInteger arrivals = new AtomicInteger();
    private final ArrayDeque<Packet> sent = new ArrayDeque<>();
    private final NativeBytes injected = new NativeBytes(MAX_PACKET);
    private final KernelProgram program;
    private final Thread reader;
    private final Thread owner = Thread.currentThread();
    private volatile boolean closing;
    /** Of the machine's clock, at the script's beginning; 0 before it. */
    private volatile long startNs;

    private long deadlineNs;

    /**
     * Of the calling thread, which is the script's from now on.
     *
     * @param capture null for none; closed with this
     */
    KernelHost(WireSettings wire, PcapngWriter capture, long wallLimitNs) throws IOException {
        this.wire = wire;
        this.capture = capture;
        this.captured = capture == null ? -1 : capture.addInterface(KernelLink.DEVICE);
        this.wallLimitNs = wallLimitNs;
        this.link = KernelLink.open(wire);
        this.program = new KernelProgram(this, link, wire);
        this.reader = new Thread(this::read, "packetdrill-wire");
        reader.setDaemon(true);
        reader.start();
        CallerThreads.hurry(true);
    }

    @Override
    public KernelProgram program() {
        return program;
    }

    @Override
    public void begin() {
        drain();
        sent.clear();
        startNs = System.nanoTime();
        deadlineNs = startNs + wallLimitNs;
    }

    @Override
    public long nowNs() {
        long start = startNs;
        return start == 0 ? 0 : System.nanoTime() - start;
    }

    @Override
    public void mtu(int mtu, int line) throws SkipException {
        if (mtu == wire.mtu) {
            return;
        }
        try {
            link.ip("link set dev " + KernelLink.DEVICE + " mtu " + mtu);
            wire.mtu = mtu;
        } catch (IOException e) {
            throw new SkipException(line, e.getMessage());
        }
    }

    // --- the wire ---

    @Override
    public ArrayDeque<Packet> sent() {
        drain();
        return sent;
    }

    private void drain() {
        for (Packet p = arrived.poll(); p != null; p = arrived.poll()) {
            arrivals.decrementAndGet();
            sent.add(p);
            record(PcapngWriter.OUTBOUND, p.b, p.length, p.timeNs);
        }
    }

    @Override
    public void inject(byte[] packet, int gsoSize) {
        injected.b.putBytes(0, packet);
        NativeCalls n = NativeCalls.get();
        long written = n.told(n.c().write(link.fd, injected.start(), packet.length));
        record(PcapngWriter.INBOUND, injected.b, packet.length, nowNs());
        // What the kernel does not take for an IP packet, as a network card would not.
        if (written < 0 && written != -ENOBUFS && written != -22) {
            throw new IllegalStateException("the TUN device does not take a packet: error " + -written);
        }
    }

    private void record(int direction, UnsafeBuffer packet, int length, long timeNs) {
        if (capture == null) {
            return;
        }
        byte[] frame = new byte[EthernetHeader.LENGTH + length];
        UnsafeBuffer b = new UnsafeBuffer(frame);
        int type = (packet.getByte(0) & 0xf0) == 0x60 ? EthernetHeader.TYPE_IPV6 : EthernetHeader.TYPE_IPV4;
        EthernetHeader.put(b, 0, 0, 0, type);
        b.putBytes(EthernetHeader.LENGTH, packet, 0, length);
        capture.packet(captured, VirtualHost.EPOCH_NS + timeNs, direction, b, 0, frame.length, null);
    }

    /** The reader's thread. */
    private void read() {
        CallerThreads.hurry(true);
        NativeCalls n = NativeCalls.get();
        NativeBytes poll = new NativeBytes(8);
        NativeBytes buffer = new NativeBytes(MAX_PACKET);
        poll.putInt(0, link.fd);
        while (!closing) {
            poll.putInt(4, POLLIN);
            n.c().poll(poll.start(), 1, WAIT_MS);
            long length = n.told(n.c().read(link.fd, buffer.start(), MAX_PACKET));
            while (length > 0 && !closing) {
                arrive(buffer, (int) length);
                length = n.told(n.c().read(link.fd, buffer.start(), MAX_PACKET));
            }
            if (length < 0 && length != -EAGAIN) {
                // A signal, or the interface is not up yet: nothing that lasts.
                LockSupport.parkNanos(this, MS);
            }
        }
    }

    private void arrive(NativeBytes buffer, int length) {
        byte[] bytes = new byte[length];
        buffer.b.getBytes(0, bytes);
        Packet p = new Packet(bytes, nowNs());
        boolean multicast = p.v6 ? p.dstHi >>> 56 == 0xff : (p.dstLo & 0xf000_0000L) == 0xe000_0000L;
        if (startNs != 0 && !multicast && arrivals.incrementAndGet() <= ScriptedDevice.MAX_UNREAD) {
            arrived.add(p);
            LockSupport.unpark(owner);
        }
    }

    /** Something happened that the script's thread may wait for. Any thread. */
    void wake() {
        LockSupport.unpark(owner);
    }

    // --- time ---

    @Override
    public void settle() {
        drain();
    }

    @Override
    public long nextNs() {
        return nowNs() - GRACE_NS;
    }

    @Override
    public void stepTo(long limitNs) {
        if (limitNs > wallLimitNs) {
            throw new IllegalStateException("the script goes on until " + Times.text(limitNs) + ", longer than the "
                    + TimeUnit.NANOSECONDS.toSeconds(wallLimitNs) + " seconds of --limit");
        }
        int known = sent.size();
        int ended = program.calls().ended();
        while (true) {
            drain();
            long now = nowNs();
            if (sent.size() != known || program.calls().ended() != ended) {
                return;
            }
            if (now >= limitNs) {
                // Some of what was sent in time may not have been seen yet.
                if (now - limitNs < GRACE_NS) {
                    LockSupport.parkNanos(this, MS / 10);
                    drain();
                }
                return;
            }
            if (startNs + now > deadlineNs) {
                long seconds = TimeUnit.NANOSECONDS.toSeconds(wallLimitNs);
                throw new IllegalStateException("the script ran for more than " + seconds + " seconds");
            }
            LockSupport.parkNanos(this, Math.min(limitNs - now, 1_000 * MS));
        }
    }

    @Override
    public long patienceNs() {
        return Math.min(PATIENCE_NS, Math.max(MS, wallLimitNs - nowNs() - 2 * GRACE_NS));
    }

    @Override
    public long lookAheadNs() {
        return Math.min(LOOK_AHEAD_NS, Math.max(0, wallLimitNs - nowNs() - 2 * GRACE_NS));
    }

    /** Waits until {@code done}, but not for long: what is said to return at once mostly has by then. */
    void waitFor(java.util.function.BooleanSupplier done, long mostNs) {
        long until = System.nanoTime() + mostNs;
        while (!done.getAsBoolean() && System.nanoTime() < until) {
            LockSupport.parkNanos(this, MS / 20);
        }
    }

    @Override
    public void close() {
        closing = true;
        program.calls().closeAll();
        program.close();
        try {
            reader.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        link.close();
        if (capture != null) {
            capture.close();
        }
        CallerThreads.hurry(false);
    }
}
