package dev.penstock.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.DropReason;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The wire formats of IGMP and MLD: codes, truncations, any bytes. */
class GroupMessagesTest {

    private static byte[] summed(byte[] message) {
        UnsafeBuffer b = new UnsafeBuffer(message);
        Wire.u16(b, 2, 0);
        Wire.u16(b, 2, InternetChecksum.finish(InternetChecksum.sum(b, 0, message.length)));
        return message;
    }

    @Test
    void timesAreExactAndThenFloatingPoint() {
        assertEquals(0, IgmpMessage.decode(0));
        assertEquals(127, IgmpMessage.decode(127));
        assertEquals(128, IgmpMessage.decode(128));
        assertEquals(136, IgmpMessage.decode(129));
        assertEquals(31_744, IgmpMessage.decode(255));
        assertEquals(32_767, MldMessage.decode(32_767));
        assertEquals(32_768, MldMessage.decode(32_768));
        assertEquals(8_387_584, MldMessage.decode(65_535));
        for (int code = 1; code < 256; code++) {
            assertTrue(IgmpMessage.decode(code) > IgmpMessage.decode(code - 1));
        }
        for (int code = 1; code < 65_536; code++) {
            assertTrue(MldMessage.decode(code) > MldMessage.decode(code - 1));
        }
    }

    @Test
    void eachTruncationOfAQueryIsFound() {
        byte[] query = new byte[24];
        query[0] = IgmpMessage.QUERY;
        query[11] = 3;
        assertNull(IgmpMessage.check(new UnsafeBuffer(summed(query)), 0, 24));
        for (int length = 0; length < 24; length++) {
            byte[] cut = Arrays.copyOf(query, length);
            cut = length < 4 ? cut : summed(cut);
            DropReason reason = IgmpMessage.check(new UnsafeBuffer(cut), 0, length);
            assertEquals(length == 8 ? null : DropReason.IGMP_TRUNCATED, reason, "length " + length);
        }
        byte[] query6 = new byte[28 + 32];
        query6[0] = (byte) MldMessage.QUERY;
        query6[27] = 2;
        for (int length = 8; length <= query6.length; length++) {
            DropReason reason = MldMessage.check(new UnsafeBuffer(Arrays.copyOf(query6, length)), 0, length);
            boolean good = length == 24 || length == query6.length;
            assertEquals(good ? null : DropReason.MLD_TRUNCATED, reason, "length " + length);
        }
    }

    @Property(tries = 2000)
    void afterTheCheckNoAccessorFails(@ForAll byte[] bytes, @ForAll @IntRange(min = 0, max = 4) int kind) {
        byte[] message = bytes.clone();
        if (message.length > 11) {
            message[10] = 0;
            message[11] &= 3;
        }
        if (message.length > 0) {
            message[0] = (byte) new int[] {0x11, 0x12, 0x16, 0x17, 0x22}[kind];
        }
        UnsafeBuffer b = new UnsafeBuffer(message.length < 4 ? message : summed(message));
        if (IgmpMessage.check(b, 0, message.length) == null) {
            IgmpMessage.group(b, 0);
            if (IgmpMessage.type(b, 0) == IgmpMessage.QUERY && message.length > 8) {
                int end = 12 + 4 * IgmpMessage.sourceCount(b, 0);
                assertTrue(end <= message.length);
                assertTrue(IgmpMessage.robustness(b, 0) <= 7 && IgmpMessage.intervalCode(b, 0) <= 255);
            }
        }
        if (message.length >= 8) {
            message[0] = (byte) new int[] {130, 131, 132, 143, 130}[kind];
            if (MldMessage.check(b, 0, message.length) == null && kind != 3) {
                MldMessage.groupLo(b, 0);
                if (kind % 4 == 0 && message.length > 24) {
                    assertTrue(28 + 16 * MldMessage.sourceCount(b, 0) <= message.length);
                }
            }
        }
    }

    @Property
    void optionsAreSearchedWithinTheirHeader(@ForAll byte[] bytes) {
        int length = Math.min(bytes.length, 40) & ~7;
        if (length == 0) {
            return;
        }
        byte[] header = Arrays.copyOf(bytes, length);
        UnsafeBuffer b = new UnsafeBuffer(header);
        if (Ipv6Options.verdict(Ipv6Options.check(b, 2, length)) == Ipv6Options.OK) {
            boolean found = Ipv6Options.hasRouterAlert(b, 2, length);
            assertTrue(!found || length >= 8);
        }
        byte[] alert = {58, 0, 5, 2, 0, 0, 1, 0};
        assertTrue(Ipv6Options.hasRouterAlert(new UnsafeBuffer(alert), 2, 8));
        alert[5] = 1;
        assertEquals(false, Ipv6Options.hasRouterAlert(new UnsafeBuffer(alert), 2, 8), "RSVP's, not MLD's");
    }

    @Test
    void anIgmpMessageWithAWrongSumIsFound() {
        byte[] report = new byte[8];
        UnsafeBuffer b = new UnsafeBuffer(report);
        IgmpMessage.put(b, 0, IgmpMessage.V2_REPORT, 0xef01_0203);
        assertNull(IgmpMessage.check(b, 0, 8));
        report[7] ^= 4;
        assertNotNull(IgmpMessage.check(b, 0, 8));
    }
}
