package dev.penstock.stack.tcp;

/** Decides which connections are traced, and where to; see {@link TcpConfig#tracer}. */
@FunctionalInterface
public interface TcpTracer {
    /**
     * A connection has been made, actively or by a SYN, and nothing was sent for it yet. Shard thread; must not throw, nor
     * call the connection but for its addresses and ports.
     *
     * @return where its events go, or null if it is not traced
     */
    TcpTrace trace(TcpConnection connection, long nowNs);
}
