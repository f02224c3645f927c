package dev.penstock.stack.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.device.TestFrames.Sink;
import dev.penstock.stack.wire.InternetChecksum;
import dev.penstock.stack.wire.TcpHeader;
import dev.penstock.stack.wire.Wire;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SoftwareOffloadTest {
    private static final int ALL_FLAGS = TcpHeader.ACK | TcpHeader.PSH | TcpHeader.FIN | TcpHeader.CWR | TcpHeader.ECE;

    private final Sink sink = new Sink(DeviceCapabilities.plain(1500));
    private final NetworkDevice device = SoftwareOffload.over(sink);

    @Property(tries = 300)
    void everyPieceIsAValidPacketAndTogetherTheyCarryEveryByte(
            @ForAll boolean v6,
            @ForAll @IntRange(min = 0, max = 20_000) int length,
            @ForAll @IntRange(min = 1, max = 1400) int mss,
            @ForAll @IntRange(min = 0, max = 3000) int inHead,
            @ForAll @Size(max = 5) List<@IntRange(min = 1, max = 999) Integer> slices,
            @ForAll @IntRange(min = 0, max = 8) int optionWords) {
        int gso = Math.max(mss, length / 500 + 1);
        byte[] payload = TestFrames.pattern(length, mss);
        Frame f = TestFrames.withPayload(payload, inHead, ints(slices));
        TestFrames.pushTcp(f, v6, ALL_FLAGS, optionWords * 4);
        TestFrames.segmented(f, v6 ? TxOffload.GSO_TCPV6 : TxOffload.GSO_TCPV4 | TxOffload.GSO_ECN, gso);
        byte[] before = TestFrames.bytes(f);

        Sink out = new Sink(DeviceCapabilities.plain(1500));
        int taken = SoftwareOffload.over(out).offer(f);

        int pieces = Math.max(1, (length + gso - 1) / gso);
        assertEquals(pieces, taken);
        assertEquals(pieces, out.taken.size());
        assertArrayEquals(before, TestFrames.bytes(f), "the caller's frame must not change");
        checkPieces(out, v6, optionWords, payload, gso);
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    private static void checkPieces(Sink out, boolean v6, int optionWords, byte[] payload, int gso) {
        int l4 = v6 ? 54 : 34;
        int headers = l4 + 20 + optionWords * 4;
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (int i = 0; i < out.taken.size(); i++) {
            byte[] piece = out.taken.get(i);
            boolean last = i == out.taken.size() - 1;
            assertTrue(TestFrames.checksumsRight(piece), "checksums of piece " + i);
            assertEquals(false, out.checksumNeeded.get(i));
            assertEquals(TxOffload.GSO_NONE, out.gsoTypes.get(i));
            assertEquals(TestFrames.SEQUENCE + i * gso, TestFrames.i32(piece, l4 + 4));
            if (!v6) {
                assertEquals((TestFrames.IDENTIFICATION + i) & 0xffff, TestFrames.u16(piece, 18));
            }
            int expected = TcpHeader.ACK | TcpHeader.ECE;
            expected |= last ? TcpHeader.PSH | TcpHeader.FIN : 0;
            expected |= i == 0 ? TcpHeader.CWR : 0;
            assertEquals(expected, TestFrames.u16(piece, l4 + 12) & 0x1ff, "flags of piece " + i);
            assertTrue(last || piece.length == headers + gso);
            joined.write(piece, headers, piece.length - headers);
        }
        assertArrayEquals(payload, joined.toByteArray());
    }

    @Property(tries = 300)
    void completesTheChecksumOfAWholePacketAcrossOddSlices(
            @ForAll boolean v6,
            @ForAll boolean udp,
            @ForAll @IntRange(min = 0, max = 1400) int length,
            @ForAll @IntRange(min = 0, max = 1400) int inHead,
            @ForAll @Size(max = 5) List<@IntRange(min = 1, max = 999) Integer> slices) {
        Frame f = TestFrames.withPayload(TestFrames.pattern(length, inHead), inHead, ints(slices));
        if (udp) {
            TestFrames.pushUdp(f, v6);
        } else {
            TestFrames.pushTcp(f, v6, TcpHeader.ACK, 0);
        }
        byte[] before = TestFrames.bytes(f);
        Sink out = new Sink(DeviceCapabilities.plain(1500));
        assertEquals(1, SoftwareOffload.over(out).offer(f));
        assertTrue(TestFrames.checksumsRight(out.taken.get(0)));
        assertEquals(false, out.checksumNeeded.get(0));
        assertArrayEquals(before, TestFrames.bytes(f));
        assertTrue(f.tx().checksumNeeded);
    }

    @Test
    void cutsUdpSuperDatagrams() {
        for (boolean v6 : new boolean[] {false, true}) {
            sink.taken.clear();
            byte[] payload = TestFrames.pattern(2500, 1);
            Frame f = TestFrames.withPayload(payload, 0, 1001);
            TestFrames.pushUdp(f, v6);
            assertEquals(3, device.offer(TestFrames.segmented(f, TxOffload.GSO_UDP_L4, 1000)));
            int headers = v6 ? 62 : 42;
            for (int i = 0; i < 3; i++) {
                byte[] piece = sink.taken.get(i);
                assertTrue(TestFrames.checksumsRight(piece));
                byte[] part = Arrays.copyOfRange(payload, i * 1000, Math.min(2500, (i + 1) * 1000));
                assertArrayEquals(part, Arrays.copyOfRange(piece, headers, piece.length));
            }
        }
    }

    @Test
    void aUdpChecksumThatComesOutAsZeroIsSentAsAllOnes() {
        // RFC 768: "If the computed checksum is zero, it is transmitted as all ones".
        byte[] payload = new byte[2];
        Frame f = TestFrames.withPayload(payload, 2);
        TestFrames.pushUdp(f, false);
        int sum = InternetChecksum.sum(f.buffer(), f.transportOffset(), 10);
        Wire.u16(f.buffer(), f.transportOffset() + 8, InternetChecksum.finish(sum));
        device.offer(f);
        assertEquals(0xffff, TestFrames.u16(sink.taken.get(0), 40));
        assertTrue(TestFrames.checksumsRight(sink.taken.get(0)));
    }

    @Test
    void tellsHowManyPiecesADeviceTookBeforeItWasFull() {
        Frame f = TestFrames.withPayload(TestFrames.pattern(5000, 3), 0);
        TestFrames.pushTcp(f, false, ALL_FLAGS, 0);
        TestFrames.segmented(f, TxOffload.GSO_TCPV4, 1000);
        sink.room = 3;
        assertEquals(3, device.offer(f));
        sink.room = 0;
        assertEquals(0, device.offer(f));
        assertEquals(3, sink.taken.size());
        assertEquals(0, TestFrames.u16(sink.taken.get(2), 46) & TcpHeader.FIN);
    }

    @Test
    void finishedFramesPassAsTheyAre() {
        Frame f = TestFrames.withPayload(new byte[60], 60);
        assertEquals(1, device.offer(f));
        assertArrayEquals(new byte[60], sink.taken.get(0));
        sink.room = 0;
        assertEquals(0, device.offer(f));
    }

    @Test
    void leavesToTheDeviceWhatItCanDo() {
        Sink checksums = new Sink(new DeviceCapabilities(1500, true, false, false, false, 1500));
        Frame f = TestFrames.withPayload(TestFrames.pattern(2000, 3), 0);
        TestFrames.pushTcp(f, false, ALL_FLAGS, 0);
        TestFrames.segmented(f, TxOffload.GSO_TCPV4, 1000);
        assertEquals(2, SoftwareOffload.over(checksums).offer(f));
        for (int i = 0; i < 2; i++) {
            byte[] piece = checksums.taken.get(i);
            assertTrue(checksums.checksumNeeded.get(i));
            int pseudo = InternetChecksum.pseudoHeader(0, TestFrames.SRC4.lo(), 0, TestFrames.DST4.lo(), 6, 1020);
            assertEquals(pseudo, TestFrames.u16(piece, 50), "the field holds the piece's own pseudo-header sum");
        }

        Sink tso4 = new Sink(new DeviceCapabilities(1500, true, true, false, false, 65_535));
        assertEquals(1, SoftwareOffload.over(tso4).offer(f));
        assertEquals(TxOffload.GSO_TCPV4, tso4.gsoTypes.get(0));

        Sink shortTso = new Sink(new DeviceCapabilities(1500, true, true, true, true, 1900));
        assertEquals(2, SoftwareOffload.over(shortTso).offer(f));
    }

    @Test
    void aDeviceThatCanDoAllIsLeftAlone() {
        Sink able = new Sink(new DeviceCapabilities(1500, true, true, true, true, 65_535));
        assertSame(able, SoftwareOffload.over(able));
        assertEquals(able.capabilities, device.capabilities());
        assertInstanceOf(
                BlockingDevice.class,
                SoftwareOffload.over(MemoryWire.plain(1500).a()));
    }

    @Test
    void aSuperSegmentThatContradictsItselfIsAnErrorOfTheCaller() {
        Frame f = TestFrames.withPayload(TestFrames.pattern(5000, 3), 0);
        TestFrames.pushTcp(f, false, ALL_FLAGS, 0);
        for (int size : new int[] {0, -1, 1461}) {
            TestFrames.segmented(f, TxOffload.GSO_TCPV4, size);
            assertThrows(IllegalArgumentException.class, () -> device.offer(f));
        }
        assertEquals(0, sink.taken.size());
    }

    @Test
    void cutsBehindAVlanTag() {
        Frame f = TestFrames.withPayload(TestFrames.pattern(1500, 3), 0);
        TestFrames.pushTcp(f, false, ALL_FLAGS, 0);
        TestFrames.segmented(f, TxOffload.GSO_TCPV4, 1000);
        byte[] plain = TestFrames.bytes(f);
        f.setBounds(f.start() - 4, f.headLength() + 4);
        f.buffer().putBytes(f.start(), plain, 0, 12);
        Wire.u32(f.buffer(), f.start() + 12, 0x8100_0005);
        f.tx().csumStart += 4;
        f.tx().headerLength += 4;
        assertEquals(2, device.offer(f));
        for (byte[] piece : sink.taken) {
            byte[] untagged = new byte[piece.length - 4];
            System.arraycopy(piece, 0, untagged, 0, 12);
            System.arraycopy(piece, 16, untagged, 12, untagged.length - 12);
            assertTrue(TestFrames.checksumsRight(untagged));
        }
    }

    @Test
    void closesItsDevice() {
        assertTrue(device.isUp());
        device.close();
        assertTrue(sink.closed);
        assertEquals(false, device.isUp());
    }
}
