package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.Icmpv6Header;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;
import dev.penstock.stack.wire.Ipv6Extension;
import dev.penstock.stack.wire.Ipv6Header;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.UdpHeader;

/**
 * Puts fragmented packets of both families together again (RFC 791, section 3.2; RFC 815; RFC 8200, section 4.5).
 * Fragments that overlap others end the whole datagram, as RFC 5722 rules for IPv6 and RFC 8200 after it, and here for
 * IPv4, too: nothing honest sends them. Exact duplicates are ignored.
 *
 * <p>Bounded in datagrams, datagrams per source, fragments (hence bytes) and time. At a limit the oldest datagram goes.
 */
final class Reassembler {
    private static final int BUCKETS = 512;

    private final IpConfig config;
    private final Counters counters;
    private final DeadlineQueue deadlines;
    private final FramePool small;
    private final FramePool large;
    private final IpLayer layer;
    private final SipHash hash;
    private final IcmpErrors errors;
    private final Icmpv6Errors errorsV6;
    private final Reassembly[] buckets = new Reassembly[BUCKETS];
    private Reassembly oldest;
    private Reassembly newest;
    private int datagrams;
    private int fragments;
    private boolean wholeToGroup;

    Reassembler(
            IpLayer layer,
            IpConfig config,
            Counters counters,
            DeadlineQueue deadlines,
            SipHash hash,
            FramePool small,
            FramePool large,
            IcmpErrors errors,
            Icmpv6Errors errorsV6) {
        this.layer = layer;
        this.config = config;
        this.counters = counters;
        this.deadlines = deadlines;
        this.hash = hash;
        this.small = small;
        this.large = large;
        this.errors = errors;
        this.errorsV6 = errorsV6;
    }

    int datagrams() {
        return datagrams;
    }

    int fragments() {
        return fragments;
    }

    /** Of the packet that {@link #onFragment} returned last: one of its fragments came to a group. */
    boolean wholeToGroup() {
        return wholeToGroup;
    }

    /**
     * Takes a copy of a fragment of an IPv4 packet.
     *
     * @return the whole packet, its header that of the first fragment without the marks of fragmentation, the caller's
     *     to release; or null
     */
    Frame onFragment(IpPacket packet, long nowNs) {
        int from = Ipv4Header.fragmentOffset(packet.buffer, packet.headerOffset);
        boolean more = Ipv4Header.moreFragments(packet.buffer, packet.headerOffset);
        int id = Ipv4Header.identification(packet.buffer, packet.headerOffset);
        counters.count(StackCounter.IP_REASM_REQUIRED);
        DropReason bad = check(packet, from, more);
        if (bad != null) {
            layer.drop(bad);
            return null;
        }
        return take(packet, packet.protocol, id, from, more, 0, nowNs);
    }

    /**
     * As {@link #onFragment}, for IPv6; the payload begins behind the fragment header.
     *
     * @param nextHeaderField where the headers before it name the fragment header, bytes from the IPv6 header
     */
    Frame onFragmentV6(IpPacket packet, int nextHeaderField, long nowNs) {
        int header = packet.payloadOffset - Ipv6Extension.MIN_LENGTH;
        int from = Ipv6Extension.fragmentOffset(packet.buffer, header);
        boolean more = Ipv6Extension.moreFragments(packet.buffer, header);
        int id = Ipv6Extension.identification(packet.buffer, header);
        counters.count(StackCounter.IP_REASM_REQUIRED);
        DropReason bad = checkV6(packet, from, more, nowNs);
        if (bad != null) {
            layer.drop(bad);
            return null;
        }
        return take(packet, Reassembly.NO_PROTOCOL, id, from, more, nextHeaderField, nowNs);
    }

    private Frame take(IpPacket packet, int protocol, int id, int from, boolean more, int field, long nowNs) {
        boolean v4 = IpAddress.isV4(packet.dstHi, packet.dstLo);
        Reassembly datagram = findOrCreate(packet, protocol, id, nowNs);
        if (datagram == null) {
            layer.drop(limit(v4));
            return null;
        }
        if (datagram.refused) {
            layer.drop(overlap(v4));
            return null;
        }
        int verdict = datagram.fit(packet, from, more);
        if (verdict == Reassembly.DUPLICATE) {
            layer.drop(v4 ? DropReason.IPV4_FRAGMENT_DUPLICATE : DropReason.IPV6_FRAGMENT_DUPLICATE);
            return null;
        }
        if (verdict == Reassembly.CONFLICT) {
            layer.drop(overlap(v4));
            refuse(datagram);
            return null;
        }
        return keep(datagram, packet, from, more, field);
    }

    private static DropReason limit(boolean v4) {
        return v4 ? DropReason.IPV4_FRAGMENT_LIMIT : DropReason.IPV6_FRAGMENT_LIMIT;
    }

