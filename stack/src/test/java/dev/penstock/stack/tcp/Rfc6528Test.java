package dev.penstock.stack.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.requirement.Requirement;
import dev.penstock.stack.base.RandomSource;
import dev.penstock.stack.base.SipHash;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** RFC 6528, section 3: ISN = M + F(localip, localport, remoteip, remoteport, secretkey). */
class Rfc6528Test extends TcpFixture {
    private static final long SECOND = 1_000_000_000L;

    private static IssGenerator generator(long seed) {
        RandomSource random = RandomSource.seeded(seed);
        return new IssGenerator(SipHash.keyedFrom(random), SipHash.keyedFrom(random), SipHash.keyedFrom(random));
    }

    /** "M is the 4 microsecond timer", within the precision of a shift: 4.096. */
    @Test
    @Requirement("RFC9293:MUST-8")
    void theTimerTicksEveryFourMicroseconds() {
        IssGenerator g = generator(1);
        int first = g.next(0, 1, 80, 0, 2, 5000, 0);
        assertEquals(SECOND / 4096, g.next(0, 1, 80, 0, 2, 5000, SECOND) - first);
        // The cycle is about four and a half hours, in which it never goes back.
        int last = first;
        for (long s = 1; s < 4 * 3600; s += 60) {
            int now = g.next(0, 1, 80, 0, 2, 5000, s * SECOND);
            assertTrue(now - last > 0);
            last = now;
        }
    }

    /** "F() ... MUST NOT be computable from the outside": each of the five inputs changes it beyond recognition. */
    @Test
    @Requirement({"RFC9293:SHLD-1", "RFC9293:MUST-9"})
    void eachInputAndTheKeyMatter() {
        Set<Integer> seen = new HashSet<>();
        for (long key = 1; key <= 3; key++) {
            IssGenerator g = generator(key);
            seen.add(g.next(0, 1, 80, 0, 2, 5000, 0));
            seen.add(g.next(1, 1, 80, 0, 2, 5000, 0));
            seen.add(g.next(0, 3, 80, 0, 2, 5000, 0));
            seen.add(g.next(0, 1, 81, 0, 2, 5000, 0));
            seen.add(g.next(0, 1, 80, 1, 2, 5000, 0));
            seen.add(g.next(0, 1, 80, 0, 4, 5000, 0));
            seen.add(g.next(0, 1, 80, 0, 2, 5001, 0));
            seen.add(g.next(0, 2, 5000, 0, 1, 80, 0));
        }
        assertEquals(24, seen.size());
    }

    /** What one host is told says nothing about what another one is: the differences spread over the whole space. */
    @Test
    @Requirement("RFC9293:MUST-9")
    void neighboursTellNothing() {
        IssGenerator g = generator(5);
        int[] perSixteenth = new int[16];
        for (int port = 1; port <= 16_000; port++) {
            int difference = g.next(0, 1, 80, 0, 2, port + 1, 0) - g.next(0, 1, 80, 0, 2, port, 0);
            perSixteenth[difference >>> 28]++;
        }
        for (int n : perSixteenth) {
            assertTrue(n > 800 && n < 1200, "1000 expected: " + n);
        }
    }

    /** SYN-ACKs are chosen in the same way as SYNs. */
    @Test
    void passiveOpensToo() {
        listen();
        peer.sends(SYN, 0, 0, 1_000, 0, mss(MSS));
        int first = expect(SYN | ACK, 0, 1).rawSeq;
        iss = first;
        peer.sends(RST, 1, 0, 0, 0);
        advance(1_000);
        peer.sends(SYN, 0, 0, 1_000, 0, mss(MSS));
        int again = expect(SYN | ACK, 0, 1).rawSeq;
        assertEquals(SECOND / 4096.0, again - first, 1.0);
        remotePort++;
        peer.sends(SYN, 0, 0, 1_000, 0, mss(MSS));
        int other = expect(SYN | ACK, 0, 1).rawSeq;
        assertNotEquals(again >>> 20, other >>> 20);
    }
}
