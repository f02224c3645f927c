package dev.penstock.stack.socket;

import dev.penstock.stack.buffer.ByteQueue;
import dev.penstock.stack.buffer.SendQueue;
import dev.penstock.stack.udp.UdpEndpoint;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The sending half of a {@link DatagramPort}, as the shard has it: takes records out of the queue and gives them to UDP; datagrams of
 * one size for one destination that follow each other go together, as a run. Shard thread.
 */
final class DatagramPump {
    private static final int HEADER = DatagramPort.RECORD_HEADER;
    /** Where headers are read in the shard's scratch memory: behind the data of the largest datagram. */
    private static final int HEADER_AT = (1 << 16) - HEADER;

    private final SendQueue queue;
    // The record at the head of the queue.
    private long toHi;
    private long toLo;
    private int zonedPort;
    private int length;
    private int segment;
    /** How much of it was sent already; of a run. */
    private int done;

    // What goes with it.
    private int count;
    private int lastLength;

    DatagramPump(SendQueue queue) {
        this.queue = queue;
    }

    /**
     * Sends what is at the head of the queue.
     *
     * @return {@link UdpEndpoint#OK} or the result that it failed with, and what failed is out of the queue; {@link
     *     UdpEndpoint#WOULD_BLOCK} when UDP will call again; {@link #NOTHING} when the queue has no complete record
     */
    int send(UdpEndpoint endpoint, ShardContext context, long nowNs) {
        UnsafeBuffer scratch = context.scratch();
        long at = queue.headPosition();
        if (!look(at, scratch)) {
            return NOTHING;
        }
        if (segment != 0) {
            return sendRun(endpoint, scratch, at, nowNs);
        }
        gather(at, scratch);
        return count > 1 ? sendGathered(endpoint, scratch, at, nowNs) : sendOne(endpoint, scratch, at, nowNs);
    }

    static final int NOTHING = Integer.MIN_VALUE;

    /** Reads the header of the first record; false unless all of the record is there. */
    private boolean look(long at, UnsafeBuffer scratch) {
        if (queue.size() < HEADER) {
            return false;
        }
        copyOut(at, scratch, HEADER_AT, HEADER);
        toHi = scratch.getLong(HEADER_AT);
        toLo = scratch.getLong(HEADER_AT + 8);
        zonedPort = scratch.getInt(HEADER_AT + 16);
        int lengths = scratch.getInt(HEADER_AT + 20);
        length = DatagramPort.length(lengths);
        segment = DatagramPort.segment(lengths);
        return queue.size() >= HEADER + length; // else the application is still writing it
    }

    /** Counts the records from the first on that can go as one run, and copies them together if there are several. */
    private void gather(long at, UnsafeBuffer scratch) {
        count = 1;
        lastLength = length;
        if (length == 0) {
            return;
        }
        long next = at + HEADER + length;
        long end = queue.headPosition() + queue.size();
        int total = length;
        while (count < UdpEndpoint.MAX_RUN && lastLength == length && end - next >= HEADER) {
            copyOut(next, scratch, HEADER_AT, HEADER);
            int lengths = scratch.getInt(HEADER_AT + 20);
            int n = DatagramPort.length(lengths);
            boolean fits = DatagramPort.segment(lengths) == 0
                    && n > 0
                    && n <= length
                    && total + n <= DatagramPort.MAX_DATA
                    && end - next >= HEADER + n
                    && scratch.getInt(HEADER_AT + 16) == zonedPort
                    && scratch.getLong(HEADER_AT + 8) == toLo
                    && scratch.getLong(HEADER_AT) == toHi;
            if (!fits) {
                break;
            }
            if (count == 1) {
                copyOut(at + HEADER, scratch, 0, length);
            }
            copyOut(next + HEADER, scratch, total, n);
            total += n;
            lastLength = n;
            count++;
            next += HEADER + n;
        }
    }

    private int sendGathered(UdpEndpoint endpoint, UnsafeBuffer scratch, long at, long nowNs) {
        int total = (count - 1) * length + lastLength;
        int result = endpoint.sendRun(toHi, toLo, zone(), port(), scratch, 0, total, length, nowNs);
        if (mustWait(result)) {
            return UdpEndpoint.WOULD_BLOCK;
        }
        // Of a failure, only the first is told; the others are tried again, and tell of their own.
        int gone = Math.max(1, result);
        queue.releaseTo(at + (long) gone * HEADER + (gone == count ? total : gone * length));
        return result > 0 ? UdpEndpoint.OK : result;
    }

    private int sendOne(UdpEndpoint endpoint, UnsafeBuffer scratch, long at, long nowNs) {
        DirectBuffer src = scratch;
        int offset = 0;
        if (length > 0) {
            src = data(at + HEADER, length, scratch);
            offset = src == scratch ? 0 : ByteQueue.chunkOffset(at + HEADER);
        }
        int result = endpoint.send(toHi, toLo, zone(), port(), src, offset, length, nowNs);
        if (mustWait(result)) {
            return UdpEndpoint.WOULD_BLOCK;
        }
        queue.releaseTo(at + HEADER + length);
        return result;
    }

    private int sendRun(UdpEndpoint endpoint, UnsafeBuffer scratch, long at, long nowNs) {
        long from = at + HEADER + done;
        int n = Math.min(length - done, UdpEndpoint.MAX_RUN * segment);
        DirectBuffer src = data(from, n, scratch);
        int offset = src == scratch ? 0 : ByteQueue.chunkOffset(from);
        int result = endpoint.sendRun(toHi, toLo, zone(), port(), src, offset, n, segment, nowNs);
        if (mustWait(result)) {
            return UdpEndpoint.WOULD_BLOCK;
        }
        done = result < 0 ? length : (int) Math.min(length, done + (long) result * segment);
        if (done == length) {
            done = 0;
            queue.releaseTo(at + HEADER + length);
        }
        return result > 0 ? UdpEndpoint.OK : result;
    }

    private static boolean mustWait(int result) {
        return result == UdpEndpoint.WOULD_BLOCK || result == UdpEndpoint.UNRESOLVED;
    }

    /** Where these bytes of the queue can be read in one piece: in the queue itself, or copied to the start of the scratch memory. */
    private DirectBuffer data(long at, int n, UnsafeBuffer scratch) {
        if (ByteQueue.contiguous(at, n) == n) {
            return queue.bufferAt(at);
        }
        copyOut(at, scratch, 0, n);
        return scratch;
    }

    private int port() {
        return zonedPort & 0xffff;
    }

    private int zone() {
        return DatagramPort.zone(zonedPort);
    }

    private void copyOut(long position, MutableDirectBuffer dst, int to, int n) {
        int copied = 0;
        while (copied < n) {
            long at = position + copied;
            int piece = ByteQueue.contiguous(at, n - copied);
            dst.putBytes(to + copied, queue.bufferAt(at), ByteQueue.chunkOffset(at), piece);
            copied += piece;
        }
    }
}