    private static DropReason overlap(boolean v4) {
        return v4 ? DropReason.IPV4_FRAGMENT_OVERLAP : DropReason.IPV6_FRAGMENT_OVERLAP;
    }

    private DropReason check(IpPacket packet, int from, boolean more) {
        int length = packet.payloadLength;
        // RFC 791: "Fragments are counted in units of 8 octets"; only the last may have another length.
        if (length == 0 || (more && (length & 7) != 0)) {
            return DropReason.IPV4_FRAGMENT_BAD;
        }
        if (packet.headerLength + from + length > IpLayer.MAX_PACKET
                || packet.headerLength + length > small.frameCapacity()) {
            return DropReason.IPV4_FRAGMENT_TOO_BIG;
        }
        // RFC 1858, 3.2.2, and RFC 3128: a first fragment without TCP's flags hides them from filters.
        boolean tiny = packet.protocol == IpProtocol.TCP && (from == 8 || (from == 0 && length < 16));
        return tiny ? DropReason.IPV4_FRAGMENT_TINY : null;
    }

    private DropReason checkV6(IpPacket packet, int from, boolean more, long nowNs) {
        int length = packet.payloadLength;
        int field = packet.payloadOffset - Ipv6Extension.MIN_LENGTH + 2 - packet.headerOffset;
        if (more && (length & 7) != 0) {
            // RFC 8200, 4.5: "that fragment must be discarded and an ICMP Parameter Problem, Code 0, message should be
            // sent to the source of the fragment, pointing to the Payload Length field of the fragment packet."
            problem(packet, Icmpv6Header.CODE_BAD_FIELD, Ipv6Header.PAYLOAD_LENGTH_OFFSET, nowNs);
            return DropReason.IPV6_FRAGMENT_BAD;
        }
        int unfragmented = packet.headerLength - Ipv6Extension.MIN_LENGTH - Ipv6Header.LENGTH;
        if (unfragmented + from + length > Ipv6Header.MAX_PAYLOAD) {
            // "... pointing to the Fragment Offset field of the fragment packet."
            problem(packet, Icmpv6Header.CODE_BAD_FIELD, field, nowNs);
            return DropReason.IPV6_FRAGMENT_TOO_BIG;
        }
        if (length == 0) {
            return DropReason.IPV6_FRAGMENT_BAD;
        }
        if (packet.headerLength + length > small.frameCapacity()) {
            return DropReason.IPV6_FRAGMENT_TOO_BIG;
        }
        if (from == 0 && !isChainComplete(packet)) {
            // "If the first fragment does not include all headers through an Upper-Layer header, then that fragment
            // should be discarded and an ICMP Parameter Problem, Code 3, message should be sent ... with the Pointer
            // field set to zero."
            problem(packet, Icmpv6Header.CODE_INCOMPLETE_CHAIN, 0, nowNs);
            return DropReason.IPV6_FRAGMENT_TINY;
        }
        return null;
    }

    /** RFC 7112: all headers up to and including that of the transport. */
    private static boolean isChainComplete(IpPacket packet) {
        int end = packet.payloadOffset + packet.payloadLength;
        long upper = Ipv6Extension.upperLayer(packet.buffer, packet.protocol, packet.payloadOffset, end);
        if (upper == Ipv6Extension.NOT_FOUND) {
            return false;
        }
        int least =
                switch (Ipv6Extension.protocol(upper)) {
                    case IpProtocol.TCP -> TcpHeader.MIN_LENGTH;
                    case IpProtocol.UDP -> UdpHeader.LENGTH;
                    case IpProtocol.ICMPV6 -> Icmpv6Header.LENGTH;
                    default -> 0;
                };
        return Ipv6Extension.offset(upper) + least <= end;
    }

    private void problem(IpPacket packet, int code, int pointer, long nowNs) {
        errorsV6.send(packet, Icmpv6Header.PARAMETER_PROBLEM, code, pointer, nowNs);
    }

    private Reassembly findOrCreate(IpPacket packet, int protocol, int id, long nowNs) {
        long name = (long) protocol << 32 | (id & 0xffff_ffffL);
        int bucket = (int) hash.hash(packet.srcHi, packet.srcLo, packet.dstHi, packet.dstLo, name) & (BUCKETS - 1);
        for (Reassembly r = buckets[bucket]; r != null; r = r.nextInBucket) {
            if (r.isOf(packet, protocol, id)) {
                return r;
            }
        }
        if (countFrom(packet.srcHi, packet.srcLo) >= config.maxReassembliesPerSource) {
            return null;
        }
        if (datagrams >= config.maxReassemblies) {
            evictOldest();
        }
        Reassembly created = new Reassembly(this, packet, protocol, id, bucket);
        created.nextInBucket = buckets[bucket];
        buckets[bucket] = created;
        created.before = newest;
        if (newest == null) {
            oldest = created;
        } else {
            newest.after = created;
        }
        newest = created;
        datagrams++;
        deadlines.schedule(created, nowNs + (created.v4 ? config.reassemblyNs : config.reassemblyV6Ns));
        return created;
    }

