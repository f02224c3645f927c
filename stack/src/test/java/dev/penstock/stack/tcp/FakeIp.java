package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPacket;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.ip.PathWaiter;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** An IP layer with one local address that hands each segment, cut to the MSS and checksummed, to a sink. */
final class FakeIp implements IpOutput {
    /** Takes what was sent: transport header and payload, finished. */
    interface Sink {
        void onSegment(byte[] segment, Path path, long nowNs);
    }

    final IpAddress local;
    /** Another address of this host; null for none. */
    IpAddress second;

    final Sink sink;
    int mtu = 1500;
    int gsoMaxLength = 65_535;
    /** When not 0, what send answers instead of sending; a positive number is a count of pieces to take. */
    int refuse;

    int deviceFullAfter = Integer.MAX_VALUE;
    int openPaths;
    int reachabilityConfirmed;
    int reachabilityDoubted;
    final List<PathWaiter> waiters = new ArrayList<>();
    boolean noRoute;
    Counters counters = new Counters();

    FakeIp(IpAddress local, Sink sink) {
        this.local = local;
        this.sink = sink;
    }

    /** See {@link IpPath#receiveQueueLength}. */
    int receiveQueueLength;

    final class Path implements IpPath {
        final IpAddress source;
        final long dstHi;
        final long dstLo;
        int pathMtu = mtu;
        /** The type of service of the last packet. */
        int tos;
        /** The TTL of the last packet. */
        int ttl;

        Path(long dstHi, long dstLo) {
            this(local, dstHi, dstLo);
        }

        Path(IpAddress source, long dstHi, long dstLo) {
            this.source = source;
            this.dstHi = dstHi;
            this.dstLo = dstLo;
        }

        @Override
        public long srcHi() {
            return source.hi();
        }

        @Override
        public long srcLo() {
            return source.lo();
        }

        @Override
        public long dstHi() {
            return dstHi;
        }

        @Override
        public long dstLo() {
            return dstLo;
        }

        @Override
        public int mtu() {
            return pathMtu;
        }

        @Override
        public int interfaceMtu() {
            return mtu;
        }

        @Override
        public int gsoMaxLength() {
            return gsoMaxLength;
        }

        @Override
        public int headerLength() {
            return local.isV4() ? 20 : 40;
        }

        @Override
        public int receiveQueueLength() {
            return receiveQueueLength;
        }

        @Override
        public boolean isLoopback() {
            return false;
        }

        @Override
        public boolean reduceMtu(int newMtu, long nowNs) {
            if (!local.isV4() && newMtu < 1280) {
                return false;
            }
            boolean smaller = newMtu < pathMtu;
            pathMtu = Math.min(pathMtu, Math.max(68, newMtu));
            return smaller;
        }

        @Override
        public boolean park(PathWaiter waiter) {
            waiters.add(waiter);
            return true;
        }

        @Override
        public void unpark(PathWaiter waiter) {
            waiters.remove(waiter);
        }

        @Override
        public void release() {
            openPaths--;
        }
    }

    @Override
    public IpPath path(long srcHi, long srcLo, long dstHi, long dstLo, int interfaceIndex, long nowNs) {
        if (noRoute) {
            return null;
        }
        openPaths++;
        boolean isSecond = second != null && second.hi() == srcHi && second.lo() == srcLo;
        return new Path(isSecond ? second : local, dstHi, dstLo);
    }

    @Override
    public int send(Frame frame, IpPath path, int protocol, int tos, int ttl, boolean dontFragment, long nowNs) {
        if (refuse < 0) {
            return refuse;
        }
        UnsafeBuffer whole = new UnsafeBuffer(new byte[frame.length()]);
        frame.copyTo(whole, 0);
        int headerLength = frame.tx().headerLength;
        int payload = frame.length() - headerLength;
        ((Path) path).tos = tos;
        ((Path) path).ttl = ttl;
        int unit = frame.tx().gsoType == TxOffload.GSO_NONE ? Math.max(1, payload) : frame.tx().gsoSize;
        if (path.headerLength() + headerLength + Math.min(unit, payload) > path.mtu()) {
            return TOO_BIG;
        }
        int pieces = Math.max(1, (payload + unit - 1) / unit);
        int taken = 0;
        while (taken < pieces && deviceFullAfter > 0) {
            deviceFullAfter--;
            emit(whole, headerLength, payload, unit, taken, pieces, (Path) path, nowNs);
            taken++;
        }
        return taken;
    }

    private void emit(
            UnsafeBuffer whole, int headerLength, int payload, int unit, int i, int pieces, Path path, long nowNs) {
        int at = i * unit;
        int length = Math.min(unit, payload - at);
        byte[] segment = new byte[headerLength + length];
        UnsafeBuffer b = new UnsafeBuffer(segment);
        b.putBytes(0, whole, 0, headerLength);
        b.putBytes(headerLength, whole, headerLength + at, length);
        Wire.u32(b, 4, TcpHeader.sequence(whole, 0) + at);
        int flags = TcpHeader.flags(whole, 0);
        if (i < pieces - 1) {
            flags &= ~(TcpHeader.FIN | TcpHeader.PSH);
        }
        if (i > 0) {
            flags &= ~TcpHeader.CWR;
        }
        Wire.u16(b, 12, headerLength << 10 | flags);
        Wire.u16(b, TcpHeader.CHECKSUM_OFFSET, 0);
        int pseudo = InternetChecksum.pseudoHeader(
                path.srcHi(), path.srcLo(), path.dstHi(), path.dstLo(), IpProtocol.TCP, segment.length);
        int sum = InternetChecksum.add(pseudo, InternetChecksum.sum(b, 0, segment.length));
        Wire.u16(b, TcpHeader.CHECKSUM_OFFSET, InternetChecksum.finish(sum));
        sink.onSegment(segment, path, nowNs);
    }

    /** The description under which a segment that {@code from} sent arrives at {@code to}. */
    static IpPacket packet(byte[] segment, IpAddress from, IpAddress to) {
        IpPacket p = new IpPacket();
        p.buffer = new UnsafeBuffer(segment);
        p.payloadOffset = 0;
        p.payloadLength = segment.length;
        p.protocol = IpProtocol.TCP;
        p.ttl = 64;
        p.srcHi = from.hi();
        p.srcLo = from.lo();
        p.dstHi = to.hi();
        p.dstLo = to.lo();
        return p;
    }

    @Override
    public void portUnreachable(IpPacket packet, long nowNs) {}

    @Override
    public boolean isLocalAddress(long hi, long lo) {
        return local.hi() == hi && local.lo() == lo || second != null && second.hi() == hi && second.lo() == lo;
    }

    @Override
    public boolean isBroadcast(long hi, long lo) {
        return lo == IpAddress.BROADCAST_V4.lo();
    }

    @Override
    public void drop(DropReason reason) {
        counters.drop(reason);
    }

    @Override
    public void doubtReachable(IpPath path, long nowNs) {
        reachabilityDoubted++;
    }

    @Override
    public void confirmReachable(IpPath path, long nowNs) {
        reachabilityConfirmed++;
    }
}
