package dev.penstock.stack.socket;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.udp.DatagramInfo;
import dev.penstock.stack.udp.DatagramQueue;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** A port whose packets or frames wait in a queue of bounded size, for one thread that takes them; what finds no room is lost and counted. */
public abstract class QueuedPort extends OpenedPort {
    private final DatagramQueue queue;

    QueuedPort(CommandQueue commands, ReadinessListener listener, int bufferBytes, int most) {
        super(commands, listener);
        this.queue = new DatagramQueue(bufferBytes, most);
    }

    /**
     * Takes the oldest one: see {@link DatagramQueue#poll}. The class says what of {@code info} means what.
     *
     * @return bytes copied, or -1 when there is none
     */
    public final int receive(MutableDirectBuffer dst, int offset, int length, DatagramInfo info) {
        return queue.poll(dst, offset, length, info);
    }

    /** One is there, or none will come any more. */
    public final boolean isReceiveReady() {
        return isShardEnded() || !queue.isEmpty();
    }

    /** Those lost because nobody took them in time. */
    public final long receiveDrops() {
        return queue.dropped();
    }

    /** Queues a copy, and tells; see {@link DatagramQueue#offer}. Shard. */
    final void queue(
            DirectBuffer from,
            int offset,
            int length,
            long srcHi,
            long srcLo,
            int srcPort,
            long dstHi,
            long dstLo,
            int interfaceIndex,
            long nowNs) {
        if (queue.offer(from, offset, length, srcHi, srcLo, srcPort, dstHi, dstLo, interfaceIndex, nowNs)) {
            signal(Readiness.READABLE);
        } else {
            context.counters().drop(DropReason.RAW_QUEUE_FULL);
        }
    }
}
