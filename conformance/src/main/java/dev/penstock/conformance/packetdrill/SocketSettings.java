package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.tcp.TcpOptions;
import java.util.HashMap;
import java.util.Map;

/** What {@code setsockopt} was told, beyond {@link TcpOptions}; accepted sockets begin with a copy of the listener's. */
final class SocketSettings implements Cloneable {
    /** Of a stream before it has a connection, and of a listener. */
    TcpOptions tcp;

    boolean reusePort;
    boolean reuseAddress;
    boolean lingerOn;
    /** Seconds. */
    int lingerSeconds;

    boolean urgentInline;
    boolean broadcast;
    /** IP_TOS and IP_TTL of a UDP socket. */
    int tos;

    int ttl = 64;
    /** As told by SO_SNDBUF and SO_RCVBUF; 0 while not set. */
    long sendBuffer;

    long receiveBuffer;
    /** TCP_NOTSENT_LOWAT, bytes as an unsigned number; 0 for what the system says. The stack is not told on Linux. */
    int notSentLowat;

    /** SO_RCVLOWAT, bytes. */
    int receiveLowWater = 1;
    /** 0 for none. */
    long receiveTimeoutNs;

    long sendTimeoutNs;
    /** TCP_INQ: received messages tell how much is left. */
    boolean tellsQueued;
    /** TCP_QUICKACK was set. */
    boolean quickAckSet;
    /** SO_ZEROCOPY. */
    boolean zeroCopy;
    /** IPV6_V6ONLY. */
    boolean onlyV6;
    /** Options that are remembered and nothing more: by level and name. */
    Map<Long, Long> remembered = new HashMap<>();

    SocketSettings(TcpOptions defaults) {
        this.tcp = defaults.clone();
        // The stack's own default is on; the option's is off.
        this.tcp.reuseAddress = false;
    }

    SocketSettings copy() {
        try {
            SocketSettings c = (SocketSettings) super.clone();
            c.tcp = tcp.clone();
            c.remembered = new HashMap<>(remembered);
            return c;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
