package dev.penstock.stack.tcp;

import dev.penstock.stack.base.Counters;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.StackCounter;

/** RFC 5961, section 7: challenge ACKs are limited, for the stack as a whole. */
final class ChallengeLimit {
    private static final long SECOND_NS = 1_000_000_000L;

    private final TcpConfig config;
    private final RandomSource random;
    private final Counters counters;
    private long second = Long.MIN_VALUE;
    private int left;

    ChallengeLimit(TcpConfig config, RandomSource random, Counters counters) {
        this.config = config;
        this.random = random;
        this.counters = counters;
    }

    /** True if one may be sent now; it is counted then, and if not, that. */
    boolean allows(long nowNs) {
        long now = nowNs / SECOND_NS;
        if (now != second) {
            second = now;
            // Another limit each second, or an attacker counts how many of his were answered (CVE-2016-5696).
            int half = config.challengeAcksPerSecond / 2;
            left = config.challengeAcksPerSecond - random.nextInt(half + 1);
        }
        if (left == 0) {
            counters.count(StackCounter.TCP_CHALLENGE_ACKS_LIMITED);
            return false;
        }
        left--;
        counters.count(StackCounter.TCP_CHALLENGE_ACKS);
        return true;
    }
}
