package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.tcp.TcpConfig;
import dev.penstock.stack.tcp.TcpHabits;
import dev.penstock.stack.tcp.TcpMtuProbing;
import dev.penstock.stack.tcp.TcpSynOptions;

/** What a {@link Profile} means for the stack under test: the habits of the stacks that scripts were written for. */
final class ProfileHabits {
    private static final long MS = 1_000_000L;
    /** Half of a tcp_rmem of 540,000: SYNs announce 65,535. */
    private static final int LINUX_RECEIVE_BUFFER = 270_000;
    /** Window scale 8. */
    private static final int LINUX_MOST_RECEIVE_BUFFER = 15 << 20;

    private static final int MOST_SEND_BUFFER = 1 << 26;

    private ProfileHabits() {}

    static void apply(Profile profile, ShardConfig config) {
        // Scripts look at one connection at a time, and each begins as if it were the first one.
        config.tcp.tcbSharing = false;
        if (profile == Profile.LINUX) {
            linux(config.tcp);
        } else {
            bsd(config.tcp);
        }
    }

    /** A current kernel with its defaults, and receive buffers for which window scale is 8. */
    private static void linux(TcpConfig tcp) {
        tcp.habits = TcpHabits.LINUX;
        tcp.synOptions = TcpSynOptions.LINUX;
        tcp.initialReceiveBuffer = LINUX_RECEIVE_BUFFER;
        tcp.maxReceiveBuffer = LINUX_MOST_RECEIVE_BUFFER;
        // The size of send buffers is LinuxSendMemory's.
        tcp.initialSendBuffer = MOST_SEND_BUFFER;
        tcp.maxSendBuffer = MOST_SEND_BUFFER;
        tcp.initialWindowSegments = 10;
        // srtt + max(4 * rttvar, tcp_rto_min).
        tcp.minRtoNs = MS;
        tcp.minRtoVariationNs = 200 * MS;
        tcp.maxRtoNs = 120_000 * MS;
        tcp.unreachableEndsOpening = true;
        tcp.synRetries = 6;
        tcp.synLinearTimeouts = 4;
        tcp.timeWaitIgnoresResets = false;
        tcp.synAckRetries = 5;
        tcp.synLossesForgiven = 1;
        tcp.ephemeralPortLast = 60_999;
        tcp.slowStartSegments = 0;
        tcp.alternativeBackoff = false;
        // fq and BBR pace, not TCP by itself.
        tcp.pacing = false;
        tcp.mtuProbing = TcpMtuProbing.OFF;
    }

    /** FreeBSD 14 and newer with its defaults. */
    private static void bsd(TcpConfig tcp) {
        tcp.habits = TcpHabits.BSD;
        tcp.synOptions = TcpSynOptions.BSD;
        tcp.quickAcks = 0;
        tcp.initialReceiveBuffer = 65_536;
        tcp.maxReceiveBuffer = 2 << 20;
        tcp.initialSendBuffer = 32_768;
        tcp.maxSendBuffer = 2 << 20;
        tcp.initialWindowSegments = 10;
        tcp.minRtoNs = 30 * MS;
        tcp.rtoSlopNs = 200 * MS;
        tcp.maxRtoNs = 64_000 * MS;
        tcp.synRetries = 12;
        tcp.dataRetries = 12;
        tcp.slowStartSegments = 2;
        tcp.alternativeBackoff = false;
        tcp.pacing = false;
        tcp.mtuProbing = TcpMtuProbing.OFF;
        // A FIN-WAIT-2 that waits 675 s, a TIME-WAIT of two MSL of 30 s.
        tcp.timeWaitNs = 60_000 * MS;
    }
}
