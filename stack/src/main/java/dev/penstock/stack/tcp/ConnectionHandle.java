package dev.penstock.stack.tcp;

import dev.penstock.stack.buffer.ReceiveQueue;
import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.ip.IpPath;
import org.agrona.DirectBuffer;

/**
 * A connection as the application holds it and as segments find it: its two ends, its handler, and nothing else that takes
 * memory. What it takes to send and to receive, a {@link Connection}, is lent to it while something goes on; once it has been
 * quiet for a while, {@link ConnectionPool} takes that back and leaves what the connection knows, folded into a few hundred
 * bytes. The next segment, timer or call unfolds it.
 */
final class ConnectionHandle implements TcpConnection, ConnectionTable.Entry {
    private final ConnectionPool pool;
    private IpPath path;
    private char localPort;
    private char remotePort;
    private int tableHash;

    /** Null until the connection is accepted. */
    TcpHandler handler;
    /** The listener whose accept queue this connection joins, or null for one that was opened actively. */
    Listener listener;
    /** What is lent to it, or null while it is folded. */
    Connection parts;
    /** What it knows, while it has no parts; an old one is kept for the next time. */
    byte[] folded;
    /** Wakes it while it is folded, or null if nothing is to. */
    FoldedAlarm alarm;
    /** Its state while it is folded. */
    TcpState foldedState;
    /** What stands for it in TIME-WAIT. */
    TimeWait timeWait;
    /** Its byte queues, if the application was ever shown them: it may use them whenever it likes. Else those of its parts. */
    SendQueue sendQueue;

    ReceiveQueue receiveQueue;
    /** A copy for the application to change, once it has asked. */
    private TcpOptions options;
    /** The application will not use it after its end. */
    private boolean letGo;

    ConnectionHandle(ConnectionPool pool) {
        this.pool = pool;
    }

    void begin(IpPath newPath, int newLocalPort, int newRemotePort, TcpHandler newHandler, Listener newListener) {
        path = newPath;
        localPort = (char) newLocalPort;
        remotePort = (char) newRemotePort;
        handler = newHandler;
        listener = newListener;
        foldedState = TcpState.CLOSED;
        timeWait = null;
        letGo = false;
    }

    /** Nobody knows it any more. */
    void end() {
        path = null;
        handler = null;
        listener = null;
        options = null;
        sendQueue = null;
        receiveQueue = null;
        if (timeWait != null) {
            timeWait.handle = null;
            timeWait = null;
        }
    }

    /** What it works with: unfolds it if need be. */
    Connection parts() {
        Connection c = parts;
        return c != null ? c : pool.unfold(this);
    }

    IpPath path() {
        return path;
    }

    boolean wasAccepted() {
        return handler != null;
    }

    /** The record that stood for it in TIME-WAIT is gone. */
    void timeWaitIsOver() {
        timeWait = null;
        foldedState = TcpState.CLOSED;
        if (parts != null) {
            parts.timeWaitIsOver();
        }
    }

    // --- the ends ---

    @Override
    public long localHi() {
        return path.srcHi();
    }

    @Override
    public long localLo() {
        return path.srcLo();
    }

    @Override
    public int localPort() {
        return localPort;
    }

    @Override
    public long remoteHi() {
        return path.dstHi();
    }

    @Override
    public long remoteLo() {
        return path.dstLo();
    }

    @Override
    public int remotePort() {
        return remotePort;
    }

    @Override
    public int zone() {
        return path.zone();
    }

    @Override
    public int tableHash() {
        return tableHash;
    }

    @Override
    public void tableHash(int hash) {
        tableHash = hash;
    }

    // --- the application's calls ---

    @Override
    public TcpState state() {
        return parts != null ? parts.state() : foldedState;
    }

    @Override
    public TcpError error() {
        return parts().error();
    }

    @Override
    public SendQueue sendQueue() {
        showQueues();
        return sendQueue;
    }

    @Override
    public ReceiveQueue receiveQueue() {
        showQueues();
        return receiveQueue;
    }

    /** From now on the queues are its own. */
    private void showQueues() {
        if (sendQueue == null) {
            Connection c = parts();
            sendQueue = c.sendQueue();
            receiveQueue = c.receiveQueue();
        }
    }

    @Override
    public int write(DirectBuffer src, int offset, int length, long nowNs) {
        return parts().write(src, offset, length, nowNs);
    }

    @Override
    public int writeMore(DirectBuffer src, int offset, int length, long nowNs) {
        return parts().writeMore(src, offset, length, nowNs);
    }

    @Override
    public void markUrgent(long position, long nowNs) {
        parts().markUrgent(position, nowNs);
    }

    @Override
    public long urgentMark() {
        return parts().urgentMark();
    }

    @Override
    public void dataWritten(long nowNs) {
        parts().dataWritten(nowNs);
    }

    @Override
    public void endRecord() {
        parts().endRecord();
    }

    @Override
    public void wantWritable() {
        parts().wantWritable();
    }

    @Override
    public void dataRead(long nowNs) {
        parts().dataRead(nowNs);
    }

    @Override
    public boolean isInputEnded() {
        return parts().isInputEnded();
    }

    @Override
    public void shutdownOutput(long nowNs) {
        parts().shutdownOutput(nowNs);
    }

    @Override
    public void shutdownInput(long nowNs) {
        parts().shutdownInput(nowNs);
    }

    @Override
    public void close(long nowNs) {
        Connection c = parts();
        if (options != null) {
            // Set right before, as a rule, and told to nobody.
            c.options().lingerSeconds = options.lingerSeconds;
        }
        c.close(nowNs);
    }

    @Override
    public void abort(long nowNs) {
        parts().abort(nowNs);
    }

    @Override
    public TcpOptions options() {
        if (options == null) {
            options = parts().options().clone();
        }
        return options;
    }

    @Override
    public void optionsChanged(long nowNs) {
        Connection c = parts();
        if (options != null) {
            options.check();
            c.options().copyFrom(options);
        }
        c.optionsChanged(nowNs);
    }

    @Override
    public void trace(TcpTrace trace) {
        parts().trace(trace);
    }

    @Override
    public void info(TcpInfo into, long nowNs) {
        parts().info(into, nowNs);
    }

    @Override
    public void letGo() {
        letGo = true;
        pool.onLetGo(this);
    }

    boolean isLetGo() {
        return letGo;
    }
}
