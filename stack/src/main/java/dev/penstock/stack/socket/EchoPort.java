package dev.penstock.stack.socket;

import dev.penstock.stack.ip.EchoHandler;
import dev.penstock.stack.ip.IcmpError;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A source of ICMP echo requests with an identifier of its own, for threads other than the shard's. */
public final class EchoPort extends OpenedPort implements EchoHandler {
    /** The most requests on the way at once. */
    public static final int MAX_OUTSTANDING = 1024;
    /** The most data of a request over IPv4, bytes. */
    public static final int MAX_DATA = 65_507;

    private volatile int identifier = -1;

    /** Shard only; null unless open. */
    private EchoRequest[] outstanding;

    private int nextSequence = 1;

    private EchoPort(CommandQueue commands, ReadinessListener listener) {
        super(commands, listener);
    }

    /** Opens one; the outcome is told by {@link #isOpened}. Null, and counted, when there are too many sockets. */
    public static EchoPort open(CommandQueue commands, ReadinessListener listener) {
        return asked(new EchoPort(commands, listener));
    }

    /** 1 .. 65535, once open. */
    public int identifier() {
        return identifier;
    }

    @Override
    boolean openNow() {
        int id = context.ip().openEcho(this);
        if (id < 0) {
            return false;
        }
        outstanding = new EchoRequest[MAX_OUTSTANDING];
        identifier = id;
        return true;
    }

    @Override
    void closeNow() {
        if (outstanding == null) {
            return;
        }
        context.ip().closeEcho(identifier);
        EchoRequest[] given = outstanding;
        outstanding = null;
        for (EchoRequest request : given) {
            if (request != null) {
                request.giveUp();
            }
        }
    }

    // --- for the requests, shard ---

    /** A place and a sequence number for a request; -1 if too many are on the way or this is closed. */
    int register(EchoRequest request) {
        if (outstanding == null) {
            return -1;
        }
        int sequence = nextSequence;
        int slot = sequence & (MAX_OUTSTANDING - 1);
        if (outstanding[slot] != null) {
            return -1;
        }
        outstanding[slot] = request;
        nextSequence = (sequence + 1) & 0xffff;
        return sequence;
    }

    void unregister(EchoRequest request, int sequence) {
        int slot = sequence & (MAX_OUTSTANDING - 1);
        if (outstanding != null && outstanding[slot] == request) {
            outstanding[slot] = null;
        }
    }

    /** The data of the requests: each byte is its place, as with the usual ping. */
    UnsafeBuffer data(int length) {
        UnsafeBuffer data = context.scratch();
        for (int i = 0; i < length; i++) {
            data.putByte(i, (byte) i);
        }
        return data;
    }

    private EchoRequest find(int sequence) {
        EchoRequest request = outstanding == null ? null : outstanding[sequence & (MAX_OUTSTANDING - 1)];
        return request != null && request.sequence() == sequence ? request : null;
    }

    @Override
    public void onEchoReply(
            long srcHi, long srcLo, int sequence, DirectBuffer buffer, int offset, int length, int ttl, long nowNs) {
        EchoRequest request = find(sequence);
        if (request != null) {
            request.onReply(srcHi, srcLo, length, ttl);
        }
    }

    @Override
    public void onEchoError(IcmpError error, int sequence, long nowNs) {
        EchoRequest request = find(sequence);
        if (request != null) {
            request.onError(error.kind, error.reporterHi, error.reporterLo);
        }
    }
}
