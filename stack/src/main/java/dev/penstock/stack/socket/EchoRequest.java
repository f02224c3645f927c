package dev.penstock.stack.socket;

import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpOutput;
import dev.penstock.stack.ip.IpPath;
import dev.penstock.stack.ip.PathWaiter;
import dev.penstock.stack.timer.Deadline;
import dev.penstock.stack.wire.IpAddress;

/**
 * One echo request on its way: sent as soon as the next hop is known, over when the reply, an error or the deadline
 * comes. Offered to the command queue once.
 */
public final class EchoRequest extends Deadline implements Command, PathWaiter {
    /** How a request ended. */
    public enum Outcome {
        REPLY,
        /** An ICMP error came, see {@link #errorKind()}. */
        ERROR,
        /** Nothing came in time. */
        TIMEOUT,
        /** There is no route. */
        NO_ROUTE,
        /** The next hop does not answer. */
        UNREACHABLE,
        /** Larger than the path MTU, and DF is set. */
        TOO_BIG,
        /** Too many requests are on the way. */
        TOO_MANY,
        /** The stack or the source was closed. */
        CLOSED
    }

    /** Told once, on the shard's thread; must neither block nor throw. */
    @FunctionalInterface
    public interface Listener {
        void onOutcome(EchoRequest request);
    }

    private static final long RETRY_NS = 1_000_000;

    private final EchoPort port;
    private final long dstHi;
    private final long dstLo;
    private final int length;
    private final int ttl;
    private final boolean dontFragment;
    private final long timeoutNs;
    private final Listener listener;

    private ShardContext context;
    private IpPath path;
    private boolean parked;
    private int sequence = -1;
    private long beganNs;
    private long sentNs;
    private boolean sent;

    private Outcome outcome;
    private IcmpError.Kind errorKind;
    private int zone = -1;
    private long fromHi;
    private long fromLo;
    private int replyLength;
    private int replyTtl;
    private long rttNs;

    /**
     * @param length bytes of data, 0 .. 65,507
     * @param timeoutNs from sending, and for finding the next hop
     */
    public EchoRequest(
            EchoPort port,
            long dstHi,
            long dstLo,
            int length,
            int ttl,
            boolean dontFragment,
            long timeoutNs,
            Listener listener) {
        this.port = port;
        this.dstHi = dstHi;
        this.dstLo = dstLo;
        this.length = length;
        this.ttl = ttl;
        this.dontFragment = dontFragment;
        this.timeoutNs = timeoutNs;
        this.listener = listener;
    }

    /** Has it leave by this interface, the zone of a link-local destination; -1 for any. Before it is queued. */
    public EchoRequest by(int interfaceIndex) {
        zone = interfaceIndex;
        return this;
    }

    @Override
    public void run(ShardContext shard, long nowNs) {
        context = shard;
        beganNs = nowNs;
        sequence = port.register(this);
        if (sequence < 0) {
            finish(Outcome.TOO_MANY);
            return;
        }
        long anyLo = IpAddress.isV4(dstHi, dstLo) ? IpAddress.V4_PREFIX : 0;
        path = shard.ip().path(0, anyLo, dstHi, dstLo, zone, nowNs);
        if (path == null) {
            finish(Outcome.NO_ROUTE);
            return;
        }
        trySend(nowNs);
    }

    @Override
    public void rejected() {
        finish(Outcome.CLOSED);
    }

    private void trySend(long nowNs) {
        sentNs = context.clockNs();
        int result = context.ip()
                .sendEcho(path, port.identifier(), sequence, port.data(length), 0, length, 0, ttl, dontFragment, nowNs);
        switch (result) {
            case IpOutput.UNRESOLVED -> {
                parked = path.park(this);
                schedule(parked ? beganNs + timeoutNs : nowNs + RETRY_NS);
            }
            case 0 -> schedule(nowNs + RETRY_NS);
            case IpOutput.NO_ROUTE -> finish(Outcome.NO_ROUTE);
            case IpOutput.HOST_UNREACHABLE -> unreachable(nowNs);
            case IpOutput.TOO_BIG -> finish(Outcome.TOO_BIG);
            default -> {
                sent = true;
                schedule(nowNs + timeoutNs);
            }
        }
    }

    private void schedule(long atNs) {
        context.deadlines().schedule(this, atNs);
    }

    /** Not from within: input never emits, so the deadline that is now due sends. */
    @Override
    public void onPathReady(boolean reachable, long nowNs) {
        parked = false;
        if (reachable) {
            schedule(nowNs);
        } else {
            unreachable(nowNs);
        }
    }

    private void unreachable(long nowNs) {
        fromHi = path.srcHi();
        fromLo = path.srcLo();
        rttNs = nowNs - beganNs;
        finish(Outcome.UNREACHABLE);
    }

    @Override
    protected void onDeadline(long nowNs) {
        if (sent || parked || nowNs - beganNs >= timeoutNs) {
            finish(Outcome.TIMEOUT);
        } else {
            trySend(nowNs);
        }
    }

    void onReply(long srcHi, long srcLo, int bytes, int ttlOfReply) {
        if (!sent) {
            return;
        }
        fromHi = srcHi;
        fromLo = srcLo;
        replyLength = bytes;
        replyTtl = ttlOfReply;
        rttNs = context.clockNs() - sentNs;
        finish(Outcome.REPLY);
    }

    void onError(IcmpError.Kind kind, long reporterHi, long reporterLo) {
        errorKind = kind;
        fromHi = reporterHi;
        fromLo = reporterLo;
        rttNs = context.clockNs() - sentNs;
        finish(Outcome.ERROR);
    }

    void giveUp() {
        finish(Outcome.CLOSED);
    }

    private void finish(Outcome what) {
        if (outcome != null) {
            return;
        }
        outcome = what;
        if (context != null) {
            context.deadlines().cancel(this);
            port.unregister(this, sequence);
        }
        if (path != null) {
            if (parked) {
                path.unpark(this);
            }
            path.release();
            path = null;
        }
        listener.onOutcome(this);
    }

    // --- for the listener ---

    public Outcome outcome() {
        return outcome;
    }

    /** What the ICMP error says, of {@link Outcome#ERROR}. */
    public IcmpError.Kind errorKind() {
        return errorKind;
    }

    /** 0 .. 65535; -1 if it was never sent. */
    public int sequence() {
        return sequence;
    }

    /** Who answered; 0 if nobody did. */
    public long fromHi() {
        return fromHi;
    }

    public long fromLo() {
        return fromLo;
    }

    /** Bytes of data in the reply. */
    public int replyLength() {
        return replyLength;
    }

    /** The TTL of the reply. */
    public int replyTtl() {
        return replyTtl;
    }

    /** From sending to the answer, nanoseconds. */
    public long rttNs() {
        return rttNs;
    }
}
