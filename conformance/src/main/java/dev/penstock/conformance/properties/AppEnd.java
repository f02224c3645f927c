package dev.penstock.conformance.properties;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpError;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpState;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The application at one end of a connection: writes a stream that no other end writes, checks every byte that it reads
 * against the streams of those ends that it can be connected to, and remembers how it all ended. One thread.
 */
final class AppEnd implements TcpHandler {
    private static final int PIECE = 16 * 1024;
    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

    final World world;
    final Node node;
    final int stream;
    final boolean active;
    /** What it is called in actions, and which one of that name it is. */
    String name;

    TcpConnection connection;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[PIECE]);

    /** What remains to be written, and how much of it is urgent. */
    private long backlog;

    private boolean urgent;
    boolean autoRead = true;
    boolean inPlace;
    boolean draining;

    long written;
    long received;
    /** The length of the stream, once its end was promised to the peer; -1 before. */
    long finalLength = -1;

    boolean connected;
    boolean endSeen;
    boolean over;
    int timesOver;
    TcpError error;
    boolean aborted;
    boolean closed;
    boolean inputShut;
    /** The ends whose stream begins with all that was received. */
    private List<AppEnd> candidates = new ArrayList<>();

    AppEnd(World world, Node node, boolean active, String name, int stream) {
        this.world = world;
        this.node = node;
        this.active = active;
        this.name = name;
        this.stream = stream;
    }

    /** The byte at {@code position} of a stream; their first bytes differ. */
    static byte byteAt(int stream, long position) {
        return position == 0 ? (byte) stream : (byte) (((position + stream * 0x1_0000_0001L) * MULTIPLIER) >>> 56);
    }

    boolean isPeer(AppEnd other) {
        TcpConnection a = connection;
        TcpConnection b = other.connection;
        return a != null
                && b != null
                && other != this
                && a.localPort() == b.remotePort()
                && a.remotePort() == b.localPort()
                && a.localLo() == b.remoteLo()
                && a.remoteLo() == b.localLo();
    }

    /** What may have written what was received: one end, unless nothing was received. */
    List<AppEnd> candidates() {
        return received == 0 ? world.peersOf(this) : candidates;
    }

    // --- what the scenario has it do ---

    void write(long bytes, boolean asUrgent) {
        if (finalLength < 0 && !closed) {
            backlog += bytes;
            urgent |= asUrgent;
            pump();
        }
    }

    private void pump() {
        while (backlog > 0 && finalLength < 0 && !closed && !aborted) {
            int n = (int) Math.min(backlog, PIECE);
            for (int i = 0; i < n; i++) {
                scratch.putByte(i, byteAt(stream, written + i));
            }
            long now = world.nowNs();
            boolean mark = urgent && n == backlog;
            int taken = mark ? connection.writeUrgent(scratch, 0, n, now) : connection.write(scratch, 0, n, now);
            if (taken < 0) {
                backlog = 0;
                return;
            }
            world.check(taken <= n, () -> name + ": more was taken than was given");
            written += taken;
            backlog -= taken;
            urgent &= backlog > 0;
            if (taken < n) {
                return;
            }
        }
        finishWriting();
    }

    private void finishWriting() {
        if (draining && backlog == 0) {
            shutdownOutput();
            if (endSeen) {
                close();
            }
        }
    }

    boolean hasBacklog() {
        return backlog > 0;
    }

    void shutdownOutput() {
        if (finalLength < 0 && !closed && connection != null) {
            finalLength = written;
            backlog = 0;
            connection.shutdownOutput(world.nowNs());
        }
    }

    void shutdownInput() {
        if (!closed) {
            inputShut = true;
            connection.shutdownInput(world.nowNs());
        }
    }

    void close() {
        if (!closed) {
            boolean loses = !over
                    && (connection.receiveQueue().size() > 0
                            || connection.options().lingerSeconds == 0
                            || connection.state() == TcpState.SYN_SENT);
            closed = true;
            aborted |= loses;
            finalLength = finalLength < 0 ? written : finalLength;
            backlog = 0;
            connection.close(world.nowNs());
        }
    }

    void abort() {
        aborted |= !over;
        backlog = 0;
        connection.abort(world.nowNs());
    }

    /** From now on it does all to come to an end in order. */
    void drain() {
        draining = true;
        autoRead = true;
        if (over) {
            // Whether or not the application reads what is left, nothing may stay behind.
            if (stream % 2 == 0) {
                read(Long.MAX_VALUE);
            }
            close();
            return;
        }
        read(Long.MAX_VALUE);
        pump();
    }

    void read(long most) {
        if (connection == null || closed) {
            return;
        }
        long left = most;
        while (left > 0) {
            int n = connection.receiveQueue().read(scratch, 0, (int) Math.min(left, PIECE));
            if (n <= 0) {
                break;
            }
            take(scratch, 0, n);
            left -= n;
        }
        connection.dataRead(world.nowNs());
        seeEnd();
    }

    private void seeEnd() {
        if (!endSeen && connection.isInputEnded() && connection.receiveQueue().size() == 0) {
            endSeen = true;
            world.event(this, 1, received);
            finishWriting();
        }
    }

    private void take(DirectBuffer buffer, int offset, int length) {
        world.check(length == 0 || !endSeen || over, () -> name + ": data after the end of input");
        if (received == 0 && length > 0) {
            candidates = world.peersOf(this);
        }
        for (int i = 0; i < length; i++) {
            byte b = buffer.getByte(offset + i);
            long at = received;
            if (candidates.stream().anyMatch(p -> at >= p.written || byteAt(p.stream, at) != b)) {
                candidates.removeIf(p -> at >= p.written || byteAt(p.stream, at) != b);
            }
            if (candidates.isEmpty()) {
                world.violate(name + ": the byte at " + at + " is in no stream of a peer");
                candidates = new ArrayList<>(world.peersOf(this));
            }
            received++;
        }
        world.event(this, 2, received);
    }

    // --- what the stack tells ---

    @Override
    public void onConnected(TcpConnection c, long nowNs) {
        world.check(!connected && !over, () -> name + ": connected twice, or after its end");
        connected = true;
        world.event(this, 3, 0);
        pump();
    }

    @Override
    public void onWritable(TcpConnection c, long nowNs) {
        world.event(this, 4, written);
        pump();
    }

    @Override
    public int onData(TcpConnection c, DirectBuffer buffer, int offset, int length, long nowNs) {
        if (!inPlace || !autoRead || closed) {
            return 0;
        }
        int n = world.random().nextInt(8) == 0 ? world.random().nextInt(length + 1) : length;
        take(buffer, offset, n);
        return n;
    }

    @Override
    public void onReadable(TcpConnection c, long nowNs) {
        world.event(this, 5, 0);
        if (autoRead) {
            read(Long.MAX_VALUE);
        }
    }

    @Override
    public void onUrgent(TcpConnection c, long nowNs) {
        world.event(this, 6, c.urgentRemaining());
        world.coverage().count("urgent data told");
    }

    @Override
    public void onClosed(TcpConnection c, TcpError why, long nowNs) {
        timesOver++;
        world.check(timesOver == 1, () -> name + ": told of its end twice");
        over = true;
        error = why;
        world.event(this, 7, why == null ? 0 : 1 + why.ordinal());
        world.coverage().count("ended with " + (why == null ? "success" : why));
        if (autoRead || draining) {
            read(Long.MAX_VALUE);
            close();
        }
    }

    @Override
    public String toString() {
        return name + " on " + node.name + ": written " + written + (backlog > 0 ? " and " + backlog + " to come" : "")
                + ", received " + received + (endSeen ? ", end seen" : "") + (connected ? "" : ", never connected")
                + (aborted ? ", aborted" : "") + (closed ? ", closed" : "")
                + (over ? ", over with " + (error == null ? "success" : error) : ", " + connection.state());
    }
}
