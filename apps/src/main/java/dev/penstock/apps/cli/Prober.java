package dev.penstock.apps.cli;

import dev.penstock.stack.ip.EchoHandler;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.socket.ShardContext;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.udp.UdpEndpoint;
import dev.penstock.stack.udp.UdpHandler;
import dev.penstock.stack.wire.IpAddress;
import dev.penstock.stack.wire.IpProtocol;
import dev.penstock.stack.wire.Wire;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Sends probes with small TTLs and takes what comes back. Each probe has a number of its own. Shard thread. */
final class Prober implements UdpHandler, EchoHandler {
    /** What the probes are. */
    enum Method {
        UDP,
        ICMP,
        TCP
    }

    /** {@link #send}: larger than what is known to get through; {@link #mtu} says how large that is. */
    static final int TOO_BIG = IpOutput.TOO_BIG;

    private static final int ECHO_HEADER = 8;
    private static final int UDP_HEADER = 8;

    private final ShardContext shard;
    private final Method method;
    private final IpAddress target;
    private final int firstPort;
    private final UnsafeBuffer data = new UnsafeBuffer(ByteBuffer.allocateDirect(65_535));
    private final Map<Integer, Waiting> waiting = new HashMap<>();
    private UdpEndpoint endpoint;
    private IpPath path;
    private int identifier = -1;
    /** Of UDP and ICMP probes: the next hop's address is being asked for. */
    private boolean closed;

    private record Waiting(long sentNs, Consumer<Hop> then, TcpConnection connection) {}

    /** @param firstPort UDP: the port of probe 0, that of the others follow; TCP: the port of all */
    Prober(ShardContext shard, Method method, IpAddress target, int zone, int firstPort) {
        this.shard = shard;
        this.method = method;
        this.target = target;
        this.firstPort = firstPort;
        long anyLo = target.isV4() ? IpAddress.V4_PREFIX : 0;
        path = shard.ip().path(0, anyLo, target.hi(), target.lo(), zone, shard.nowNs());
        switch (method) {
            case UDP -> endpoint = shard.openUdp(this);
            case ICMP -> identifier = shard.ip().openEcho(this);
            case TCP -> shard.ip().setIcmpMonitor(this::onTcpError);
        }
    }

    /** False when nothing can be sent at all: there is no route, or there are too many sockets. */
    boolean isReady() {
        return path != null && (method != Method.UDP || endpoint != null) && (method != Method.ICMP || identifier >= 0);
    }

    /** Our address on the way, as text. */
    IpAddress source() {
        return new IpAddress(path.srcHi(), path.srcLo());
    }

    /** What is known of the path MTU, bytes. */
    int mtu() {
        return path.mtu();
    }

    /** Headers of the probes, bytes. */
    int headers() {
        return path.headerLength() + (method == Method.ICMP ? ECHO_HEADER : UDP_HEADER);
    }

    /**
     * Sends a probe.
     *
     * @param packet bytes of the whole IP packet; of TCP's the size is its own
     * @param then called with what came back, at most once
     * @return positive when it was sent; else it is to be sent again a little later, or never, see {@link IpOutput#send}
     */
    int send(int number, int ttl, int packet, boolean dontFragment, Consumer<Hop> then) {
        long now = shard.clockNs();
        int length = Math.max(0, packet - headers());
        int result;
        TcpConnection connection = null;
        switch (method) {
            case UDP -> {
                endpoint.setTtl(ttl);
                endpoint.setDontFragment(dontFragment);
                result = endpoint.send(target.hi(), target.lo(), firstPort + number, data, 0, length, now);
            }
            case ICMP ->
                result = shard.ip()
                        .sendEcho(path, identifier, number & 0xffff, data, 0, length, 0, ttl, dontFragment, now);
            default -> {
                connection = connect(number, ttl, now);
                result = connection == null ? IpOutput.NO_ROUTE : 1;
            }
        }
        if (result > 0) {
            waiting.put(number, new Waiting(now, then, connection));
        }
        return result;
    }

    private TcpConnection connect(int number, int ttl, long now) {
        TcpOptions options = new TcpOptions();
        options.ttl = ttl;
        TcpHandler handler = new TcpHandler() {
            @Override
            public void onConnected(TcpConnection c, long nowNs) {
                reached(number, 0, "");
                c.abort(nowNs);
            }

            @Override
            public void onClosed(TcpConnection c, TcpError error, long nowNs) {
                if (error == TcpError.CONNECTION_REFUSED) {
                    reached(number, 0, "");
                }
            }
        };
        return shard.tcp().connect(0, 0, 0, target.hi(), target.lo(), firstPort, options, handler, now);
    }

    private void reached(int number, int ttl, String mark) {
        Waiting probe = waiting.remove(number);
        if (probe != null) {
            probe.then.accept(new Hop(target, shard.clockNs() - probe.sentNs, true, mark, 0, hopsBack(ttl)));
        }
    }

    /** Hosts begin with a TTL of 64, 128 or 255: the next of these above what is left says how many have counted down. */
    private static int hopsBack(int ttl) {
        return ttl == 0 ? 0 : (ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl + 1;
    }

    private void answered(int number, IcmpError error) {
        Waiting probe = waiting.remove(number);
        if (probe == null) {
            return;
        }
        if (probe.connection != null) {
            probe.connection.abort(shard.nowNs());
        }
        probe.then.accept(Hop.of(error, shard.clockNs() - probe.sentNs));
    }

    /** Nothing is waited for any more. */
    void giveUp(int number) {
        Waiting probe = waiting.remove(number);
        if (probe != null && probe.connection != null) {
            probe.connection.abort(shard.nowNs());
        }
    }

    @Override
    public void onIcmpError(IcmpError error, int remotePort, long nowNs) {
        answered(remotePort - firstPort, error);
    }

    @Override
    public void onDatagram(
            DirectBuffer buffer,
            int offset,
            int length,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            long nowNs) {
        // Somebody listens there, and answers: so it was reached.
        if (srcHi == target.hi() && srcLo == target.lo()) {
            reached(srcPort - firstPort, 0, "");
        }
    }

    @Override
    public void onEchoReply(
            long srcHi, long srcLo, int sequence, DirectBuffer buffer, int offset, int length, int ttl, long nowNs) {
        reached(sequence, ttl, "");
    }

    @Override
    public void onEchoError(IcmpError error, int sequence, long nowNs) {
        answered(sequence, error);
    }

    /** TCP itself does not tell its users of expired TTLs; the quoted source port says which probe it was. */
    private void onTcpError(int protocol, IcmpError error, long nowNs) {
        if (protocol != IpProtocol.TCP) {
            return;
        }
        int port = Wire.u16(error.buffer, error.quoteOffset);
        for (Map.Entry<Integer, Waiting> each : waiting.entrySet()) {
            if (each.getValue().connection.localPort() == port) {
                answered(each.getKey(), error);
                return;
            }
        }
    }

    void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (Integer number : waiting.keySet().toArray(new Integer[0])) {
            giveUp(number);
        }
        if (endpoint != null) {
            endpoint.close();
        }
        if (identifier >= 0) {
            shard.ip().closeEcho(identifier);
        }
        if (method == Method.TCP) {
            shard.ip().setIcmpMonitor(null);
        }
        if (path != null) {
            path.release();
            path = null;
        }
    }
}
