package dev.penstock.stack.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CoDel behind a transmitter, against the rules of RFC 8289 followed word for word on a list. */
class CodelTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;
    private static final long RATE = 8_000_000;
    private static final long NS_PER_BYTE = 1000;
    private static final long TARGET = 5 * MS;
    private static final long INTERVAL = 100 * MS;

    private record Packet(int number, int bytes, boolean ect, long cameNs) {}

    /** RFC 8289, section 5, with a queue without limits; what it says of ECN from section 3. */
    private static final class Reference {
        final ArrayDeque<Packet> queue = new ArrayDeque<>();
        final List<String> log = new ArrayList<>();
        final boolean ecn;
        long queued;
        int largest;
        long firstAbove;
        long dropNext;
        long count;
        long lastCount;
        boolean dropping;
        boolean okToDrop;
        Packet inService;
        long freeAt = Long.MIN_VALUE;

        Reference(boolean ecn) {
            this.ecn = ecn;
        }

        void arrive(Packet p) {
            largest = Math.max(largest, p.bytes);
            queue.add(p);
            queued += p.bytes;
            if (freeAt <= p.cameNs) {
                serve(p.cameNs);
            }
        }

        /** The transmitter is free. */
        void serve(long now) {
            if (inService != null) {
                log.add(inService.number + " sent at " + now);
                inService = null;
            }
            Packet p = dequeue(now);
            if (p == null) {
                freeAt = Long.MIN_VALUE;
                return;
            }
            freeAt = now + p.bytes * NS_PER_BYTE;
            inService = p;
        }

        private Packet take(long now) {
            okToDrop = false;
            Packet p = queue.poll();
            if (p == null) {
                firstAbove = 0;
                return null;
            }
            queued -= p.bytes;
            if (now - p.cameNs < TARGET || queued <= largest) {
                firstAbove = 0;
            } else if (firstAbove == 0) {
                firstAbove = now + INTERVAL;
            } else if (now >= firstAbove) {
                okToDrop = true;
            }
            return p;
        }

        private boolean marks(Packet p, long now) {
            if (ecn && p.ect) {
                log.add(p.number + " marked at " + now);
                return true;
            }
            log.add(p.number + " dropped at " + now);
            return false;
        }

        private long law(long t) {
            return t + (long) (INTERVAL / Math.sqrt((double) count));
        }

        private Packet dequeue(long now) {
            Packet p = take(now);
            if (dropping) {
                if (!okToDrop) {
                    dropping = false;
                }
                while (dropping && now >= dropNext) {
                    count++;
                    if (marks(p, now)) {
                        dropNext = law(dropNext);
                        return p;
                    }
                    p = take(now);
                    if (!okToDrop) {
                        dropping = false;
                    } else {
                        dropNext = law(dropNext);
                    }
                }
            } else if (okToDrop) {
                if (!marks(p, now)) {
                    p = take(now);
                }
                dropping = true;
                long delta = count - lastCount;
                count = delta > 1 && now - dropNext < 16 * INTERVAL ? delta : 1;
                dropNext = law(now);
                lastCount = count;
            }
            return p;
        }
    }

    /** Bursts and lulls around the rate, so that the queue stands, empties and stands again. */
    private static List<Packet> arrivals(long seed, int packets) {
        RandomSource random = RandomSource.seeded(seed);
        List<Packet> all = new ArrayList<>();
        long now = SimulatedNetwork.EPOCH_NS;
        double load = 1.5;
        for (int i = 0; i < packets; i++) {
            if (random.nextInt(400) == 0) {
                load = 0.3 + 1.7 * random.nextDouble();
            }
            int bytes = random.nextInt(3) == 0 ? 60 + random.nextInt(500) : 1514;
            now += (long) (bytes * NS_PER_BYTE / load * 2 * random.nextDouble());
            all.add(new Packet(i, bytes, random.nextInt(2) == 0, now));
        }
        return all;
    }

    private static List<String> expected(List<Packet> arrivals, boolean ecn) {
        Reference reference = new Reference(ecn);
        for (Packet p : arrivals) {
            while (reference.freeAt != Long.MIN_VALUE && reference.freeAt < p.cameNs) {
                reference.serve(reference.freeAt);
            }
            reference.arrive(p);
        }
        while (reference.freeAt != Long.MIN_VALUE) {
            reference.serve(reference.freeAt);
        }
        return reference.log;
    }

    private static List<String> actual(List<Packet> arrivals, boolean ecn) {
        SimulatedNetwork net = SimulatedNetwork.seeded(1);
        SimulatedLink link = net.link(1500);
        QueuePolicy policy = QueuePolicy.codel().packets(100_000);
        List<String> log = new ArrayList<>();
        link.aToB().rate(RATE, ecn ? policy.withEcn() : policy).observe((event, side, frame, now) -> {
            int number = event == LinkEvent.OFFERED || event == LinkEvent.DELIVERED ? -1 : IpFrames.number(frame);
            switch (event) {
                case SENT -> log.add(number + " sent at " + now);
                case CODEL -> log.add(number + " dropped at " + now);
                case MARKED -> log.add(number + " marked at " + now);
                default -> {}
            }
        });
        for (Packet p : arrivals) {
            net.at(p.cameNs, () -> link.a().offer(IpFrames.packet(p.number, p.bytes - 14, p.ect ? 2 : 0)));
        }
        net.run(1000 * SECOND);
        net.close();
        net.assertNoLeaks();
        return log;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void dropsAndMarksWhatTheRfcSaysAndWhen(boolean ecn) {
        int decisions = 0;
        for (long seed = 1; seed <= 20; seed++) {
            List<Packet> arrivals = arrivals(seed, 6000);
            List<String> expected = expected(arrivals, ecn);
            assertEquals(expected, actual(arrivals, ecn), "seed " + seed);
            decisions +=
                    (int) expected.stream().filter(l -> !l.contains("sent")).count();
        }
        assertTrue(decisions > 500, "decisions: " + decisions);
    }

    @Test
    void keepsTheStandingDelayOfAnOverloadedLinkNearItsTargetWhereDropTailDoesNot() {
        assertTrue(delayAtTheEnd(QueuePolicy.codel().packets(10_000)) < 40 * MS);
        assertTrue(delayAtTheEnd(QueuePolicy.dropTailPackets(1000)) > 900 * MS);
    }

    /** A source that slows down by a tenth when it loses, and speeds up by a hundredth otherwise. */
    private static long delayAtTheEnd(QueuePolicy policy) {
        SimulatedNetwork net = SimulatedNetwork.seeded(1);
        SimulatedLink link = net.link(1500);
        double[] gapNs = {500_000};
        long[] offered = new long[65536];
        long[] delay = {0};
        link.aToB().rate(RATE, policy).observe((event, side, frame, now) -> {
            if (event == LinkEvent.OFFERED) {
                offered[IpFrames.number(frame)] = now;
                gapNs[0] /= 1.001;
            } else if (event == LinkEvent.CODEL || event == LinkEvent.QUEUE_FULL) {
                gapNs[0] *= 1.2;
            }
        });
        net.station("sink", link.b(), (device, now) -> {
            device.poll(f -> delay[0] = now - offered[IpFrames.number(f)], 1000);
            return Long.MAX_VALUE;
        });
        long end = net.nowNs() + 60 * SECOND;
        for (int i = 0; net.nowNs() < end; i++) {
            link.a().offer(IpFrames.packet(i & 0xffff, 1000, 0));
            net.run((long) Math.max(100_000, gapNs[0]));
        }
        net.close();
        return delay[0];
    }

    @Test
    void policiesAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> QueuePolicy.codel(0, 1));
        assertThrows(IllegalArgumentException.class, () -> QueuePolicy.codel(10, 5));
        assertThrows(IllegalArgumentException.class, () -> QueuePolicy.dropTail(-1));
        assertThrows(IllegalArgumentException.class, () -> QueuePolicy.dropTailPackets(-1));
        assertThrows(
                IllegalArgumentException.class, () -> QueuePolicy.dropTail(1).marking(-1));
    }
}
