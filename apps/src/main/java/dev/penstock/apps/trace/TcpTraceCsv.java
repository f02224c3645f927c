package dev.penstock.apps.trace;

import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpEvent;
import dev.penstock.stack.tcp.TcpState;
import dev.penstock.stack.tcp.TcpTrace;
import dev.penstock.stack.tcp.TcpTracer;
import dev.penstock.stack.wire.IpAddress;
import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes what happens to connections as comma-separated values: set it as {@code TcpConfig.tracer}, close it when the
 * stack has ended. The first line holds the names of the columns, with units; each other line is one event. What does not
 * apply is empty. Sequence numbers count from the SYNs and do not wrap, times from the first event.
 *
 * <p>Any number of stacks, on threads of their own, may share one, if they share a clock. The size is bounded: at the
 * limit a last line says {@code truncated}, and no more is written. An error of the output ends the writing, too, and is
 * thrown by {@link #close}.
 */
public final class TcpTraceCsv implements TcpTracer, Closeable {
    /** Enough for about a million events. */
    public static final long DEFAULT_MAX_CHARS = 128L << 20;

    private static final int MAX_CONNECTIONS = 1_000;
    private static final String FLAG_LETTERS = "FSRPAUEC";
    private static final String[] EVENT_NAMES = new String[TcpEvent.values().length];

    static {
        for (TcpEvent e : TcpEvent.values()) {
            EVENT_NAMES[e.ordinal()] = e.name().toLowerCase(Locale.ROOT);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Appendable out;
    private final long maxChars;
    private final int maxConnections;
    private final StringBuilder row = new StringBuilder(256);

    private long written;
    private int connections;
    private boolean started;
    private boolean over;
    private boolean closed;
    private long originNs;
    private IOException failure;

    /** As {@link #TcpTraceCsv(Appendable, long, int)}, for 1,000 connections and 128 Mi characters. */
    public TcpTraceCsv(Appendable out) {
        this(out, DEFAULT_MAX_CHARS, MAX_CONNECTIONS);
    }

    /**
     * @param out where it goes, buffered; {@link #close} flushes and closes it if it can be
     * @param maxChars the most characters written, beside the last line
     * @param maxConnections the most connections; later ones are not traced
     */
    public TcpTraceCsv(Appendable out, long maxChars, int maxConnections) {
        this.out = out;
        this.maxChars = maxChars;
        this.maxConnections = maxConnections;
        for (TraceColumn c : TraceColumn.values()) {
            row.append(c.ordinal() == 0 ? "" : ",").append(c.title());
        }
        end();
    }

    @Override
    public TcpTrace trace(TcpConnection c, long nowNs) {
        lock.lock();
        try {
            if (connections >= maxConnections || over) {
                return null;
            }
            connections++;
            Connection traced = new Connection(connections);
            begin(nowNs, connections, "open");
            skipTo(TraceColumn.EVENT, TraceColumn.DETAIL);
            address(c.localHi(), c.localLo(), c.localPort());
            row.append(' ');
            address(c.remoteHi(), c.remoteLo(), c.remotePort());
            end();
            return traced;
        } finally {
            lock.unlock();
        }
    }

    /** Connections traced so far. */
    public int connections() {
        lock.lock();
        try {
            return connections;
        } finally {
            lock.unlock();
        }
    }

    /** True once the limit was reached or the output failed. */
    public boolean isOver() {
        lock.lock();
        try {
            return over;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the writing, flushes and closes the output. Idempotent.
     *
     * @throws IOException the first error that the output had
     */
    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            over = true;
            if (closed) {
                return;
            }
            closed = true;
            if (out instanceof Flushable f && failure == null) {
                f.flush();
            }
            if (out instanceof Closeable c) {
                c.close();
            }
            if (failure != null) {
                throw failure;
            }
        } finally {
            lock.unlock();
        }
    }

    // --- rows; the lock is held ---

    private void address(long hi, long lo, int port) {
        IpAddress a = new IpAddress(hi, lo);
        row.append(a.isV4() ? "" : "[").append(a).append(a.isV4() ? "" : "]");
        row.append(':').append(port);
    }

    private void begin(long nowNs, int connection, String event) {
        if (!started) {
            started = true;
            originNs = nowNs;
        }
        row.append(nowNs - originNs).append(',').append(connection).append(',').append(event);
    }

    private void skipTo(TraceColumn from, TraceColumn to) {
        for (int i = from.ordinal(); i < to.ordinal(); i++) {
            row.append(',');
        }
    }

    /** One more value; -1 is unknown, and left out. */
    private void value(long value) {
        row.append(',');
        if (value >= 0) {
            row.append(value);
        }
    }

    private void end() {
        row.append('\n');
        try {
            if (!over) {
                if (written + row.length() > maxChars) {
                    over = true;
                    out.append("0,0,truncated")
                            .append(",".repeat(TraceColumn.COUNT - 3))
                            .append('\n');
                } else {
                    out.append(row);
                    written += row.length();
                }
            }
        } catch (IOException e) {
            failure = e;
            over = true;
        } finally {
            row.setLength(0);
        }
    }

    /** 32-bit sequence numbers of one direction, unwrapped: relative to the first that was seen. */
    private static final class Unwrapper {
        private boolean started;
        private int last;
        private long at;

        /** A number that is known to be right: the others are near it. */
        void moveTo(int seq) {
            at = of(seq);
            last = seq;
        }

        long of(int seq) {
            if (!started) {
                started = true;
                last = seq;
            }
            return at + (seq - last);
        }
    }

    /** One connection. */
    private final class Connection implements TcpTrace {
        private final int id;
        private final Unwrapper ours = new Unwrapper();
        private final Unwrapper theirs = new Unwrapper();

        Connection(int id) {
            this.id = id;
        }

        @Override
        public void state(TcpState from, TcpState to, long nowNs) {
            lock.lock();
            try {
                begin(nowNs, id, "state");
                skipTo(TraceColumn.EVENT, TraceColumn.DETAIL);
                row.append(from).append('>').append(to);
                end();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void segment(TcpEvent kind, int flags, int seq, int length, int ack, long window, long nowNs) {
            boolean in = kind == TcpEvent.RECEIVED;
            boolean acks = (flags & 16) != 0;
            lock.lock();
            try {
                // What we send is true; what arrives may be garbage, and must not move anything.
                if (!in) {
                    ours.moveTo(seq);
                    if (acks) {
                        theirs.moveTo(ack);
                    }
                }
                begin(nowNs, id, EVENT_NAMES[kind.ordinal()]);
                row.append(',').append((in ? theirs : ours).of(seq));
                row.append(',').append(length).append(',');
                if (acks) {
                    row.append((in ? ours : theirs).of(ack));
                }
                row.append(',').append(window).append(',');
                for (int i = 0; i < FLAG_LETTERS.length(); i++) {
                    if ((flags & 1 << i) != 0) {
                        row.append(FLAG_LETTERS.charAt(i));
                    }
                }
                skipTo(TraceColumn.FLAGS, TraceColumn.DETAIL);
                end();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void sack(int from, int to, long nowNs) {
            lock.lock();
            try {
                begin(nowNs, id, "sack");
                row.append(',').append(ours.of(from)).append(',').append(Math.max(0, to - from));
                skipTo(TraceColumn.LENGTH_BYTES, TraceColumn.DETAIL);
                end();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void congestion(
                TcpEvent kind,
                long cwnd,
                long ssthresh,
                long pipe,
                long srttNs,
                long rttvarNs,
                long rtoNs,
                long pacingRate,
                long nowNs) {
            lock.lock();
            try {
                begin(nowNs, id, EVENT_NAMES[kind.ordinal()]);
                skipTo(TraceColumn.EVENT, TraceColumn.FLAGS);
                value(cwnd);
                value(ssthresh);
                value(pipe);
                value(srttNs);
                value(rttvarNs);
                value(rtoNs);
                value(pacingRate);
                row.append(',');
                end();
            } finally {
                lock.unlock();
            }
        }
    }
}
