package dev.penstock.stack.tcp;

import dev.penstock.stack.base.SipHash;

/**
 * SYN cookies (RFC 4987, section 3.6): the SYN-ACK's sequence number holds, under a keyed hash, all that a listener would
 * have to remember of a SYN - so that it need not - and what does not fit is in the low bits of our timestamp, which the
 * peer echoes.
 *
 * <p>Of the 32 bits, the first 2 tell the time in steps of 64 seconds, the next 3 the peer's MSS, rounded down to one of
 * eight; the other 27 are the hash of both, of addresses and ports and of the peer's initial sequence number. A cookie is
 * good for one to two steps.
 */
final class SynCookies {
    /** How long a step of the time is. */
    private static final long STEP_NS = 64_000_000_000L;
    /** A cookie is good in its own step and in so many after it. */
    private static final int STEPS = 1;
    /** After this time no cookie of a listener can be good any more. */
    static final long LIFE_NS = (STEPS + 1) * STEP_NS;

    private static final int MAC_BITS = 27;
    private static final int MAC_MASK = (1 << MAC_BITS) - 1;
    /** The defaults of both families, what tunnels leave of Ethernet, Ethernet's own for both, jumbo frames. */
    private static final int[] MSS = {64, 536, 1220, 1380, 1420, 1440, 1460, 8_940};

    private static final int OPTION_BITS = 6;
    private static final int OPTION_MASK = (1 << OPTION_BITS) - 1;
    private static final int SCALE_MASK = 15;
    private static final int NO_SCALE = 15;
    private static final int SACK = 16;
    private static final int ECN = 32;

    private final SipHash hash;

    SynCookies(SipHash hash) {
        this.hash = hash;
    }

    /** The initial sequence number with which to answer {@code syn}, whose MSS, or the default, is {@code mss}. */
    int make(Segment syn, int mss, long nowNs) {
        int index = MSS.length - 1;
        while (index > 0 && MSS[index] > mss) {
            index--;
        }
        long step = nowNs / STEP_NS;
        return (int) (step & 3) << 30 | index << MAC_BITS | mac(syn, syn.seq, step, index);
    }

    /**
     * Does {@code ack} acknowledge a cookie of ours, of one of the last steps?
     *
     * @return the peer's MSS, rounded down, or {@link Segment#ABSENT} if it does not
     */
    int check(Segment ack, long nowNs) {
        int cookie = ack.ack - 1;
        long now = nowNs / STEP_NS;
        long age = now - (cookie >>> 30) & 3;
        int index = cookie >>> MAC_BITS & 7;
        if (age > STEPS || mac(ack, ack.seq - 1, now - age, index) != (cookie & MAC_MASK)) {
            return Segment.ABSENT;
        }
        return MSS[index];
    }

    private int mac(Segment s, int peerIss, long step, int index) {
        long ports = (long) s.localPort << 16 | s.remotePort;
        long who = hash.hash(s.localHi, s.localLo, s.remoteHi, s.remoteLo, ports << 32 | peerIss & 0xffff_ffffL);
        return (int) hash.hash(who, step << 3 | index) & MAC_MASK;
    }

    /**
     * Our timestamp at {@code now} or up to 63 ticks before, so that it never is ahead of the clock, with what was agreed
     * in its low bits.
     *
     * @param scale the peer's window scale, 0 .. 14, or {@link Segment#ABSENT}
     */
    static int stamp(int now, int scale, boolean sack, boolean ecn) {
        int agreed = (scale == Segment.ABSENT ? NO_SCALE : Math.min(14, scale)) | (sack ? SACK : 0) | (ecn ? ECN : 0);
        int stamp = now & ~OPTION_MASK | agreed;
        return stamp - now > 0 ? stamp - (1 << OPTION_BITS) : stamp;
    }

    /** The window scale in the echo of a {@link #stamp}, or {@link Segment#ABSENT}. */
    static int scale(int echo) {
        int scale = echo & SCALE_MASK;
        return scale == NO_SCALE ? Segment.ABSENT : scale;
    }

    /** SACK was agreed, as the echo of a {@link #stamp} tells. */
    static boolean sack(int echo) {
        return (echo & SACK) != 0;
    }

    /** ECN was agreed, as the echo of a {@link #stamp} tells. */
    static boolean ecn(int echo) {
        return (echo & ECN) != 0;
    }
}
