package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.ip.IcmpError;
import dev.penstock.stack.ip.IpOutput;
import org.junit.jupiter.api.Test;

/**
 * Segments made of interesting numbers, from a peer that keeps no rule, between time steps, calls of the application
 * and trouble below: no exception, no broken invariant, no deadlock, few answers, an end, and no leak. The seed is in
 * every message and reproduces the run alone.
 */
class RandomSegmentTest {
    private static final int SEEDS = Integer.getInteger("penstock.seeds", 2500);
    private static final int STEPS = 300;

    @Test
    void anythingMayArriveAtAnyTime() {
        int segments = 0;
        java.util.EnumSet<TcpState> seen = java.util.EnumSet.noneOf(TcpState.class);
        for (long seed = 0; seed < SEEDS; seed++) {
            Run run = new Run(seed);
            try {
                run.all();
                run.nothingIsLeft();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " step " + run.step + ": " + e.getMessage(), e);
            }
            segments += run.segments;
            seen.addAll(run.seen);
        }
        assertTrue(segments > 40 * SEEDS, "segments " + segments);
        assertEquals(9, seen.size() - (seen.contains(TcpState.CLOSED) ? 1 : 0), () -> "states " + seen);
    }

    static final class Run extends TcpFixture {
        private final RandomSource random;
        final java.util.EnumSet<TcpState> seen = java.util.EnumSet.noneOf(TcpState.class);
        int segments;
        int step;
        private int peerClock = 1000;

        Run(long seed) {
            random = RandomSource.seeded(seed * 31 + 5);
            config.timestamps = chance(2);
            config.windowScaling = chance(2);
            config.quickAcks = random.nextInt(17);
            config.maxReassemblyRanges = 1 + random.nextInt(6);
            options.receiveBuffer = 1 + random.nextInt(chance(2) ? 3000 : 300_000);
            options.sendBuffer = 1 + random.nextInt(chance(2) ? 3000 : 300_000);
            options.keepAlive = chance(4);
            options.noDelay = chance(2);
            options.userTimeoutNs = chance(8) ? 30_000 * MS : 0;
            app.autoRead = chance(2);
            app.takeInPlace = chance(2) ? 0 : random.nextInt(3000);
            peer.irs = random.nextInt();
        }

        private boolean chance(int oneIn) {
            return random.nextInt(oneIn) == 0;
        }

        void all() {
            open();
            for (step = 0; step < STEPS && tcp.connections() > 0; step++) {
                if (connection != null) {
                    seen.add(connection.state());
                    onlyOne();
                }
                act();
            }
            settle();
        }

        /** The recorder listens to one connection only. */
        private void onlyOne() {
            if (acceptor != null) {
                acceptor.close(nowNs);
                acceptor = null;
            }
        }

        private void open() {
            byte[] syn = concat(
                    chance(3) ? NO_OPTIONS : mss(random.nextInt(3000)),
                    config.timestamps ? stamps(peerClock, 0) : NO_OPTIONS,
                    config.windowScaling ? scale(random.nextInt(20)) : NO_OPTIONS);
            if (chance(2)) {
                connecting();
                if (chance(2)) {
                    peer.sends(SYN, 0, 0, random.nextInt(65_536), 0, syn);
                } else if (!chance(10)) {
                    peer.sends(SYN | ACK, 0, 1, random.nextInt(65_536), 0, syn);
                }
            } else {
                listen();
                peer.sends(SYN, 0, 0, random.nextInt(65_536), 0, syn);
                iss = out.peekLast().rawSeq;
                if (!chance(10)) {
                    peer.sends(ACK, 1, 1, random.nextInt(65_536), 0, stamped());
                }
            }
            drain();
        }

        private byte[] stamped() {
            if (!config.timestamps || chance(20)) {
                return NO_OPTIONS;
            }
            peerClock += random.nextInt(3);
            return stamps(chance(30) ? random.nextInt() : peerClock - (chance(20) ? 5 : 0), random.nextInt(5000));
        }

        private void act() {
            int what = random.nextInt(100);
            if (what < 60) {
                segment();
            } else if (what < 75) {
                advance(1 + random.nextInt(chance(10) ? 70_000 : chance(2) ? 2000 : 50));
            } else if (what < 94) {
                if (connection != null) {
                    application();
                }
            } else {
                below();
            }
            drain();
            assertEquals(null, app.fault);
        }

        private void segment() {
            segments++;
            Connection c = connection;
            if (c != null && c.state() != TcpState.SYN_SENT) {
                // A SYN of any number may have opened it: the known stream begins there.
                peer.irs = c.tcb.rcv.irs;
            }
            int rcvNxt = c == null ? 1 : c.tcb.rcv.nxt - peer.irs;
            int window = c == null ? 1000 : c.tcb.rcv.window();
            int una = c == null ? 1 : c.tcb.snd.una - iss;
            int max = c == null ? 1 : c.tcb.snd.nxt - iss;
            int[] seqs = {
                rcvNxt,
                rcvNxt,
                rcvNxt,
                rcvNxt,
                rcvNxt - 1,
                rcvNxt + 1,
                rcvNxt + window,
                rcvNxt + window - 1,
                rcvNxt + random.nextInt(3000),
                rcvNxt - random.nextInt(3000),
                0,
                random.nextInt()
            };
            int[] acks = {
                una,
                una,
                max,
                max,
                max + 1,
                una - 1,
                una + random.nextInt(Math.max(1, max - una + 1)),
                0,
                random.nextInt()
            };
            int[] lengths = {0, 0, 1, random.nextInt(100), 1460, random.nextInt(9000), Math.min(20_000, window)};
            int[] windows = {0, 0, 1, random.nextInt(3000), 65_535, random.nextInt(65_536)};
            int flags = chance(15) ? random.nextInt(512) : ACK;
            flags |= chance(25) ? FIN : 0;
            flags |= chance(60) ? SYN : 0;
            flags ^= chance(40) ? ACK : 0;
            flags |= chance(100) ? RST : 0;
            peer.urgentPointer = random.nextInt(65_536);
            peer.gsoSize = chance(4) ? 1 + random.nextInt(1460) : 0;
            byte[] tail = new byte[chance(10) ? 4 * random.nextInt(4) : 0];
            for (int i = 0; i < tail.length; i++) {
                tail[i] = (byte) random.nextInt(12);
            }
            drain();
            boolean quiet = ip.deviceFullAfter > 1000 && ip.refuse == 0 && !tcp.hasPending();
            peer.sends(flags, pick(seqs), pick(acks), pick(windows), pick(lengths), stamped(), tail);
            if (quiet) {
                answersAreFew();
            }
        }

        private int pick(int[] values) {
            return values[random.nextInt(values.length)];
        }

        private void answersAreFew() {
            int pure = 0;
            for (Seg s : out) {
                pure += s.payload.length == 0 ? 1 : 0;
            }
            int answers = pure;
            // An acknowledgment, a FIN, a window update after reading; what waited in the debt of duplicates.
            assertTrue(answers <= 4, () -> "answers to one segment: " + answers);
        }

        private void application() {
            Connection c = connection;
            switch (random.nextInt(chance(5) ? 12 : 5)) {
                case 0, 1 -> app.write(c, 1 + random.nextInt(chance(3) ? 20_000 : 500), nowNs);
                case 2, 3 -> app.read(c, 1 + random.nextInt(5000), nowNs);
                case 4 -> c.wantWritable();
                case 5 -> c.shutdownOutput(nowNs);
                case 6 -> c.optionsChanged(nowNs);
                case 7 -> {
                    c.options().receiveBuffer = 1 + random.nextInt(100_000);
                    c.optionsChanged(nowNs);
                }
                case 8 -> {
                    if (chance(3)) {
                        c.close(nowNs);
                    }
                }
                case 9 -> {
                    if (chance(20)) {
                        c.abort(nowNs);
                    }
                }
                case 10 -> c.shutdownOutput(nowNs);
                default -> {
                    if (chance(5)) {
                        c.shutdownInput(nowNs);
                    }
                }
            }
            flush();
        }

        private void below() {
            switch (random.nextInt(6)) {
                case 0 -> ip.deviceFullAfter = random.nextInt(5);
                case 1, 2 -> ip.deviceFullAfter = Integer.MAX_VALUE;
                case 3 -> {
                    int[] results = {
                        IpOutput.UNRESOLVED, IpOutput.UNRESOLVED, IpOutput.NO_ROUTE, IpOutput.HOST_UNREACHABLE
                    };
                    ip.refuse = pick(results);
                }
                case 4 -> resolve(!chance(4));
                default -> {
                    IcmpError.Kind[] kinds = IcmpError.Kind.values();
                    int una = connection == null ? 0 : connection.tcb.snd.una - iss;
                    icmp(kinds[random.nextInt(kinds.length)], una + random.nextInt(3), 68 + random.nextInt(1500));
                }
            }
            flush();
            if (chance(2)) {
                resolve(true);
                ip.deviceFullAfter = Integer.MAX_VALUE;
                flush();
            }
        }

        private void resolve(boolean reachable) {
            ip.refuse = 0;
            while (!ip.waiters.isEmpty()) {
                ip.waiters.remove(ip.waiters.size() - 1).onPathReady(reachable, nowNs);
            }
            flush();
        }

        /** The peer says nothing any more and the application is done: everything comes to an end by itself. */
        private void settle() {
            resolve(true);
            ip.deviceFullAfter = Integer.MAX_VALUE;
            options.keepAlive = false;
            if (connection != null) {
                connection.close(nowNs);
            }
            if (acceptor != null) {
                acceptor.close(nowNs);
            }
            advance(60 * 60_000);
            assertEquals(0, tcp.connections(), "still there after an hour of silence");
            if (connection != null) {
                assertEquals(1, app.closed, "onClosed");
            }
            drain();
        }
    }
}
