package dev.penstock.conformance.packetdrill;

/**
 * One message of a Linux socket's error queue: {@code struct sock_extended_err}, and a timestamp.
 *
 * @param stampNs of the script's clock; -1 for none
 */
record QueuedError(int errno, int origin, int type, int code, long info, long data, long stampNs) {
    static final int ZEROCOPY = 5;
    private static final int TIMESTAMPING = 4;
    private static final int ENOMSG = 42;
    /** The device of a script copies what it is lent. */
    private static final int COPIED = 1;

    static QueuedError zeroCopy(long first, long last) {
        return new QueuedError(0, ZEROCOPY, 0, COPIED, first, last, -1);
    }

    static QueuedError timestamp(int type, long key, long stampNs) {
        return new QueuedError(ENOMSG, TIMESTAMPING, 0, 0, type, key & 0xffff_ffffL, stampNs);
    }
}
