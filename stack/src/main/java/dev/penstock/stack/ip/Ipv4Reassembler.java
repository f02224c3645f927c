package dev.penstock.stack.ip;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.SipHash;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.FramePool;
import dev.penstock.stack.timer.DeadlineQueue;
import dev.penstock.stack.wire.IcmpHeader;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Ipv4Header;

/**
 * Puts fragmented IPv4 packets together again (RFC 791, section 3.2; RFC 815). Fragments that overlap others end the
 * whole datagram, as RFC 5722 rules for IPv6 and RFC 8200 after it: nothing honest sends them. Exact duplicates are
 * ignored.
 *
 * <p>Bounded in datagrams, datagrams per source, fragments (hence bytes) and time. At a limit the oldest datagram goes.
 */
final class Ipv4Reassembler {
    private static final int BUCKETS = 512;

    private final IpConfig config;
    private final Counters counters;
    private final DeadlineQueue deadlines;
    private final FramePool small;
    private final FramePool large;
    private final IpLayer layer;
    private final SipHash hash;
    private final IcmpErrors errors;
    private final Reassembly[] buckets = new Reassembly[BUCKETS];
    private Reassembly oldest;
    private Reassembly newest;
    private int datagrams;
    private int fragments;
    private boolean wholeToGroup;

    Ipv4Reassembler(
            IpLayer layer,
            IpConfig config,
            Counters counters,
            DeadlineQueue deadlines,
            SipHash hash,
            FramePool small,
            FramePool large,
            IcmpErrors errors) {
        this.layer = layer;
        this.config = config;
        this.counters = counters;
        this.deadlines = deadlines;
        this.hash = hash;
        this.small = small;
        this.large = large;
        this.errors = errors;
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
     * Takes a copy of a fragment.
     *
     * @return the whole packet, its header that of the first fragment without the marks of fragmentation, the caller's
     *     to release; or null
     */
    Frame onFragment(IpPacket packet, long nowNs) {
        counters.count(StackCounter.IP_REASM_REQUIRED);
        int from = Ipv4Header.fragmentOffset(packet.buffer, packet.headerOffset);
        boolean more = Ipv4Header.moreFragments(packet.buffer, packet.headerOffset);
        DropReason bad = check(packet, from, more);
        if (bad != null) {
            layer.drop(bad);
            return null;
        }
        Reassembly datagram = findOrCreate(packet, nowNs);
        if (datagram == null) {
            layer.drop(DropReason.IPV4_FRAGMENT_LIMIT);
            return null;
        }
        if (datagram.refused) {
            layer.drop(DropReason.IPV4_FRAGMENT_OVERLAP);
            return null;
        }
        int verdict = datagram.fit(packet, from, more);
        if (verdict == Reassembly.DUPLICATE) {
            layer.drop(DropReason.IPV4_FRAGMENT_DUPLICATE);
            return null;
        }
        if (verdict == Reassembly.CONFLICT) {
            layer.drop(DropReason.IPV4_FRAGMENT_OVERLAP);
            refuse(datagram);
            return null;
        }
        return keep(datagram, packet, from, more);
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

    private int bucket(IpPacket packet, int id) {
        return (int) hash.hash(
                        (packet.srcLo << 32) | (packet.dstLo & 0xffff_ffffL), ((long) packet.protocol << 16) | id)
                & (BUCKETS - 1);
    }

    private Reassembly findOrCreate(IpPacket packet, long nowNs) {
        int id = Ipv4Header.identification(packet.buffer, packet.headerOffset);
        int bucket = bucket(packet, id);
        for (Reassembly r = buckets[bucket]; r != null; r = r.nextInBucket) {
            if (r.id == id && r.srcLo == packet.srcLo && r.dstLo == packet.dstLo && r.protocol == packet.protocol) {
                return r;
            }
        }
        if (countFrom(packet.srcLo) >= config.maxReassembliesPerSource) {
            return null;
        }
        if (datagrams >= config.maxReassemblies) {
            evictOldest();
        }
        Reassembly created = new Reassembly(this, packet.srcLo, packet.dstLo, packet.protocol, id, bucket);
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
        deadlines.schedule(created, nowNs + config.reassemblyNs);
        return created;
    }

    private int countFrom(long srcLo) {
        int n = 0;
        for (Reassembly r = oldest; r != null; r = r.after) {
            if (r.srcLo == srcLo) {
                n++;
            }
        }
        return n;
    }

    private void evictOldest() {
        counters.drop(DropReason.IPV4_FRAGMENT_LIMIT);
        counters.count(StackCounter.IP_REASM_FAILS);
        remove(oldest);
    }

    private Frame keep(Reassembly datagram, IpPacket packet, int from, boolean more) {
        while (fragments >= config.maxFragments && oldest != datagram) {
            evictOldest();
        }
        Frame copy = fragments >= config.maxFragments ? null : small.acquire();
        if (copy == null) {
            layer.drop(DropReason.IPV4_FRAGMENT_LIMIT);
            counters.count(StackCounter.IP_REASM_FAILS);
            remove(datagram);
            return null;
        }
        copy.append(packet.buffer, packet.headerOffset, packet.headerLength + packet.payloadLength);
        fragments++;
        datagram.insert(copy, packet, from, more);
        if (!datagram.isComplete()) {
            return null;
        }
        DropReason bad = datagram.hasBadEcn()
                ? DropReason.IPV4_FRAGMENT_BAD
                : datagram.length() > IpLayer.MAX_PACKET ? DropReason.IPV4_FRAGMENT_TOO_BIG : null;
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
            counters.drop(DropReason.IPV4_FRAGMENT_TIMEOUT);
            counters.count(StackCounter.IP_REASM_FAILS);
            Frame first = datagram.firstFragment();
            // RFC 792, Time Exceeded: "If fragment zero is not available then no time exceeded need be sent at all."
            if (first != null && !datagram.toGroup) {
                errors.send(
                        first.buffer(),
                        first.start(),
                        IcmpHeader.TIME_EXCEEDED,
                        IcmpHeader.CODE_REASSEMBLY_EXCEEDED,
                        0,
                        nowNs);
            }
        }
        remove(datagram);
    }

    /** Forgets all. */
    void clear() {
        while (oldest != null) {
            remove(oldest);
        }
    }
}
