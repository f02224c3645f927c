package dev.penstock.stack.tcp;

/** What the application is to be told with the next flush, and the telling. */
final class Upcalls {
    static final int CONNECTED = 1;
    static final int READABLE = 2;
    static final int WRITABLE = 4;
    static final int CLOSED = 8;
    static final int URGENT = 16;
    private static final int SOFT_ERROR = 32;

    private final Connection c;
    private int pending;
    private boolean closedTold;
    private TcpError softError;

    Upcalls(Connection c) {
        this.c = c;
    }

    /** Nothing is left to be told. */
    boolean isAllTold() {
        return pending == 0;
    }

    /** The handler has heard its last word. */
    boolean isClosedTold() {
        return closedTold;
    }

    void add(int bits) {
        pending |= bits;
    }

    /** {@code why} is told unless the connection ends for it. */
    void softError(TcpError why) {
        softError = why;
        pending |= SOFT_ERROR;
    }

    void tell(long nowNs) {
        TcpHandler handler = c.handler();
        if (handler == null) {
            return;
        }
        int told = pending;
        pending = 0;
        if (closedTold) {
            // TIME-WAIT is over, or was aborted: there is nothing more to say.
            return;
        }
        if ((told & CONNECTED) != 0) {
            handler.onConnected(c.handle, nowNs);
        }
        if ((told & URGENT) != 0 && c.urgentRemaining() > 0) {
            handler.onUrgent(c.handle, nowNs);
        }
        if ((told & READABLE) != 0) {
            c.offerQueued(nowNs);
            if (c.receiveQueue().size() > 0 || c.isInputEnded()) {
                handler.onReadable(c.handle, nowNs);
            }
        }
        if ((told & (SOFT_ERROR | CLOSED)) == SOFT_ERROR) {
            handler.onSoftError(c.handle, softError, nowNs);
        }
        if ((told & WRITABLE) != 0) {
            handler.onWritable(c.handle, nowNs);
        }
        if ((told & CLOSED) != 0) {
            closedTold = true;
            handler.onClosed(c.handle, c.error(), nowNs);
            // Whoever aborts reads no more: "RECEIVEs should be given 'connection reset' notification".
            if (c.isOrphan()
                    || c.error() == TcpError.ABORTED
                    || c.receiveQueue().size() == 0) {
                c.receiveQueue().close();
            }
        }
    }

    void carry(StateCarrier s) {
        pending = s.number(pending);
        closedTold = s.flag(closedTold);
        softError = s.one(softError, TcpError.ALL);
    }
}
