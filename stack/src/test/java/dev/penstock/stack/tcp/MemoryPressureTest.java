package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.base.StackCounter;
import dev.penstock.stack.buffer.Chunk;
import dev.penstock.stack.buffer.ChunkPool;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Orphans, and what is refused when the sockets' memory becomes scarce. */
class MemoryPressureTest extends TcpFixture {
    private static final int CHUNK = ChunkPool.CHUNK_SIZE;

    private final List<Chunk> hoard = new ArrayList<>();

    /** Others hold so many per cent of the memory. */
    private void occupy(int percent) {
        int wanted = chunks.maxChunks() * percent / 100;
        while (hoard.size() < wanted) {
            hoard.add(chunks.acquire());
        }
        while (hoard.size() > wanted) {
            chunks.release(hoard.remove(hoard.size() - 1));
        }
    }

    @AfterEach
    void giveBack() {
        occupy(0);
    }

    @Test
    void theLevelsHaveHysteresis() {
        tcp();
        occupy(74);
        assertFalse(chunks.isScarce());
        occupy(76);
        assertTrue(chunks.isScarce());
        occupy(61);
        assertTrue(chunks.isScarce());
        occupy(59);
        assertFalse(chunks.isScarce());
        occupy(91);
        assertTrue(chunks.isScarce());
        assertFalse(tcp.memory.isHigh());
        occupy(93);
        assertTrue(tcp.memory.isHigh());
        flush();
        flush();
        assertEquals(1, count(StackCounter.TCP_MEMORY_PRESSURES));
    }

    @Test
    void aSendQueueTakesAFairShareOnly() {
        established(65_535, mss(MSS));
        occupy(80);
        assertEquals(ChunkPool.FAIR_SHARE, app.write(connection, 1_000_000, nowNs));
        flush();
        drain();
        // Acknowledged, it may go on: nobody waits for ever.
        app.onWritable = (c, now) -> app.write(c, 1_000_000, now);
        for (int i = 0; i < 20; i++) {
            peer.acks(connection.tcb.snd.nxt - connection.tcb.snd.iss, 65_535);
            drain();
        }
        assertTrue(app.written > 5 * ChunkPool.FAIR_SHARE, "written " + app.written);
        occupy(10);
        long before = app.written;
        peer.acks(connection.tcb.snd.nxt - connection.tcb.snd.iss, 65_535);
        assertTrue(app.written - before >= 500_000, "written " + (app.written - before));
        drain();
    }

    /** A thousand peers that never acknowledge hold what they have, and the next one still gets its share. */
    @Test
    void peersThatNeverAcknowledgeDoNotStarveTheOthers() {
        chunks = new ChunkPool(64L << 20);
        checkLeaks = false;
        listen();
        for (int i = 0; i < 256; i++) {
            remotePort = 10_000 + i;
            peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
            iss = out.pollLast().rawSeq;
            peer.sends(ACK, 1, 1, 65_535, 0);
            app.written = 0;
            app.write(connection, 4 << 20, nowNs);
            drain();
        }
        assertFalse(tcp.memory.isHigh(), "in use " + chunks.outstanding() + " of " + chunks.maxChunks());
        remotePort = 9_999;
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
        iss = out.pollLast().rawSeq;
        peer.sends(ACK, 1, 1, 65_535, 0);
        app.written = 0;
        assertEquals(ChunkPool.FAIR_SHARE, app.write(connection, 4 << 20, nowNs));
        assertEquals(0, chunks.exhausted());
    }

    private void arrives(int flags, int seq, int ack, int window, byte[]... segmentOptions) {
        tcp.onPacket(peer.packet(flags, peer.irs + seq, iss + ack, window, new byte[0], segmentOptions), nowNs);
        tcp.flush(nowNs);
    }

