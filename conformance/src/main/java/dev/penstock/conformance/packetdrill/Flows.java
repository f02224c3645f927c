package dev.penstock.conformance.packetdrill;

import dev.penstock.conformance.packetdrill.script.Expression;
import dev.penstock.conformance.packetdrill.script.SystemCall;
import dev.penstock.conformance.packetdrill.script.TransportSpec.Ports;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.TcpHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The connections of a script. A script that writes no ports means the connection of the socket it made last: the first
 * packet that comes in after {@code listen} begins one, and so does the first one that the stack sends after
 * {@code connect}; all others belong to the one that is.
 */
final class Flows {
    private static final int MAX_FLOWS = 65_536;
    private static final int FIRST_REMOTE_PORT = 49_152;

    private final WireSettings settings;
    private final List<Flow> all = new ArrayList<>();
    private Flow currentTcp;
    private Flow currentUdp;
    /** A socket listens that has not heard of anybody. */
    private boolean listening;

    /** Bytes that each descriptor has written, and the sequence numbers after each write. */
    private final Map<Long, Long> written = new HashMap<>();

    private final Set<Integer> writeEnds = new HashSet<>();
    private int boundPort;
    private int remotePorts = FIRST_REMOTE_PORT;

    Flows(WireSettings settings) {
        this.settings = settings;
    }

    /** What a system call means for the packets after it. */
    void onCall(SystemCall call) {
        switch (call.name()) {
            case "bind" -> boundPort = port(call);
            case "listen" -> listening = true;
            case "write", "writev", "send", "sendto", "sendmsg", "sendfile" -> written(call);
            default -> {}
        }
    }

    /** What a call is said to write, whenever it returns. */
    private void written(SystemCall call) {
        boolean known = !call.arguments().isEmpty()
                && call.arguments().get(0) instanceof Expression.Int
                && call.result() instanceof Expression.Int;
        if (known && writeEnds.size() < MAX_FLOWS) {
            long fd = ((Expression.Int) call.arguments().get(0)).value();
            long bytes = Math.max(0, ((Expression.Int) call.result()).value());
            writeEnds.add((int) (1 + written.merge(fd, bytes, Long::sum)));
        }
    }

    /** Does a write of the script, by whatever descriptor, end at this sequence number of the stack's? */
    boolean isEndOfWrite(int seq) {
        return writeEnds.contains(seq);
    }

    /** The port in {@code {sa_family = AF_INET, sin_port = htons(80), ...}}, if there is one. */
    private int port(SystemCall call) {
        for (Expression argument : call.arguments()) {
            if (argument instanceof Expression.Struct struct) {
                for (Expression.Member m : struct.members()) {
                    boolean named = m.name() != null && m.name().endsWith("port");
                    if (named
                            && m.value() instanceof Expression.Function f
                            && f.arguments().size() == 1
                            && f.arguments().get(0) instanceof Expression.Int n
                            && n.value() > 0) {
                        return (int) n.value();
                    }
                }
            }
        }
        return settings.bindPort;
    }

    /** Where a packet of the script that comes in belongs; {@code unread}: sent by the stack, not looked at yet. */
    Flow inbound(int protocol, Ports ports, Iterable<Packet> unread) {
        Flow flow = current(protocol);
        if (ports.source() != null || ports.destination() != null) {
            flow = byScriptPorts(protocol, ports.destination(), ports.source());
        } else if (protocol == IpProtocol.TCP && listening) {
            flow = null;
        }
        if (flow == null && !listening) {
            // The script answers what it has not looked at: the stack's side of a connection is known by it.
            for (Packet p : unread) {
                if (p.protocol == protocol && p.hasPorts() && find(p) == null) {
                    flow = add(p);
                }
            }
        }
        if (flow == null) {
            int localPort =
                    ports.destination() != null ? ports.destination() : boundPort != 0 ? boundPort : settings.bindPort;
            int remotePort = ports.source() != null ? ports.source() : remotePorts++;
            flow = add(new Flow(protocol, settings.local, localPort, settings.remote, remotePort));
            flow.scriptLocalPort = localPort;
            flow.scriptRemotePort = remotePort;
        }
        if (protocol == IpProtocol.TCP) {
            listening = false;
        }
        use(flow);
        return flow;
    }

    /** Where a packet belongs that an ICMP message quotes: the stack sent it. */
    Flow quoted(int protocol, Ports ports, Iterable<Packet> unread) {
        Integer ours = ports.source();
        Integer theirs = ports.destination();
        Flow flow = ours != null || theirs != null ? byScriptPorts(protocol, ours, theirs) : current(protocol);
        return flow != null ? flow : inbound(protocol, new Ports(theirs, ours), unread);
    }

    /** Where a packet that the stack sent belongs, a new one if there is none; null if it has no ports. */
    Flow outbound(Packet p) {
        if (!p.hasPorts()) {
            return null;
        }
        Flow flow = find(p);
        return flow == null ? add(p) : flow;
    }

    /** True for a packet of a connection that the script has heard of, or that begins one. */
    boolean isExpected(Packet p) {
        return !p.isTcp() || find(p) != null || p.has(TcpHeader.SYN);
    }

    /** The script has looked at a packet of this connection: those without ports are meant to be its. */
    void use(Flow flow) {
        if (flow != null && flow.protocol == IpProtocol.TCP) {
            currentTcp = flow;
        } else if (flow != null) {
            currentUdp = flow;
        }
    }

    Flow current(int protocol) {
        return protocol == IpProtocol.TCP ? currentTcp : currentUdp;
    }

    /** True if the ports that a script writes for a packet going out can be this connection's; learns their names. */
    boolean named(Flow flow, Ports ports) {
        return flow == null
                || (ports.source() == null || isNamed(flow, true, ports.source()))
                        && (ports.destination() == null || isNamed(flow, false, ports.destination()));
    }

    private static boolean isNamed(Flow flow, boolean localSide, int script) {
        if (localSide) {
            flow.scriptLocalPort = flow.scriptLocalPort == 0 ? script : flow.scriptLocalPort;
            return flow.scriptLocalPort == script || flow.localPort == script;
        }
        flow.scriptRemotePort = flow.scriptRemotePort == 0 ? script : flow.scriptRemotePort;
        return flow.scriptRemotePort == script || flow.remotePort == script;
    }

    private Flow byScriptPorts(int protocol, Integer local, Integer remote) {
        for (int i = all.size() - 1; i >= 0; i--) {
            Flow f = all.get(i);
            boolean localFits = local == null || f.scriptLocalPort == local || f.localPort == local;
            boolean remoteFits = remote == null || f.scriptRemotePort == remote || f.remotePort == remote;
            if (f.protocol == protocol && localFits && remoteFits) {
                return f;
            }
        }
        return null;
    }

    private Flow find(Packet p) {
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).matches(p)) {
                return all.get(i);
            }
        }
        return null;
    }

    private Flow add(Packet p) {
        return add(new Flow(
                p.protocol,
                new IpAddress(p.srcHi, p.srcLo),
                p.sourcePort(),
                new IpAddress(p.dstHi, p.dstLo),
                p.destinationPort()));
    }

    private Flow add(Flow flow) {
        if (all.size() >= MAX_FLOWS) {
            throw new IllegalStateException("more than " + MAX_FLOWS + " connections in a script");
        }
        all.add(flow);
        return flow;
    }
}
