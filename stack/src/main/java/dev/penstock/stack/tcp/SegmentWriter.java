package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The only place where segments are made. One frame serves for all of them, for a device has taken what it needs when
 * it returns. Payload is attached from the send queue, not copied; more than one MSS goes as a super-segment.
 */
final class SegmentWriter {
    /** NOP, NOP, kind 8, length 10 (RFC 7323, appendix A). */
    private static final int TIMESTAMP_HEAD = 0x0101080a;

    /** NOP, NOP, kind 5; the length follows (RFC 2018, section 3). */
    private static final int SACK_HEAD = 0x01010500;

    private static final int MAX_OPTION_BYTES = TcpHeader.MAX_LENGTH - TcpHeader.MIN_LENGTH;
    private static final int SACK_HEAD_BYTES = 4;
    private static final int SACK_BLOCK_BYTES = 8;

    static final int TIMESTAMP_BYTES = 12;

    private final int[] sackStarts = new int[Segment.MAX_SACK_BLOCKS];
    private final int[] sackEnds = new int[Segment.MAX_SACK_BLOCKS];
    private int sackCount;
    private boolean duplicateReported;

    private final SynOptionWriter synOptions;
    private final Frame frame = new Frame(TcpHeader.MAX_LENGTH + Frame.SHORT_SLICES);
    private final IpOutput ip;
    private final Counters counters;

    SegmentWriter(IpOutput ip, Counters counters, TcpSynOptions order) {
        this.synOptions = new SynOptionWriter(order);
        this.ip = ip;
        this.counters = counters;
    }

    /**
     * Sends one segment, or one super-segment, of a connection.
     *
     * <p>SACK blocks go where they cost no room for data: a pure acknowledgment carries all there is room for, and a
     * segment with data those that fit beside it, so that {@code snd.mss} is the same with and without them. What a
     * full-sized segment cannot say the pure acknowledgments say that follow it, for {@link AckPolicy} takes no segment
     * with data for the answer to one out of order.
     *
     * @param position stream position of the first payload byte
     * @return payload bytes that the device took ({@code length} also for 0), or one of {@link IpOutput}'s negative
     *     constants, or {@link #DEVICE_FULL}
     */
    int send(Connection c, int seq, int baseFlags, long position, int length, long nowNs) {
        Ecn ecn = c.negotiation.ecn;
        boolean newData = isNewData(c.tcb.snd, seq, length);
        int flags = baseFlags | (isSyn(baseFlags) ? ecn.synFlags(isAck(baseFlags)) : ecn.flags(newData));
        boolean syn = isSyn(flags);
        frame.reset();
        int stampBytes = c.tcb.rcv.timestamps ? TIMESTAMP_BYTES : 0;
        duplicateReported = false;
        int optionBytes = syn ? synOptionBytes(c) : stampBytes + sackBytes(c, flags, length, stampBytes);
        int headerLength = TcpHeader.MIN_LENGTH + optionBytes;
        int at = frame.pushTransport(headerLength);
        UnsafeBuffer b = frame.buffer();
        if (length > 0) {
            c.sendQueue().attachTo(frame, position, length);
        }
        boolean ack = isAck(flags);
        if (syn && c.config.habits == TcpHabits.LINUX) {
            c.window.setOpeningSegment(
                    c.negotiation.announcedMss() - (c.negotiation.offersTimestamps() ? TIMESTAMP_BYTES : 0),
                    c.negotiation.offersWindowScale() ? c.negotiation.ownWindowShift() : 0);
        }
        int window = c.window.select(syn);
        if (!syn && c.state() == TcpState.SYN_RECEIVED && c.config.habits == TcpHabits.LINUX) {
            // Until the handshake is complete Linux tells the window of its SYN-ACK.
            window = Math.min(window, 0xffff >>> c.tcb.rcv.wndShift);
        }
        int ackNumber = ack ? c.tcb.rcv.nxt : 0;
        IpPath path = c.path;
        int sum = InternetChecksum.pseudoHeader(
                path.srcHi(), path.srcLo(), path.dstHi(), path.dstLo(), IpProtocol.TCP, headerLength + length);
        int urgent = syn ? 0 : c.tcb.snd.urgentPointer(seq);
        flags |= urgent > 0 ? TcpHeader.URG : 0;
        TcpHeader.put(b, at, c.localPort(), c.remotePort(), seq, ackNumber, headerLength, flags, window, sum, urgent);
        if (syn) {
            putSynOptions(c, b, at + TcpHeader.MIN_LENGTH, nowNs);
        } else if (optionBytes != 0) {
            putOptions(c, b, at + TcpHeader.MIN_LENGTH, nowNs);
        }
        describe(c, flags, headerLength, length);
        int tos = c.options().tos & 0xfc | ecn.ectBits(newData);
        int taken = ip.send(frame, path, IpProtocol.TCP, tos, c.options().ttlFor(path), true, nowNs);
        if (taken <= 0) {
            return taken == 0 ? DEVICE_FULL : taken;
        }
        counters.count(StackCounter.TCP_OUT_SEGS, taken);
        if (ack) {
            c.tcb.rcv.lastAckSent = ackNumber;
        }
        if (syn) {
            ecn.synSent(flags);
        } else if (length > 0) {
            ecn.dataSent(newData, seq);
        }
        if (duplicateReported) {
            counters.count(StackCounter.TCP_DSACKS_OUT);
        }
        int payload = (int) Math.min(length, (long) taken * c.mtu.unit());
        c.traffic.onSent(taken, flags, seq, payload, window, nowNs);
        return payload;
    }

