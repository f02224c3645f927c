package dev.penstock.conformance.properties;

import dev.penstock.conformance.wire.SegmentView;
import dev.penstock.conformance.wire.WireRules;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.device.DeviceDecorator;
import dev.penstock.stack.device.FrameHandler;
import dev.penstock.stack.device.NetworkDevice;
import dev.penstock.stack.wire.TcpHeader;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Stands where a stack meets its cable, and holds each of its connections to {@link WireRules}: finds out which segment is
 * of which incarnation of which connection. Also sees whether two ends acknowledge each other without end. One thread.
 */
final class HostWatch extends DeviceDecorator {
    /** Pure acknowledgments within a second, in both directions together, between which nothing else happens. */
    private static final int STORM = 100;

    private static final long SECOND = 1_000_000_000L;
    /** "a 32-bit clock is generated ... whose low-order bit is incremented roughly every 4 microseconds". */
    private static final long ISN_TICK_NS = 4_096;

    private static final long HOUR = 3_600 * SECOND;

    private final World world;
    private final String name;
    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[Frame.HEADROOM + Frame.MAX_LENGTH]);
    private final SegmentView segment = new SegmentView();
    private final Map<Long, Flow> flows = new HashMap<>();
    private BooleanSupplier mayRefuse = () -> false;
    private FrameHandler handler;
    long sent;
    long arrived;
    long resets;

    /** All connections between the same two ports, one after the other. */
    private static final class Flow {
        WireRules rules;
        int iss;
        boolean peerKnown;
        int irs;
        long resetsArrived;
        long pureAcks;
        long begunNs;
        long sinceNs;
        final int remotePort;
        final int[] lastAck = new int[2];
        final int[] lastWindow = new int[2];
        final ArrayDeque<byte[]> syns = new ArrayDeque<>();

        Flow(int remotePort) {
            this.remotePort = remotePort;
        }
    }

    HostWatch(NetworkDevice below, World world, String name) {
        super(below);
        this.world = world;
        this.name = name;
    }

    void mayRefuse(BooleanSupplier newMayRefuse) {
        mayRefuse = newMayRefuse;
    }

    private static long key(int remote, int localPort, int remotePort) {
        return (long) remote << 32 | (long) localPort << 16 | remotePort;
    }

    /** Resets that have arrived for a connection between these ports. */
    long resetsArrived(int remote, int localPort, int remotePort) {
        Flow flow = flows.get(key(remote, localPort, remotePort));
        return flow == null ? 0 : flow.resetsArrived;
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        this.handler = handler;
        return delegate.poll(this::arrives, limit);
    }

    private void arrives(Frame frame) {
        arrived++;
        world.digest(frame);
        if (view(frame) && segment.goodSums) {
            arrives(flow(segment.source, segment.destinationPort, segment.sourcePort));
        }
        handler.onFrame(frame);
    }

    @Override
    public int offer(Frame frame) {
        boolean tcp = view(frame);
        int taken = delegate.offer(frame);
        if (taken > 0) {
            sent++;
            world.digest(frame);
            if (tcp) {
                leaves(flow(segment.destination, segment.sourcePort, segment.destinationPort));
            }
        }
        return taken;
    }

    private boolean view(Frame frame) {
        frame.copyTo(bytes, 0);
        return segment.read(bytes, frame.length());
    }

    private Flow flow(int remote, int localPort, int remotePort) {
        return flows.computeIfAbsent(key(remote, localPort, remotePort), k -> new Flow(remotePort));
    }

    private void arrives(Flow f) {
        SegmentView s = segment;
        world.log(() -> name + " <- " + describe(f.irs, f.iss));
        storm(f);
        boolean syn = s.has(TcpHeader.SYN);
        if (syn && !s.has(TcpHeader.RST)) {
            remember(f);
        }
        if (s.has(TcpHeader.RST)) {
            f.resetsArrived++;
        } else if (f.rules != null && (f.peerKnown ? !syn || s.seq == f.irs : isAnswer(f))) {
            if (!f.peerKnown) {
                f.peerKnown = true;
                f.irs = s.seq;
            }
            tell(f, () -> f.rules.arrives(s));
        }
    }

    /** In SYN-SENT: a SYN that acknowledges ours, or nothing. */
    private boolean isAnswer(Flow f) {
        return segment.has(TcpHeader.SYN) && (!segment.has(TcpHeader.ACK) || segment.ack == f.iss + 1);
    }

    private void remember(Flow f) {
        byte[] copy = new byte[segment.payload + segment.length];
        bytes.getBytes(0, copy);
        f.syns.addLast(copy);
        if (f.syns.size() > 8) {
            f.syns.removeFirst();
        }
    }

    /** The SYN that a SYN-ACK answers: of those that came with this number the one whose timestamp it echoes, or the first. */
    private SegmentView answered(Flow f) {
        SegmentView best = null;
        for (byte[] copy : f.syns) {
            SegmentView syn = new SegmentView();
            syn.read(new UnsafeBuffer(copy), copy.length);
            if (syn.seq == segment.ack - 1 && (best == null || segment.timestamps && syn.tsVal == segment.tsEcr)) {
                best = syn;
            }
        }
        return best;
    }

    private void leaves(Flow f) {
        SegmentView s = segment;
        world.log(() -> name + " -> " + describe(f.iss, f.irs));
        storm(f);
        if (s.has(TcpHeader.RST)) {
            resets++;
            world.onReset(name, s);
            return;
        }
        if (s.has(TcpHeader.SYN) && (f.rules == null || s.seq != f.iss)) {
            long ahead = s.seq - f.iss & 0xffff_ffffL;
            long age = f.rules == null ? 0 : world.nowNs() - f.begunNs;
            if (f.rules != null && ahead < f.rules.sent() && age > f.rules.sent() * ISN_TICK_NS && age < HOUR) {
                // RFC 9293, section 3.4.1: the ISN of a new incarnation is none of what old segments may carry,
                // if the old one has not sent faster than the clock runs, which is 250,000 bytes a second.
                world.violate(name + ": the sequence numbers of the last connection again");
            }
            f.begunNs = world.nowNs();
            f.rules = new WireRules(null, mayRefuse);
            f.iss = s.seq;
            f.peerKnown = false;
            SegmentView syn = s.has(TcpHeader.ACK) ? answered(f) : null;
            if (syn != null) {
                f.rules.begun(syn);
                f.peerKnown = true;
                f.irs = syn.seq;
            } else if (s.has(TcpHeader.ACK)) {
                world.violate(name + ": a SYN-ACK for a SYN that never came");
            }
        }
        if (f.rules == null) {
            world.violate(name + ": a segment of a connection that has sent no SYN");
            return;
        }
        if (s.has(TcpHeader.SYN) && f.rules.sent() > 1) {
            world.violate(name + ": the initial sequence number of the last connection again");
        }
        tell(f, () -> f.rules.leaves(s));
    }

    private void tell(Flow f, Runnable what) {
        int before = f.rules.brokenRules();
        what.run();
        if (f.rules.brokenRules() > before) {
            int port = Math.min(segment.sourcePort, segment.destinationPort);
            world.violate(name + " port " + port + ": " + f.rules.latest());
        }
    }

    private String describe(int from, int to) {
        SegmentView s = segment;
        StringBuilder out =
                new StringBuilder().append(s.sourcePort).append(" > ").append(s.destinationPort);
        String names = "FSRPAUEW";
        out.append(' ');
        for (int i = 0; i < names.length(); i++) {
            out.append(s.has(1 << i) ? names.substring(i, i + 1) : "");
        }
        int seq = s.has(TcpHeader.SYN) ? 0 : s.seq - from;
        out.append(' ').append(seq).append(':').append(seq + s.sequenceLength());
        out.append(s.has(TcpHeader.ACK) ? " ack " + (s.ack - to) : "")
                .append(" win ")
                .append(s.window);
        for (int i = 0; i < s.blocks; i++) {
            out.append(" sack ").append(s.left[i] - to).append("..").append(s.right[i] - to);
        }
        return out.append(s.timestamps ? " ts " + s.tsVal + " ecr " + s.tsEcr : "")
                .toString();
    }

    private void storm(Flow f) {
        boolean pure = segment.sequenceLength() == 0 && segment.flags == TcpHeader.ACK && segment.blocks == 0;
        boolean leaving = segment.destinationPort == f.remotePort;
        int i = leaving ? 0 : 1;
        boolean news = segment.ack != f.lastAck[i] || segment.window != f.lastWindow[i];
        f.lastAck[i] = segment.ack;
        f.lastWindow[i] = segment.window;
        long now = world.nowNs();
        if (!pure || news || now - f.sinceNs > SECOND) {
            f.pureAcks = 0;
            f.sinceNs = now;
        } else if (++f.pureAcks > STORM) {
            world.violate(name + ": an ACK storm");
            f.pureAcks = 0;
        }
    }
}
