package dev.penstock.stack.tcp;

import dev.penstock.stack.wire.TcpHeader;

/**
 * TCP_DEFER_ACCEPT: a listener's connection stays half-open until data comes, so that the application is not told of peers that say
 * nothing. As Linux does it: the ACK of the handshake is passed over, and the SYN-ACK is not sent again, until so many of its
 * timeouts went by; then it asks for another ACK, which is enough.
 */
final class DeferredAccept {
    private final TcpOptions options;
    private final TcpConfig config;
    /** The peer has acknowledged our SYN. */
    private boolean acknowledged;

    DeferredAccept(TcpOptions options, TcpConfig config) {
        this.options = options;
        this.config = config;
    }

    /** An ACK completes the handshake: is it to be passed over? */
    boolean defers(Segment s, int timeouts) {
        if (s.payloadLength > 0 || s.has(TcpHeader.FIN) || timeouts >= wholeTimeouts()) {
            return false;
        }
        acknowledged = true;
        return true;
    }

    /** The timer of the SYN-ACK expired for the {@code timeouts}th time: is data waited for, instead of an ACK? */
    boolean waits(int timeouts) {
        return acknowledged && timeouts < wholeTimeouts();
    }

    /** How many timeouts of the SYN-ACK it takes until the time is over. */
    private int wholeTimeouts() {
        int count = 0;
        long timeout = config.initialRtoNs;
        for (long ns = options.deferAcceptNs; ns > 0; ns -= timeout / 2) {
            count++;
            timeout = Math.min(2 * timeout, 2 * config.maxRtoNs);
        }
        return count;
    }

    void carry(StateCarrier s) {
        acknowledged = s.flag(acknowledged);
    }
}