    private int countFrom(long srcHi, long srcLo) {
        int n = 0;
        for (Reassembly r = oldest; r != null; r = r.after) {
            if (r.srcLo == srcLo && r.srcHi == srcHi) {
                n++;
            }
        }
        return n;
    }

    private void evictOldest() {
        counters.drop(limit(oldest.v4));
        counters.count(StackCounter.IP_REASM_FAILS);
        remove(oldest);
    }

    private Frame keep(Reassembly datagram, IpPacket packet, int from, boolean more, int field) {
        while (fragments >= config.maxFragments && oldest != datagram) {
            evictOldest();
        }
        Frame copy = fragments >= config.maxFragments ? null : small.acquire();
        if (copy == null) {
            layer.drop(limit(datagram.v4));
            counters.count(StackCounter.IP_REASM_FAILS);
            remove(datagram);
            return null;
        }
        copy.append(packet.buffer, packet.headerOffset, packet.headerLength + packet.payloadLength);
        fragments++;
        datagram.insert(copy, packet, from, more, field);
        if (!datagram.isComplete()) {
            return null;
        }
        DropReason bad = flaw(datagram);
        Frame whole = bad == null ? large.acquire() : null;
        if (whole == null) {
            layer.drop(bad != null ? bad : DropReason.FRAME_POOL_EMPTY);
            counters.count(StackCounter.IP_REASM_FAILS);
        } else {
            datagram.assemble(whole);
            wholeToGroup = datagram.toGroup;
            counters.count(StackCounter.IP_REASM_OK);
        }
        remove(datagram);
        return whole;
    }

    private DropReason flaw(Reassembly datagram) {
        boolean v4 = datagram.v4;
        if (datagram.hasBadEcn()) {
            return v4 ? DropReason.IPV4_FRAGMENT_BAD : DropReason.IPV6_FRAGMENT_BAD;
        }
        if (datagram.isTooLong() || datagram.length() > large.frameCapacity()) {
            return v4 ? DropReason.IPV4_FRAGMENT_TOO_BIG : DropReason.IPV6_FRAGMENT_TOO_BIG;
        }
        return null;
    }

    /** Keeps only the name of a datagram, so that what else comes of it is refused, too. */
    private void refuse(Reassembly datagram) {
        datagram.refused = true;
        counters.count(StackCounter.IP_REASM_FAILS);
        fragments -= datagram.releaseAll();
    }

    private void remove(Reassembly datagram) {
        deadlines.cancel(datagram);
        fragments -= datagram.releaseAll();
        datagrams--;
        if (datagram.before == null) {
            oldest = datagram.after;
        } else {
            datagram.before.after = datagram.after;
        }
        if (datagram.after == null) {
            newest = datagram.before;
        } else {
            datagram.after.before = datagram.before;
        }
        Reassembly r = buckets[datagram.bucket];
        if (r == datagram) {
            buckets[datagram.bucket] = datagram.nextInBucket;
            return;
        }
        while (r.nextInBucket != datagram) {
            r = r.nextInBucket;
        }
        r.nextInBucket = datagram.nextInBucket;
    }

    void onTimeout(Reassembly datagram, long nowNs) {
        if (!datagram.refused) {
            boolean v4 = datagram.v4;
            counters.drop(v4 ? DropReason.IPV4_FRAGMENT_TIMEOUT : DropReason.IPV6_FRAGMENT_TIMEOUT);
            counters.count(StackCounter.IP_REASM_FAILS);
            Frame first = datagram.firstFragment();
            // RFC 792, Time Exceeded: "If fragment zero is not available then no time exceeded need be sent at all."
            if (first != null && !datagram.toGroup) {
                tellTimeout(first, datagram, nowNs);
            }
        }
        remove(datagram);
    }

    private void tellTimeout(Frame first, Reassembly datagram, long nowNs) {
        if (datagram.v4) {
            int code = IcmpHeader.CODE_REASSEMBLY_EXCEEDED;
            errors.send(first.buffer(), first.start(), IcmpHeader.TIME_EXCEEDED, code, 0, nowNs);
        } else {
            int code = Icmpv6Header.CODE_REASSEMBLY_EXCEEDED;
            errorsV6.send(first.buffer(), first.start(), datagram.zone, Icmpv6Header.TIME_EXCEEDED, code, 0, nowNs);
        }
    }

    /** Forgets all. */
    void clear() {
        while (oldest != null) {
            remove(oldest);
        }
    }
}
