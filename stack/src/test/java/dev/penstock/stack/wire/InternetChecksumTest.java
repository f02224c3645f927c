package dev.penstock.stack.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import java.nio.ByteBuffer;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {

    /** RFC 1071, section 1, word by word. */
    static int naive(byte[] b, int from, int length) {
        long sum = 0;
        for (int i = 0; i < length; i += 2) {
            sum += (b[from + i] & 0xff) << 8 | (i + 1 < length ? b[from + i + 1] & 0xff : 0);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return (int) sum;
    }

    private static byte[] random(long seed, int length) {
        RandomSource r = RandomSource.seeded(seed);
        byte[] b = new byte[length];
        for (int i = 0; i < length; i++) {
            b[i] = (byte) r.nextInt();
        }
        return b;
    }

    @Test
    void matchesTheNaiveSumForEveryLengthAndOffset() {
        byte[] mixed = random(1, 256);
        byte[] ones = new byte[256];
        Arrays.fill(ones, (byte) 0xff);
        for (byte[] b : new byte[][] {mixed, ones, new byte[256]}) {
            UnsafeBuffer heap = new UnsafeBuffer(b);
            UnsafeBuffer direct = new UnsafeBuffer(ByteBuffer.allocateDirect(256));
            direct.putBytes(0, b);
            for (int length = 0; length <= 200; length++) {
                for (int offset = 0; offset < 17; offset++) {
                    int expected = naive(b, offset, length);
                    assertEquals(expected, InternetChecksum.sum(heap, offset, length));
                    assertEquals(expected, InternetChecksum.sum(direct, offset, length));
                }
            }
        }
    }

    @Test
    void doesNotOverflowOnTheLargestPacket() {
        byte[] ones = new byte[65_535];
        Arrays.fill(ones, (byte) 0xff);
        assertEquals(naive(ones, 0, 65_535), InternetChecksum.sum(new UnsafeBuffer(ones), 0, 65_535));
        byte[] mixed = random(2, 65_535);
        assertEquals(naive(mixed, 0, 65_535), InternetChecksum.sum(new UnsafeBuffer(mixed), 0, 65_535));
    }

    /** The example of RFC 1071, section 3. */
    @Test
    void matchesTheRfcExample() {
        byte[] b = {0, 1, (byte) 0xf2, 3, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
        int sum = InternetChecksum.sum(new UnsafeBuffer(b), 0, 8);
        assertEquals(0xddf2, sum);
        assertEquals(0x220d, InternetChecksum.finish(sum));
    }

    @Property
    void blocksJoinWhateverTheirLengths(@ForAll byte[] a, @ForAll byte[] b, @ForAll byte[] c) {
        byte[] all = Arrays.copyOf(a, a.length + b.length + c.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        System.arraycopy(c, 0, all, a.length + b.length, c.length);
        int ab = InternetChecksum.concat(naive(a, 0, a.length), a.length, naive(b, 0, b.length));
        int abc = InternetChecksum.concat(ab, a.length + b.length, naive(c, 0, c.length));
        assertEquals(naive(all, 0, all.length), abc);
    }

    @Property
    void anUpdateEqualsANewSum(@ForAll long seed, @ForAll @IntRange(max = 9) int word, @ForAll char value) {
        byte[] b = random(seed, 20);
        UnsafeBuffer buffer = new UnsafeBuffer(b);
        int before = InternetChecksum.finish(InternetChecksum.sum(buffer, 0, 20));
        int old = Wire.u16(buffer, 2 * word);
        Wire.u16(buffer, 2 * word, value);
        assertEquals(
                InternetChecksum.finish(InternetChecksum.sum(buffer, 0, 20)),
                InternetChecksum.update(before, old, value));
    }

    /** The corner of RFC 1624, section 4: the method of RFC 1141 would give 0xffff here. */
    @Test
    void anUpdateNeverMakesTheWrongZero() {
        assertEquals(0x0000, InternetChecksum.update(0xdd2f, 0x5555, 0x3285));
    }

    @Property
    void aMessageWithItsOwnChecksumIsValidAndNotAfterABitFlip(@ForAll long seed, @ForAll @IntRange(max = 239) int bit) {
        byte[] b = random(seed, 30);
        UnsafeBuffer buffer = new UnsafeBuffer(b);
        Wire.u16(buffer, 10, 0);
        Wire.u16(buffer, 10, InternetChecksum.finish(InternetChecksum.sum(buffer, 0, 30)));
        assertTrue(InternetChecksum.isValid(InternetChecksum.sum(buffer, 0, 30)));
        b[bit >>> 3] ^= (byte) (1 << (bit & 7));
        assertFalse(InternetChecksum.isValid(InternetChecksum.sum(buffer, 0, 30)));
    }

    @Property
    void thePseudoHeaderIsTheSumOfItsBytes(
            @ForAll long seed, @ForAll boolean v6, @ForAll @IntRange(max = 255) int protocol, @ForAll char length) {
        RandomSource r = RandomSource.seeded(seed);
        long srcHi = v6 ? r.nextLong() | 1 : 0;
        long srcLo = v6 ? r.nextLong() : IpAddress.v4(r.nextInt());
        long dstHi = v6 ? r.nextLong() | 1 : 0;
        long dstLo = v6 ? r.nextLong() : IpAddress.v4(r.nextInt());
        ByteBuffer b = ByteBuffer.allocate(v6 ? 40 : 12);
        if (v6) {
            b.putLong(srcHi)
                    .putLong(srcLo)
                    .putLong(dstHi)
                    .putLong(dstLo)
                    .putInt(length)
                    .putInt(protocol);
        } else {
            b.putInt((int) srcLo)
                    .putInt((int) dstLo)
                    .put((byte) 0)
                    .put((byte) protocol)
                    .putChar(length);
        }
        assertEquals(
                naive(b.array(), 0, b.capacity()),
                InternetChecksum.pseudoHeader(srcHi, srcLo, dstHi, dstLo, protocol, length));
    }

    @Test
    void thePseudoHeaderTakesLengthsBeyond16Bits() {
        // RFC 8200, section 8.1: the upper-layer packet length has 32 bits.
        int sum = InternetChecksum.pseudoHeader(1, 0, 0, 0, 0, 0x12345);
        assertEquals(1 + 1 + 0x2345, sum);
    }
}
