package dev.penstock.stack.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.penstock.stack.base.DropReason;
import dev.penstock.stack.buffer.Frame;
import dev.penstock.stack.buffer.TxOffload;
import dev.penstock.stack.device.TestFrames.Sink;
import dev.penstock.stack.wire.TcpHeader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PcapTapTest {
    private static final long START = 1_790_000_000_123_456_789L;

    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private final PcapngWriter writer = new PcapngWriter(Channels.newChannel(file), 65_600);
    private final Sink sink = new Sink(DeviceCapabilities.offloading(1500));
    private long now = START;

    private PcapTap tap(NetworkDevice device) {
        return PcapTap.over(device, writer, "penstock0", () -> now++);
    }

    /** One enhanced packet block, taken apart. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Packet(int interfaceId, long ns, int length, byte[] bytes, String comment, int direction) {}

    private List<Packet> packets() {
        writer.flush();
        ByteBuffer in = ByteBuffer.wrap(file.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        List<Packet> packets = new ArrayList<>();
        assertEquals(0x0A0D0D0A, in.getInt(0));
        assertEquals(0x1A2B3C4D, in.getInt(8));
        while (in.hasRemaining()) {
            int begin = in.position();
            int type = in.getInt();
            int length = in.getInt();
            assertEquals(0, length & 3);
            assertEquals(length, in.getInt(begin + length - 4), "the length stands at both ends");
            if (type == 6) {
                packets.add(packet(in, begin + length - 4));
            }
            in.position(begin + length);
        }
        return packets;
    }

    private static Packet packet(ByteBuffer in, int end) {
        int id = in.getInt();
        long ns = (long) in.getInt() << 32 | (in.getInt() & 0xffff_ffffL);
        byte[] bytes = new byte[in.getInt()];
        int length = in.getInt();
        in.get(bytes);
        in.position((in.position() + 3) & ~3);
        String comment = null;
        int direction = 0;
        while (in.position() < end) {
            int code = in.getShort();
            byte[] value = new byte[in.getShort()];
            in.get(value);
            in.position((in.position() + 3) & ~3);
            if (code == 1) {
                comment = new String(value, StandardCharsets.US_ASCII);
            } else if (code == 2) {
                direction = value[0];
            }
        }
        return new Packet(id, ns, length, bytes, comment, direction);
    }

    @Test
    void writesBothDirectionsWithTimesAndReasons() {
        PcapTap tap = tap(sink);
        Frame out = TestFrames.udp(TestFrames.pattern(33, 1));
        assertEquals(1, tap.offer(out));
        Frame good = TestFrames.udp(TestFrames.pattern(34, 2));
        Frame bad = TestFrames.udp(TestFrames.pattern(35, 3));
        byte[] badBytes = TestFrames.bytes(bad);
        sink.incoming.addAll(List.of(good, bad, good));
        tap.onDrop(DropReason.TCP_NO_SOCKET, good.buffer(), 0, 0);
        int polled = tap.poll(
                f -> {
                    if (f == bad) {
                        tap.onDrop(DropReason.UDP_NO_PORT, f.buffer(), f.start(), f.length());
                        tap.onDrop(DropReason.ICMP_RATE_LIMITED, f.buffer(), f.start(), f.length());
                        f.buffer().putByte(f.start(), (byte) 99);
                    }
                },
                10);
        assertEquals(3, polled);

        List<Packet> p = packets();
        assertEquals(4, p.size());
        assertArrayEquals(TestFrames.bytes(out), p.get(0).bytes);
        assertEquals(START, p.get(0).ns);
        assertEquals(PcapngWriter.OUTBOUND, p.get(0).direction);
        assertEquals(PcapngWriter.INBOUND, p.get(1).direction);
        assertEquals(null, p.get(1).comment);
        assertEquals("drop: UDP_NO_PORT", p.get(2).comment, "the first reason");
        assertArrayEquals(badBytes, p.get(2).bytes, "as it arrived, whatever the handler did to it");
        assertEquals(null, p.get(3).comment);
        assertEquals(START + 3, p.get(3).ns);
        assertEquals(4, writer.packets());
    }

    @Test
    void whatTheDeviceRefusedIsNotCaptured() {
        sink.room = 0;
        assertEquals(0, tap(sink).offer(TestFrames.udp(new byte[10])));
        assertEquals(0, packets().size());
    }

    @Test
    void completesChecksumsInTheCaptureOnly() {
        PcapTap tap = tap(sink);
        for (boolean v6 : new boolean[] {false, true}) {
            Frame tcp = TestFrames.withPayload(TestFrames.pattern(1001, 1), 3, 5);
            TestFrames.pushTcp(tcp, v6, TcpHeader.ACK, 12);
            byte[] before = TestFrames.bytes(tcp);
            tap.offer(tcp);
            assertArrayEquals(before, TestFrames.bytes(tcp));
            assertTrue(tcp.tx().checksumNeeded);
            Frame udp = TestFrames.withPayload(TestFrames.pattern(1001, 1), 2000);
            TestFrames.pushUdp(udp, v6);
            udp.tx().clear();
            udp.rx().partial = true;
            sink.incoming.add(udp);
            tap.poll(f -> assertTrue(f.rx().partial), 1);
        }
        List<Packet> p = packets();
        assertEquals(4, p.size());
        for (Packet packet : p) {
            assertTrue(TestFrames.checksumsRight(packet.bytes));
        }
    }

    @Test
    void aSuperSegmentIsCapturedAsFarAsItWasTaken() {
        Sink plain = new Sink(DeviceCapabilities.plain(1500));
        for (boolean v6 : new boolean[] {false, true}) {
            PcapTap tap = tap(SoftwareOffload.over(plain));
            Frame f = TestFrames.withPayload(TestFrames.pattern(5000, 1), 0, 999);
            TestFrames.pushTcp(f, v6, TcpHeader.ACK | TcpHeader.FIN | TcpHeader.PSH, 0);
            TestFrames.segmented(f, v6 ? TxOffload.GSO_TCPV6 : TxOffload.GSO_TCPV4, 1000);
            plain.room = 2;
            assertEquals(2, tap.offer(f));
            plain.room = 10;
            assertEquals(5, tap.offer(f));
        }
        Frame udp = TestFrames.withPayload(TestFrames.pattern(3000, 1), 0, 999);
        TestFrames.pushUdp(udp, false);
        TestFrames.segmented(udp, TxOffload.GSO_UDP_L4, 1000);
        plain.room = 2;
        assertEquals(2, tap(SoftwareOffload.over(plain)).offer(udp));

        List<Packet> p = packets();
        int[] lengths = {2054, 5054, 2074, 5074, 2042};
        for (int i = 0; i < lengths.length; i++) {
            assertEquals(lengths[i], p.get(i).length);
            assertTrue(TestFrames.checksumsRight(p.get(i).bytes), "packet " + i);
        }
        assertEquals(TcpHeader.ACK, TestFrames.u16(p.get(0).bytes, 46) & 0x1ff);
        assertEquals(TcpHeader.ACK | TcpHeader.FIN | TcpHeader.PSH, TestFrames.u16(p.get(1).bytes, 46) & 0x1ff);
    }

    @Test
    void keepsNoMoreThanTheSnapLength() {
        ByteArrayOutputStream shortFile = new ByteArrayOutputStream();
        PcapngWriter shortWriter = new PcapngWriter(Channels.newChannel(shortFile), 50);
        PcapTap.over(sink, shortWriter, "x", () -> 1).offer(TestFrames.udp(new byte[100]));
        shortWriter.close();
        file.writeBytes(shortFile.toByteArray());
        Packet p = packetsOf(shortFile.toByteArray());
        assertEquals(50, p.bytes.length);
        assertEquals(142, p.length);
    }

    private static Packet packetsOf(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (in.getInt(in.position()) != 6) {
            in.position(in.position() + in.getInt(in.position() + 4));
        }
        int begin = in.position();
        in.position(begin + 8);
        return packet(in, begin + in.getInt(begin + 4) - 4);
    }

    /** Takes so many bytes and then fails. */
    private static final class FullDisk implements WritableByteChannel {
        private int left;

        FullDisk(int bytes) {
            left = bytes;
        }

        @Override
        public int write(ByteBuffer src) throws IOException {
            if (left <= 0) {
                throw new IOException("No space left on device");
            }
            int n = Math.min(src.remaining(), left);
            src.position(src.position() + n);
            left -= n;
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() throws IOException {
            throw new IOException("cannot close either");
        }
    }

    @Test
    void aFullDiskEndsTheCaptureAndNothingElse() {
        PcapngWriter failing = new PcapngWriter(new FullDisk(100_000), 65_600);
        PcapTap tap = PcapTap.over(sink, failing, "x", () -> 1);
        Frame f = TestFrames.udp(new byte[1000]);
        for (int i = 0; i < 1000; i++) {
            assertEquals(1, tap.offer(f));
            sink.incoming.add(f);
            assertEquals(1, tap.poll(in -> {}, 1));
        }
        assertTrue(failing.isStopped());
        assertEquals(2, failing.errors(), "the write and the packet it was for");
        int id = failing.addInterface("y");
        failing.packet(id, 1, PcapngWriter.INBOUND, f.buffer(), f.start(), 60, null);
        assertEquals(4, failing.errors());
        failing.close();
        assertEquals(5, failing.errors());
        assertEquals(1000, sink.taken.size());
    }

    @Test
    void aLongCommentIsCutAndManyPacketsFitThroughTheBuffer() {
        Frame f = TestFrames.udp(TestFrames.pattern(1400, 1));
        int id = writer.addInterface("eth0");
        for (int i = 0; i < 1000; i++) {
            String comment = i == 500 ? "x".repeat(5000) : null;
            writer.packet(id, i, PcapngWriter.INBOUND, f.buffer(), f.start(), f.length(), comment);
        }
        List<Packet> p = packets();
        assertEquals(1000, p.size());
        assertEquals(PcapngWriter.MAX_COMMENT, p.get(500).comment.length());
        assertArrayEquals(TestFrames.bytes(f), p.get(999).bytes);
    }

    @Test
    void anIdleBlockingDeviceWritesOut() {
        MemoryWire wire = MemoryWire.plain(1500);
        PcapTap tap = tap(wire.a());
        BlockingDevice device = assertInstanceOf(BlockingDevice.class, tap);
        tap.offer(TestFrames.udp(new byte[10]));
        int before = file.size();
        device.await(1);
        assertTrue(file.size() > before);
        tap.close();
        assertFalse(wire.a().isUp());
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void tsharkFindsNothingWrong(@TempDir Path dir) throws IOException, InterruptedException {
        if (!hasTshark()) {
            if ("true".equals(System.getenv("CI"))) {
                fail("tshark is not installed");
            }
            Assumptions.abort("tshark is not installed");
        }
        Path capture = dir.resolve("test.pcapng");
        capture(capture);
        List<String> bad = tshark(
                dir,
                capture,
                "-Y",
                "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0");
        assertEquals(List.of(), bad);
        List<String> good = tshark(dir, capture, "-Y", "tcp.checksum.status == 1 || udp.checksum.status == 1");
        assertEquals(9, good.size());
        List<String> fields = tshark(
                dir,
                capture,
                "-T",
                "fields",
                "-E",
                "separator=|",
                "-e",
                "frame.time_epoch",
                "-e",
                "frame.interface_name",
                "-e",
                "frame.packet_flags_direction",
                "-e",
                "frame.comment",
                "-e",
                "frame.len");
        assertEquals(9, fields.size());
        assertTrue(fields.get(0).startsWith("1790000000.123456789|penstock0|0x00000002||"), fields.get(0));
        assertTrue(fields.get(8).endsWith("|penstock0|0x00000001|drop: TCP_NO_SOCKET|64054"), fields.get(8));
    }

    private void capture(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try (PcapngWriter toFile = new PcapngWriter(channel, 65_600)) {
            PcapTap tap = PcapTap.over(sink, toFile, "penstock0", () -> now++);
            for (boolean v6 : new boolean[] {false, true}) {
                Frame tcp = TestFrames.withPayload(TestFrames.pattern(1001, 1), 3, 5);
                TestFrames.pushTcp(tcp, v6, TcpHeader.ACK, 12);
                tap.offer(tcp);
                Frame udp = TestFrames.withPayload(TestFrames.pattern(301, 1), 3, 5);
                TestFrames.pushUdp(udp, v6);
                tap.offer(udp);
                Frame big = TestFrames.withPayload(TestFrames.pattern(64_000, 1), 0, 16_384, 16_384);
                TestFrames.pushTcp(big, v6, TcpHeader.ACK | TcpHeader.FIN, 0);
                tap.offer(TestFrames.segmented(big, v6 ? TxOffload.GSO_TCPV6 : TxOffload.GSO_TCPV4, 1440));
                sink.incoming.add(v6 ? TestFrames.udp(new byte[1]) : tcpPartial(1));
                tap.poll(f -> {}, 1);
            }
            sink.incoming.add(tcpPartial(64_000));
            tap.poll(f -> tap.onDrop(DropReason.TCP_NO_SOCKET, f.buffer(), f.start(), f.length()), 1);
        }
    }

    private static Frame tcpPartial(int payload) {
        Frame f = TestFrames.withPayload(TestFrames.pattern(payload, 1), payload);
        TestFrames.pushTcp(f, false, TcpHeader.ACK, 0);
        f.tx().clear();
        f.rx().partial = true;
        return f;
    }

    private static boolean hasTshark() throws InterruptedException {
        try {
            Process p = new ProcessBuilder("tshark", "--version")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return p.waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> tshark(Path dir, Path capture, String... more)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "tshark",
                "-r",
                capture.toString(),
                "-o",
                "ip.check_checksum:TRUE",
                "-o",
                "tcp.check_checksum:TRUE",
                "-o",
                "udp.check_checksum:TRUE"));
        command.addAll(List.of(more));
        Path errors = dir.resolve("tshark.err");
        Process p = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        List<String> lines = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        assertEquals(0, p.waitFor(), () -> {
            try {
                return Files.readString(errors);
            } catch (IOException e) {
                return e.toString();
            }
        });
        return lines;
    }
}
