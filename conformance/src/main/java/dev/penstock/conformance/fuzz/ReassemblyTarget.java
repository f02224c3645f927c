package dev.penstock.conformance.fuzz;

import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.UdpHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Fragments of UDP datagrams in any order, overlapping or not, against a byte array: a datagram comes out when, and only when, all of
 * it has come, and nothing of it twice but as an exact duplicate (RFC 5722, as RFC 8200 took it over).
 */
final class ReassemblyTarget {
    private static final int PORT = 53;
    private static final int IDS = 3;
    private static final int LARGEST = 4_096;
    private static final int MOST_ACTIONS = 60;

    private final LoneStack lab;
    private final ShardConfig config;
    private final Datagram[] datagrams = new Datagram[IDS];
    private final List<byte[]> delivered = new ArrayList<>();

    private ReassemblyTarget(ShardConfig config) {
        this.config = config;
        this.lab = new LoneStack(config);
    }

    /** One datagram, as it is put together. */
    private static final class Datagram {
        final long bornNs;
        final byte[] bytes = new byte[LARGEST + 2_048];
        final boolean[] there = new boolean[LARGEST + 2_048];
        final List<int[]> pieces = new ArrayList<>();
        int total = -1;
        int most;
        boolean refused;

        Datagram(long nowNs) {
            bornNs = nowNs;
        }

        /** Takes a piece; true when that completes the datagram. */
        boolean take(int from, byte[] piece, boolean more) {
            int to = from + piece.length;
            if (refused) {
                return false;
            }
            for (int[] other : pieces) {
                boolean same = other[0] == from && other[1] == to;
                if (same && Arrays.equals(piece, Arrays.copyOfRange(bytes, from, to)) && more == (to != total)) {
                    return false;
                }
            }
            boolean overlap = false;
            for (int i = from; i < to; i++) {
                overlap |= there[i];
            }
            boolean contradicts = total >= 0 ? to > total || !more || to == total : !more && to < most;
            if (overlap || contradicts) {
                refused = true;
                return false;
            }
            Arrays.fill(there, from, to, true);
            System.arraycopy(piece, 0, bytes, from, piece.length);
            pieces.add(new int[] {from, to});
            most = Math.max(most, to);
            total = more ? total : to;
            for (int i = 0; i < total; i++) {
                if (!there[i]) {
                    return false;
                }
            }
            return total >= 0;
        }
    }

    static void run(FuzzInput in) {
        ReassemblyTarget target = new ReassemblyTarget(new ShardConfig());
        try (LoneStack lab = target.lab) {
            UdpEndpoint endpoint = lab.stack.openUdp(target.new Receiver());
            endpoint.bind(IpAddress.ANY_V4.hi(), IpAddress.ANY_V4.lo(), PORT);
            for (int i = 0; i < MOST_ACTIONS && !in.isEmpty(); i++) {
                target.act(in);
            }
            // What is not whole is given up, and its memory with it: the stack's close looks for it.
            lab.run(2 * target.config.ip.reassemblyNs);
        }
    }

    private final class Receiver implements UdpHandler {
        @Override
        public void onDatagram(
                DirectBuffer buffer,
                int offset,
                int length,
                long srcHi,
                long srcLo,
                int srcPort,
                long dstHi,
                long dstLo,
                long nowNs) {
            byte[] data = new byte[length];
            buffer.getBytes(offset, data);
            delivered.add(data);
        }
    }

    private void act(FuzzInput in) {
        int what = in.u8();
        if (what < 16) {
            lab.run(in.time());
            return;
        }
        int id = in.below(IDS);
        boolean more = (what & 1) != 0;
        int from = 8 * in.below(128);
        int length = (what & 2) != 0 ? 8 * (1 + in.below(64)) : 1 + in.below(256);
        byte[] piece = new byte[length];
        Arrays.fill(piece, (byte) in.u8());
        if (from == 0 && length >= UdpHeader.LENGTH) {
            // A checksum of 0: there is none. The length is right or not, as it happens.
            byte[] header = {0, 9, 0, PORT, 0, 0, 0, 0};
            int claimed = in.u16() % LARGEST;
            header[4] = (byte) (claimed >>> 8);
            header[5] = (byte) claimed;
            System.arraycopy(header, 0, piece, 0, header.length);
        }
        byte[] expected = expect(id, from, piece, more);
        lab.out.putBytes(LoneStack.L4, piece);
        delivered.clear();
        int fragment = (more ? Ipv4Header.MF : 0) | from / 8;
        lab.exchange(lab.ip(IpProtocol.UDP, Ipv4Header.MIN_LENGTH, length, id, fragment));
        boolean right = expected == null
                ? delivered.isEmpty()
                : delivered.size() == 1 && Arrays.equals(delivered.get(0), expected);
        if (!right) {
            throw new IllegalStateException("fragment at " + from + ", " + length + " bytes, more " + more + ": "
                    + delivered.size() + " delivered where " + (expected == null ? 0 : 1) + " should be; "
                    + lab.stack.counters());
        }
    }

    /** The data of the datagram that this fragment completes, or null. */
    private byte[] expect(int id, int from, byte[] piece, boolean more) {
        if (!more && from == 0) {
            // No fragment at all.
            return data(piece, piece.length);
        }
        if (more && piece.length % 8 != 0) {
            return null;
        }
        Datagram d = datagrams[id];
        if (d == null || lab.nowNs() - d.bornNs >= config.ip.reassemblyNs) {
            d = new Datagram(lab.nowNs());
            datagrams[id] = d;
        }
        if (!d.take(from, piece, more)) {
            return null;
        }
        datagrams[id] = null;
        return data(d.bytes, d.total);
    }

    /** What UDP makes of it: its own length field rules (RFC 768), null if it is impossible. */
    private static byte[] data(byte[] bytes, int total) {
        if (total < UdpHeader.LENGTH || bytes[2] != 0 || bytes[3] != PORT) {
            return null;
        }
        int claimed = (bytes[4] & 0xff) << 8 | bytes[5] & 0xff;
        boolean checksum = bytes[6] != 0 || bytes[7] != 0;
        if (claimed < UdpHeader.LENGTH || claimed > total || checksum) {
            return null;
        }
        return Arrays.copyOfRange(bytes, UdpHeader.LENGTH, claimed);
    }
}
