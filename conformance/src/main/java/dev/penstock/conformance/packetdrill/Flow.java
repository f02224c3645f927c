package dev.penstock.conformance.packetdrill;

import dev.penstock.stack.wire.IpAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * One connection as a script knows it, beside the one that is real: what the initial sequence number, the ports and the
 * timestamps of the script are on the wire. What the remote host sends is as the script writes it.
 */
final class Flow {
    final int protocol;
    final IpAddress local;
    final IpAddress remote;
    final int localPort;
    final int remotePort;

    /** What the script calls the ports; 0 while it has not named them. */
    int scriptLocalPort;

    int scriptRemotePort;

    /** What the remote host would send next. */
    int remoteNext;

    /** Add it to a sequence number of the stack's side as the script has it; 0 until its SYN was seen. */
    private int offset;

    private boolean offsetKnown;
    /** A SYN came in, or FIN or RST went either way: the next SYN of the stack may be another connection's. */
    boolean mayBegin = true;

    /** Timestamps of the stack: those of the script to those on the wire. */
    private final Map<Integer, Integer> stamps = new HashMap<>();

    private boolean stamped;
    private int firstScriptStamp;
    private int firstLiveStamp;

    Flow(int protocol, IpAddress local, int localPort, IpAddress remote, int remotePort) {
        this.protocol = protocol;
        this.local = local;
        this.localPort = localPort;
        this.remote = remote;
        this.remotePort = remotePort;
    }

    /** The stack's SYN: {@code live} is what the script calls {@code script}. */
    void learnInitial(long script, int live) {
        int found = live - (int) script;
        if (!offsetKnown || mayBegin) {
            offset = found;
            offsetKnown = true;
            mayBegin = false;
        }
    }

    /** A sequence number of the stack's side, from the script to the wire. */
    int toLive(long script) {
        return (int) script + offset;
    }

    /** A sequence number of the stack's side, from the wire to the script. */
    int toScript(int live) {
        return live - offset;
    }

    /** The stack sent {@code live} where the script has {@code script}. */
    void learnStamp(long script, int live) {
        if (stamps.size() < 65_536) {
            stamps.put((int) script, live);
        }
        if (!stamped) {
            stamped = true;
            firstScriptStamp = (int) script;
            firstLiveStamp = live;
        }
    }

    boolean isStamped() {
        return stamped;
    }

    /** The stack's timestamp as a script would write it whose clock ticks {@code scriptTickNs}, ours one millisecond. */
    int stampToScript(int live, long scriptTickNs) {
        long elapsed = (live - firstLiveStamp) * 1_000_000L;
        return firstScriptStamp + (int) Math.round(elapsed / (double) scriptTickNs);
    }

    /** What the peer echoes in the script, on the wire. */
    int stampToLive(long script) {
        Integer known = stamps.get((int) script);
        if (known != null) {
            return known;
        }
        // Not a stamp that was ever seen in the script: as far from the first one as it would be.
        return stamped && script != 0 ? (int) script - firstScriptStamp + firstLiveStamp : (int) script;
    }

    boolean matches(Packet p) {
        return p.protocol == protocol
                && p.sourcePort() == localPort
                && p.destinationPort() == remotePort
                && p.srcHi == local.hi()
                && p.srcLo == local.lo()
                && p.dstHi == remote.hi()
                && p.dstLo == remote.lo();
    }
}
