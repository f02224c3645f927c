package dev.penstock.conformance.fuzz;

import dev.penstock.stack.base.SeqNum;
import dev.penstock.stack.shard.ShardConfig;
import dev.penstock.stack.tcp.TcpConnection;
import dev.penstock.stack.tcp.TcpHandler;
import dev.penstock.stack.tcp.TcpOptions;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.util.BitSet;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A sender whose receiver lies in SACK blocks, loses what the fuzzer chooses, and acknowledges cumulatively only what it has: after
 * the lies it must still get every byte.
 */
final class SackTarget {
    private static final int PORT = 7;
    private static final int DATA = 40_000;
    private static final int MOST_ACTIONS = 100;
    /** Long before TCP gives up for want of an honest acknowledgment. */
    private static final long PATIENCE_NS = LiveStack.MINUTE;

    private final LoneStack lab;
    private final BitSet has = new BitSet(DATA);
    private int first;
    private int highest;

    private SackTarget(LoneStack lab) {
        this.lab = lab;
    }

    static void run(FuzzInput in) {
        ShardConfig config = new ShardConfig();
        config.tcp.timestamps = false;
        config.tcp.rack = in.flag();
        config.tcp.maxSentSegments = in.flag() ? 16 : 32_768;
        try (LoneStack lab = new LoneStack(config)) {
            new SackTarget(lab).play(in);
        }
    }

    private void play(FuzzInput in) {
        TcpConnection[] accepted = new TcpConnection[1];
        TcpOptions options = new TcpOptions();
        options.sendBuffer = DATA;
        options.congestion = in.flag() ? "cubic" : "reno";
        lab.stack.tcp().listen(0, 0, PORT, 4, options, (l, now) -> accepted[0] = l.accept(new TcpHandler() {}));
        Wire.u32(lab.out, LoneStack.L4 + TcpHeader.MIN_LENGTH, 0x0204_0000 | 200 + in.u8() * 4);
        Wire.u32(lab.out, LoneStack.L4 + TcpHeader.MIN_LENGTH + 4, 0x0101_0402);
        UnsafeBuffer synAck =
                lab.exchange(lab.segment(PORT, 99, 0, TcpHeader.SYN, 8, 0)).get(0);
        first = TcpHeader.sequence(synAck, LoneStack.L4) + 1;
        lab.exchange(lab.segment(PORT, 100, first, TcpHeader.ACK, 0, 0));
        accepted[0].write(new UnsafeBuffer(new byte[DATA]), 0, DATA, lab.nowNs());
        take(lab.run(0), 0);
        long end = lab.nowNs() + PATIENCE_NS;
        for (int i = 0; i < MOST_ACTIONS && !in.isEmpty(); i++) {
            int losses = in.u8();
            boolean wait = in.flag();
            take(wait ? lab.run(Math.min(in.time() / 64, end - lab.nowNs())) : lab.exchange(lie(in)), losses);
        }
        for (int i = 0; has.nextClearBit(0) < DATA; i++) {
            take(lab.exchange(lab.segment(PORT, 100, first + has.nextClearBit(0), TcpHeader.ACK, 0, 0)), 0);
            take(lab.run(LiveStack.SECOND / 10), 0);
            if (i > 20_000) {
                throw new IllegalStateException("byte " + has.nextClearBit(0) + " never came: " + accepted[0].state()
                        + ", " + accepted[0].error() + "; " + lab.stack.counters());
            }
        }
        lab.exchange(lab.segment(PORT, 100, first + DATA, TcpHeader.ACK, 0, 0));
        if (accepted[0].sendQueue().size() != 0 || accepted[0].error() != null) {
            throw new IllegalStateException("not all acknowledged: " + accepted[0].error());
        }
        accepted[0].abort(lab.nowNs());
    }

    /** Segments arrive, but those whose bit in {@code losses} is set. */
    private void take(List<UnsafeBuffer> frames, int losses) {
        int i = 0;
        for (UnsafeBuffer f : frames) {
            int from = SeqNum.distance(first, TcpHeader.sequence(f, LoneStack.L4));
            int n = LoneStack.payload(f);
            if ((TcpHeader.flags(f, LoneStack.L4) & TcpHeader.RST) != 0 || from < -1 || from + n > DATA) {
                throw new IllegalStateException("a reset, or bytes that were never written: " + from + ", " + n);
            }
            highest = Math.max(highest, from + n);
            if ((losses >> (i++ & 7) & 1) == 0 && n > 0) {
                has.set(from, from + n);
            }
        }
    }

    /** An acknowledgment with up to four blocks, true or not. */
    private int lie(FuzzInput in) {
        int next = has.nextClearBit(0);
        // Never more than there is: what is acknowledged cumulatively is gone.
        int ack = first + (in.below(4) == 0 ? in.u16() % (next + 1) : next);
        int blocks = in.below(5);
        int at = LoneStack.L4 + TcpHeader.MIN_LENGTH;
        if (blocks == 0) {
            return lab.segment(PORT, 100, ack, TcpHeader.ACK, 0, 0);
        }
        Wire.u32(lab.out, at, 0x0101_0500 | 2 + 8 * blocks);
        int flight = Math.max(1, highest - next);
        for (int i = 0; i < blocks; i++) {
            int kind = in.below(4);
            int from = kind == 0 ? in.i32() : first + next + (kind == 1 ? in.distance() : in.u16() % flight);
            int to = in.flag() ? from + in.distance() : from + 1 + in.u16() % flight;
            if (kind == 3) {
                // The truth: what is there behind a hole.
                int start = Math.max(next, has.nextSetBit(next));
                from = first + start;
                to = first + has.nextClearBit(start);
            }
            Wire.u32(lab.out, at + 4 + 8 * i, from);
            Wire.u32(lab.out, at + 8 + 8 * i, to);
        }
        return lab.segment(PORT, 100, ack, TcpHeader.ACK, 4 + 8 * blocks, 0);
    }
}