    private static boolean isSyn(int flags) {
        return (flags & TcpHeader.SYN) != 0;
    }

    private static boolean isAck(int flags) {
        return (flags & TcpHeader.ACK) != 0;
    }

    /** Data never sent before, and not as a probe of a window that does not admit it. */
    private static boolean isNewData(SendState snd, int seq, int length) {
        return length > 0 && SeqNum.geq(seq, snd.nxt) && SeqNum.distance(snd.una, seq) + (long) length <= snd.wnd;
    }

    /** {@link #send}: the device is full; try again at the next flush. Below all of {@link IpOutput}'s constants. */
    static final int DEVICE_FULL = -100;

    private void describe(Connection c, int flags, int headerLength, int length) {
        TxOffload tx = frame.tx();
        tx.checksumNeeded = true;
        tx.csumOffset = TcpHeader.CHECKSUM_OFFSET;
        tx.headerLength = headerLength;
        int mss = c.mtu.unit();
        if (length > mss) {
            tx.gsoType = IpAddress.isV4(c.remoteHi(), c.remoteLo()) ? TxOffload.GSO_TCPV4 : TxOffload.GSO_TCPV6;
            tx.gsoSize = mss;
            tx.gsoType |= (flags & TcpHeader.CWR) != 0 ? TxOffload.GSO_ECN : 0;
        }
    }

    /** Finds the SACK blocks of a segment that is no SYN, and answers how much room they take. */
    private int sackBytes(Connection c, int flags, int length, int otherOptions) {
        sackCount = 0;
        if (!c.tcb.rcv.sack) {
            return 0;
        }
        int room = MAX_OPTION_BYTES - otherOptions;
        if (length > 0) {
            room = Math.min(room, c.tcb.snd.mss - length);
        }
        boolean pure = length == 0 && (flags & TcpHeader.FIN) == 0;
        sackCount = c.sacks.fill(sackStarts, sackEnds, (room - SACK_HEAD_BYTES) / SACK_BLOCK_BYTES, pure);
        duplicateReported = pure && c.sacks.isDuplicateNext();
        return sackCount == 0 ? 0 : SACK_HEAD_BYTES + sackCount * SACK_BLOCK_BYTES;
    }