    /** Opens a connection from {@link #remotePort}, asking each second; answers how long that took. */
    private int openWithin(int seconds) {
        connection = null;
        for (int second = 0; second <= seconds; second++) {
            out.clear();
            arrives(SYN, 0, 0, 65_535, mss(MSS));
            for (Seg s : out) {
                if (s.destinationPort == remotePort && s.flags == (SYN | ACK)) {
                    iss = s.rawSeq;
                    arrives(ACK, 1, 1, 65_535);
                    return second;
                }
            }
            nowNs += 1_000 * MS;
            tcp.flush(nowNs);
        }
        throw new AssertionError("no SYN-ACK for " + remotePort + ", in use " + chunks.outstanding());
    }

    /** A service that sends without end, as chargen, and 1,024 peers that never acknowledge: the next peer is served. */
    @Test
    void aThousandSilentPeersOfAnEndlessServiceDoNotStarveTheOthers() {
        chunks = new ChunkPool(64L << 20);
        options.sendBuffer = 0;
        checkLeaks = false;
        app.onWritable = (c, now) -> app.write(c, 1 << 20, now);
        listen();
        for (int i = 0; i < 1_024; i++) {
            remotePort = 10_000 + i;
            openWithin(15);
            app.written = 0;
            app.write(connection, 1 << 20, nowNs);
            nowNs += 10 * MS;
            tcp.flush(nowNs);
        }
        assertTrue(count(StackCounter.TCP_STALLED_ABORTED) > 0);
        remotePort = 9_999;
        openWithin(15);
        TcpConnection honest = connection;
        app.written = 0;
        int una = 1;
        long acknowledged = 0;
        for (int i = 0; i < 1_000 && acknowledged < 1_000_000; i++) {
            app.write(honest, 1 << 20, nowNs);
            tcp.flush(nowNs);
            for (Seg s : out) {
                if (s.destinationPort == remotePort && s.payload.length > 0) {
                    una = Math.max(una, s.rawSeq - iss + s.payload.length);
                }
            }
            out.clear();
            acknowledged = una - 1L;
            nowNs += 20 * MS;
            deadlines.expire(nowNs, 100_000);
            arrives(ACK, 1, una, 65_535);
        }
        assertTrue(acknowledged >= 1_000_000, "acknowledged " + acknowledged);
        assertEquals(TcpState.ESTABLISHED, honest.state());
        tcp.checkInvariants();
    }

    /** Only who holds memory and takes nothing goes; and only above the high mark. */
    @Test
    void stalledConnectionsEndAboveTheHighMarkOnly() {
        established(65_535, mss(MSS));
        Connection idle = connection;
        remotePort++;
        peer.sends(SYN, 0, 0, 65_535, 0, mss(MSS));
        iss = out.pollLast().rawSeq;
        peer.sends(ACK, 1, 1, 65_535, 0);
        write(1_000);
        advance(9_000);
        occupy(95);
        flush();
        state(TcpState.ESTABLISHED);
        occupy(50);
        advance(2_000);
        state(TcpState.ESTABLISHED);
        occupy(95);
        drain();
        flush();
        assertEquals(RST | ACK, out.pollLast().flags);
        closedWith(TcpError.NO_RESOURCES);
        assertEquals(TcpState.ESTABLISHED, idle.state(), "it holds nothing");
        assertEquals(1, count(StackCounter.TCP_STALLED_ABORTED));
        idle.abort(nowNs);
        app.closed = 0;
        flush();
        drain();
    }

    @Test
    void outOfOrderDataIsKeptOnlyNearTheEdge() {
        config.sack = true;
        established(65_535, mss(MSS), sackPermitted());
        occupy(80);
        peer.sends(ACK, 1 + 2 * CHUNK + 1, 1, 65_535, 100);
        assertEquals(0, out.pollFirst().options.sackCount, "refused, and so not acknowledged");
        assertEquals(1, drops(DropReason.TCP_MEMORY_PRESSURE));
        peer.sends(ACK, 1_001, 1, 65_535, 100);
        assertEquals(1, out.pollFirst().options.sackCount);
        occupy(95);
        peer.sends(ACK, 2_001, 1, 65_535, 100);
        assertEquals(2, drops(DropReason.TCP_MEMORY_PRESSURE));
        peer.sends(ACK, 1, 1, 65_535, 1_000);
        assertEquals(1_100, read());
        drain();
    }

