package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.Host.Endpoint;

/** A socket. Methods answer null where a blocking socket must wait; they are called again when something has happened. */
abstract class SocketDescriptor extends Descriptor {
    final Host host;
    final DescriptorTable table;
    final int family;
    final SocketSettings settings;
    /** SO_ERROR: told once. */
    Errno pendingError;

    SocketDescriptor(DescriptorTable table, int family, SocketSettings settings) {
        this.table = table;
        this.host = table.host;
        this.family = family;
        this.settings = settings;
    }

    final boolean isLinux() {
        return host.profile() == Profile.LINUX;
    }

    final long clock() {
        return host.stack().clockNs();
    }

    /** The pending error, which is told by this; null if there is none. */
    final Errno takeError() {
        Errno e = pendingError;
        pendingError = null;
        return e;
    }

    abstract boolean isStream();

    abstract Result bind(Endpoint to);

    abstract Result listen(int backlog);

    abstract Result accept();

    abstract Result connect(Endpoint to);

    /** Takes a connection back ({@code AF_UNSPEC}). */
    abstract Result disconnect();

    abstract Result send(Transfer t);

    abstract Result receive(Transfer t);

    abstract Result shutdown(int how);

    /** Null if not bound. */
    abstract Endpoint localName();

    /** Null if not connected. */
    abstract Endpoint peerName();
}