    private void putOptions(Connection c, UnsafeBuffer b, int offset, long nowNs) {
        int at = offset;
        if (c.tcb.rcv.timestamps) {
            putTimestamps(c, b, at, nowNs);
            at += TIMESTAMP_BYTES;
        }
        if (sackCount > 0) {
            Wire.u32(b, at, SACK_HEAD | 2 + sackCount * SACK_BLOCK_BYTES);
            at += SACK_HEAD_BYTES;
            for (int i = 0; i < sackCount; i++) {
                Wire.u32(b, at + i * SACK_BLOCK_BYTES, sackStarts[i]);
                Wire.u32(b, at + i * SACK_BLOCK_BYTES + 4, sackEnds[i]);
            }
        }
    }

    private int synOptionBytes(Connection c) {
        Negotiation n = c.negotiation;
        return synOptions.length(n.offersTimestamps(), n.offersSack(), n.offersWindowScale());
    }

    private void putSynOptions(Connection c, UnsafeBuffer b, int offset, long nowNs) {
        Negotiation n = c.negotiation;
        synOptions.put(
                b,
                offset,
                n.announcedMss(),
                n.offersTimestamps(),
                n.timestamp(nowNs),
                c.tcb.rcv.tsRecent,
                n.offersSack(),
                n.offersWindowScale() ? n.ownWindowShift() : Segment.ABSENT);
    }

    private static void putTimestamps(Connection c, UnsafeBuffer b, int at, long nowNs) {
        Wire.u32(b, at, TIMESTAMP_HEAD);
        Wire.u32(b, at + 4, c.negotiation.timestamp(nowNs));
        Wire.u32(b, at + 8, c.tcb.rcv.tsRecent);
    }

    /**
     * Sends a segment that belongs to no connection, or one that ends one.
     *
     * @return false if the device was full and it is to be tried again; true if it was sent or cannot be
     */
    boolean sendStateless(IpPath path, StatelessSegment s, long nowNs) {
        frame.reset();
        boolean syn = (s.flags & TcpHeader.SYN) != 0;
        int headerLength = TcpHeader.MIN_LENGTH + statelessOptionBytes(s, syn);
        int at = frame.pushTransport(headerLength);
        UnsafeBuffer b = frame.buffer();
        int sum = InternetChecksum.pseudoHeader(
                path.srcHi(), path.srcLo(), path.dstHi(), path.dstLo(), IpProtocol.TCP, headerLength);
        TcpHeader.put(b, at, s.localPort, s.remotePort, s.seq, s.ack, headerLength, s.flags, s.window, sum, 0);
        putStatelessOptions(b, at + TcpHeader.MIN_LENGTH, path, s, syn);
        frame.tx().checksumNeeded = true;
        frame.tx().csumOffset = TcpHeader.CHECKSUM_OFFSET;
        frame.tx().headerLength = headerLength;
        int taken = ip.sendOrHold(frame, path, IpProtocol.TCP, s.tos, TcpOptions.ttlFor(path, s.ttl), true, nowNs);
        if (taken > 0) {
            counters.count(StackCounter.TCP_OUT_SEGS);
            if ((s.flags & TcpHeader.RST) != 0) {
                counters.count(StackCounter.TCP_OUT_RSTS);
            } else if (s.flags == TcpHeader.ACK) {
                counters.count(StackCounter.TCP_OUT_ACKS);
            }
        }
        return taken != 0;
    }

    private int statelessOptionBytes(StatelessSegment s, boolean syn) {
        return syn
                ? synOptions.length(s.timestamps, s.sackPermitted, s.windowScale != Segment.ABSENT)
                : s.timestamps ? TIMESTAMP_BYTES : 0;
    }

    private void putStatelessOptions(UnsafeBuffer b, int offset, IpPath path, StatelessSegment s, boolean syn) {
        if (syn) {
            int mss = Negotiation.announcedMss(path, s.maxSegment);
            synOptions.put(b, offset, mss, s.timestamps, s.tsVal, s.tsEcr, s.sackPermitted, s.windowScale);
        } else if (s.timestamps) {
            Wire.u32(b, offset, TIMESTAMP_HEAD);
            Wire.u32(b, offset + 4, s.tsVal);
            Wire.u32(b, offset + 8, s.tsEcr);
        }
    }
}
