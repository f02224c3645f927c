package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;

/** One {@code send} or {@code recv} of whatever name, and how far it has come. */
final class Transfer {
    /** Bytes asked for. */
    final long length;

    final boolean wait;
    boolean peek;
    boolean truncate;
    boolean waitAll;
    boolean outOfBand;
    boolean more;
    /** MSG_EOR: nothing written later goes into a segment with the end of this. */
    boolean record;
    /** MSG_ZEROCOPY on a socket that allows it. */
    boolean zeroCopy;
    /** SO_TIMESTAMPING of this message alone; 0 for what the socket says. */
    long stamps;
    /** It found no room, and waits to be told that there is. */
    boolean blocked;
    /** MSG_ERRQUEUE: what is told here is read, and no data. */
    boolean errors;

    QueuedError error;
    /** Where a datagram goes; null for the peer. */
    Endpoint to;

    /** Bytes that were moved so far. */
    long done;
    /** Of a datagram: who sent it. */
    Endpoint from;
    /** Of a datagram that was too long: MSG_TRUNC is to be told. */
    boolean cut;
    /** The byte is the urgent one: MSG_OOB is to be told. */
    boolean urgent;

    Transfer(long length, boolean wait) {
        this.length = length;
        this.wait = wait;
    }

    long left() {
        return length - done;
    }
}
