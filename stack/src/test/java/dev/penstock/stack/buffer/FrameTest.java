package dev.penstock.stack.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.base.RandomSource;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class FrameTest {

    static byte[] bytes(Frame f) {
        UnsafeBuffer dst = new UnsafeBuffer(new byte[f.length() + 4]);
        f.copyTo(dst, 2);
        return Arrays.copyOfRange(dst.byteArray(), 2, 2 + f.length());
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] c = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, c, a.length, b.length);
        return c;
    }

    private static byte[] random(RandomSource r, int length) {
        byte[] b = new byte[length];
        for (int i = 0; i < length; i++) {
            b[i] = (byte) r.nextInt();
        }
        return b;
    }

    @Property(tries = 300)
    void isItsHeadersBodyAndSlicesInOrder(@ForAll long seed) {
        RandomSource r = RandomSource.seeded(seed);
        Frame f = new Frame(500);
        byte[] model = new byte[0];
        for (int i = r.nextInt(4); i > 0; i--) {
            byte[] body = random(r, r.nextInt(100));
            f.append(new UnsafeBuffer(body), 0, body.length);
            model = concat(model, body);
        }
        for (int i = r.nextInt(Frame.MAX_SLICES + 1); i > 0; i--) {
            byte[] slice = random(r, 50);
            int from = r.nextInt(20);
            f.addSlice(new UnsafeBuffer(slice), from, 30);
            model = concat(model, Arrays.copyOfRange(slice, from, from + 30));
        }
        int body = f.headLength();
        for (int layer = 0; layer < 3; layer++) {
            byte[] header = random(r, r.nextInt(50));
            int at = layer == 0
                    ? f.pushTransport(header.length)
                    : layer == 1 ? f.pushNetwork(header.length) : f.pushLink(header.length);
            assertEquals(f.start(), at);
            f.buffer().putBytes(at, header);
            model = concat(header, model);
        }
        assertEquals(model.length, f.length());
        assertEquals(f.end() - f.start(), f.headLength());
        assertArrayEquals(model, bytes(f));
        assertEquals(500 - body, f.tailroom());
    }

    @Test
    void aSecondPushIsAnError() {
        Frame f = new Frame(10);
        assertEquals(-1, f.transportOffset());
        f.pushTransport(20);
        f.pushNetwork(20);
        f.pushLink(14);
        assertEquals(Frame.HEADROOM - 20, f.transportOffset());
        assertEquals(Frame.HEADROOM - 40, f.networkOffset());
        assertEquals(Frame.HEADROOM - 54, f.linkOffset());
        assertThrows(IllegalStateException.class, () -> f.pushTransport(1));
        assertThrows(IllegalStateException.class, () -> f.pushNetwork(1));
        assertThrows(IllegalStateException.class, () -> f.pushLink(1));
        f.popLink(14);
        assertEquals(-1, f.linkOffset());
        assertEquals(Frame.HEADROOM - 40, f.start());
        f.pushLink(14);
    }

    @Test
    void noMoreThanThereIsRoomFor() {
        Frame f = new Frame(10);
        assertThrows(IllegalStateException.class, () -> f.pushLink(Frame.HEADROOM + 1));
        assertThrows(IllegalArgumentException.class, () -> f.append(11));
        assertThrows(IllegalArgumentException.class, () -> f.append(-1));
        f.append(10);
        assertEquals(0, f.tailroom());
        for (int i = 0; i < Frame.MAX_SLICES; i++) {
            f.addSlice(f.buffer(), 0, 1);
        }
        assertThrows(IllegalStateException.class, () -> f.addSlice(f.buffer(), 0, 1));
        assertThrows(IllegalArgumentException.class, () -> f.setBounds(-1, 0));
        assertThrows(IllegalArgumentException.class, () -> f.setBounds(0, -1));
        assertThrows(IllegalArgumentException.class, () -> f.setBounds(1, Frame.HEADROOM + 10));
        assertThrows(IllegalArgumentException.class, () -> f.setBounds(Integer.MAX_VALUE, Integer.MAX_VALUE));
        f.setBounds(0, Frame.HEADROOM + 10);
        assertEquals(Frame.HEADROOM + 10, f.headLength());
    }

    @Test
    void resetForgetsEverything() {
        Frame f = new Frame(100);
        f.append(50);
        f.addSlice(f.buffer(), 0, 10);
        f.pushTransport(8);
        f.tx().checksumNeeded = true;
        f.tx().gsoType = TxOffload.GSO_TCPV4;
        f.tx().gsoSize = 5;
        f.tx().csumStart = 5;
        f.tx().csumOffset = 5;
        f.tx().headerLength = 5;
        f.rx().partial = true;
        f.rx().verified = true;
        f.rx().gsoSize = 9;
        assertTrue(f.rx().checksumTrusted());
        f.release();
        assertEquals(0, f.length());
        assertEquals(0, f.sliceCount());
        assertNull(f.sliceBuffer(0));
        assertEquals(Frame.HEADROOM, f.start());
        assertEquals(-1, f.transportOffset());
        assertFalse(f.tx().checksumNeeded);
        assertEquals(TxOffload.GSO_NONE, f.tx().gsoType);
        assertEquals(0, f.tx().gsoSize + f.tx().csumStart + f.tx().csumOffset + f.tx().headerLength);
        assertFalse(f.rx().checksumTrusted());
        assertEquals(0, f.rx().gsoSize);
        f.reset(10);
        assertEquals(10, f.start());
    }

    @Test
    void offloadsCopy() {
        Frame a = new Frame(1);
        a.tx().checksumNeeded = true;
        a.tx().csumStart = 1;
        a.tx().csumOffset = 2;
        a.tx().gsoType = 3;
        a.tx().gsoSize = 4;
        a.tx().headerLength = 5;
        Frame b = new Frame(1);
        b.tx().copyFrom(a.tx());
        assertTrue(b.tx().checksumNeeded);
        assertEquals(1, b.tx().csumStart);
        assertEquals(2, b.tx().csumOffset);
        assertEquals(3, b.tx().gsoType);
        assertEquals(4, b.tx().gsoSize);
        assertEquals(5, b.tx().headerLength);
    }

    @Test
    void aPoolLendsUpToItsLimitAndNoticesLeaks() {
        FramePool pool = new FramePool(100, 2);
        assertEquals(100, pool.frameCapacity());
        Frame a = pool.acquire();
        Frame b = pool.acquire();
        assertNotSame(a, b);
        assertNull(pool.acquire());
        assertEquals(1, pool.exhausted());
        assertEquals(2, pool.outstanding());
        assertThrows(IllegalStateException.class, pool::assertAllReturned);
        a.append(100);
        a.release();
        assertThrows(IllegalStateException.class, a::release);
        assertSame(a, pool.acquire());
        assertEquals(0, a.length(), "a frame comes out empty");
        a.release();
        b.release();
        pool.assertAllReturned();
        assertEquals(0, pool.outstanding());
        assertThrows(IllegalArgumentException.class, () -> new FramePool(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new FramePool(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new FramePool(Frame.MAX_LENGTH + 1, 1));
    }
}