    /** RFC 2018, section 8: reneging is the last resort, where data in order finds no memory. */
    @Test
    void whatWasAcknowledgedSelectivelyGoesOnlyForDataInOrder() {
        config.sack = true;
        config.memoryHighPercent = 101;
        established(65_535, mss(MSS), sackPermitted());
        peer.sends(ACK, 1 + CHUNK, 1, 65_535, 1_000);
        assertEquals(1, out.pollFirst().options.sackCount);
        while (true) {
            Chunk c = chunks.acquire();
            if (c == null) {
                break;
            }
            hoard.add(c);
        }
        peer.sends(ACK, 1, 1, 65_535, 1_000);
        expectAck(1, 1_001);
        assertEquals(1, count(StackCounter.TCP_SACK_RENEGED));
        assertEquals(1_000, read());
        drain();
        peer.sends(ACK, 1_001, 1, 65_535, 1_000);
        assertEquals(1_000, read());
        assertEquals(0, out.pollLast().options.sackCount);
        drain();
    }

    @Test
    void nothingNewIsAcceptedAboveTheHighMark() {
        listen();
        occupy(95);
        peer.sends(SYN, 0, 0, 1_000, 0, mss(MSS));
        expectNothing();
        assertEquals(1, drops(DropReason.TCP_MEMORY_PRESSURE));
        assertEquals(1, count(StackCounter.TCP_LISTEN_DROPS));
        assertEquals(1, acceptor.drops());
        assertEquals(0, acceptor.overflows());
        occupy(50);
        peer.sends(SYN, 0, 0, 1_000, 0, mss(MSS));
        assertEquals(1, drain());
        assertNull(connection);
    }

    // --- orphans ---

    @Test
    void orphansAreLimitedAndTheNewestIsReset() {
        config.maxOrphans = 3;
        app.onClosed = (c, now) -> app.closed = 0;
        listen();
        for (int i = 0; i < 5; i++) {
            remotePort++;
            peer.sends(SYN, 0, 0, 1_000, 0, mss(MSS));
            iss = out.pollLast().rawSeq;
            peer.sends(ACK, 1, 1, 1_000, 0);
            app.written = 0;
            write(10);
            drain();
            connection.close(nowNs);
            flush();
            assertEquals(i < 3 ? TcpState.FIN_WAIT_1 : TcpState.CLOSED, connection.state());
            int flags = out.pollLast().flags;
            assertEquals(i < 3 ? FIN | ACK : RST | ACK, flags & ~PSH);
            drain();
            app.closed = 0;
        }
        assertEquals(3, tcp.orphans());
        assertEquals(2, count(StackCounter.TCP_ORPHANS_ABORTED));
        // They end by themselves, and make room.
        advance(40 * 60_000);
        drain();
        assertEquals(0, tcp.orphans());
    }

    @Test
    void anOrphanThatEndsInOrderIsNoneAnyMore() {
        established();
        connection.close(nowNs);
        flush();
        assertEquals(1, tcp.orphans());
        connection.close(nowNs);
        assertEquals(1, tcp.orphans());
        peer.sends(FIN | ACK, 1, 2, 1_000, 0);
        state(TcpState.TIME_WAIT);
        assertEquals(0, tcp.orphans());
        drain();
    }

    @Test
    void orphansAreResetAboveTheHighMark() {
        established();
        occupy(95);
        close();
        assertEquals(RST | ACK, out.pollLast().flags);
        assertEquals(0, tcp.orphans());
        assertEquals(1, count(StackCounter.TCP_ORPHANS_ABORTED));
    }
}
