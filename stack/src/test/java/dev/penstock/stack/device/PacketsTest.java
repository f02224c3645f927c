package dev.penstock.stack.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.wire.Wire;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class PacketsTest {

    @Property
    void anyBytesAreSafe(@ForAll byte[] bytes, @ForAll @IntRange(max = 5) int type) {
        byte[] b = Arrays.copyOf(bytes, bytes.length + 14);
        int[] types = {0x0800, 0x86dd, 0x8100, 0x88a8, 0x0806, 0};
        b[12] = (byte) (types[type] >>> 8);
        b[13] = (byte) types[type];
        if (b.length > 14 && type < 2) {
            b[14] = (byte) (type == 0 ? 0x40 | (b[14] & 15) : 0x60);
        }
        for (int length = 0; length <= b.length; length++) {
            // Exactly as long as the frame: a read beyond it is caught by the bounds check.
            UnsafeBuffer exact = new UnsafeBuffer(Arrays.copyOf(b, length));
            Packets.completeChecksum(exact, 0, length);
            assertEquals(length, exact.capacity());
        }
    }

    @Test
    void findsTheTransportBehindExtensionHeaders() {
        Frame f = TestFrames.withPayload(TestFrames.pattern(101, 1), 200);
        TestFrames.pushUdp(f, true);
        byte[] plain = TestFrames.bytes(f);
        Packets.completeChecksum(f.buffer(), f.start(), f.length());
        byte[] completed = TestFrames.bytes(f);
        assertTrue(TestFrames.checksumsRight(completed));

        byte[] extended = new byte[plain.length + 24];
        System.arraycopy(plain, 0, extended, 0, 54);
        extended[20] = 0;
        extended[19] = (byte) (extended[19] + 24);
        extended[54] = 60;
        extended[62] = 17;
        extended[63] = 1;
        System.arraycopy(plain, 54, extended, 78, plain.length - 54);
        UnsafeBuffer b = new UnsafeBuffer(extended);
        Packets.completeChecksum(b, 0, extended.length);
        assertEquals(Wire.u16(new UnsafeBuffer(completed), 60), Wire.u16(b, 84));
    }

    @Test
    void leavesFragmentsAlone() {
        Frame f = TestFrames.withPayload(TestFrames.pattern(101, 1), 200);
        TestFrames.pushUdp(f, false);
        Wire.u16(f.buffer(), f.start() + 20, 0x2000);
        byte[] before = TestFrames.bytes(f);
        Packets.completeChecksum(f.buffer(), f.start(), f.length());
        assertArrayEquals(before, TestFrames.bytes(f));
    }

    @Property
    void copiesAnyPartOfASlicedFrame(
            @ForAll @IntRange(max = 300) int from,
            @ForAll @IntRange(max = 300) int length,
            @ForAll @IntRange(max = 300) int inHead,
            @ForAll @IntRange(min = 1, max = 100) int slice) {
        byte[] bytes = TestFrames.pattern(600, 1);
        Frame f = TestFrames.withPayload(bytes, inHead, slice, 1, slice);
        UnsafeBuffer dst = new UnsafeBuffer(new byte[length + 2]);
        Packets.copy(f, from, length, dst, 1);
        byte[] expected = new byte[length + 2];
        System.arraycopy(bytes, from, expected, 1, length);
        assertArrayEquals(expected, dst.byteArray());
    }
}
