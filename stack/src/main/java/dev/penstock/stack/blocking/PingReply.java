package dev.penstock.stack.blocking;

import dev.penstock.stack.wire.IpAddress;

/**
 * What came of one echo request.
 *
 * @param kind a reply, or why there was none
 * @param from who answered: the target, or the router that reports an error; null for {@link Kind#TIMEOUT}
 * @param sequence of the request, 0 .. 65535
 * @param bytes of data in the reply
 * @param ttl of the reply; 0 if there was none
 * @param rttNs from sending to the answer, nanoseconds; 0 for {@link Kind#TIMEOUT}
 */
public record PingReply(Kind kind, IpAddress from, int sequence, int bytes, int ttl, long rttNs) {
    /** What came back. */
    public enum Kind {
        REPLY,
        TIMEOUT,
        NET_UNREACHABLE,
        HOST_UNREACHABLE,
        PROTOCOL_UNREACHABLE,
        PORT_UNREACHABLE,
        TOO_BIG,
        ADMIN_PROHIBITED,
        TTL_EXCEEDED,
        OTHER_ERROR
    }

    /** True when the target itself answered. */
    public boolean isReply() {
        return kind == Kind.REPLY;
    }
}
